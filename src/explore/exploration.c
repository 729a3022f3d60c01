/* SPDX-License-Identifier: MIT */
#include "explore.h"

#include <stdlib.h>

const char *explore_bound_name(enum explore_bound bound)
{
	static const char *const names[] = {
		[BOUND_NONE] = "nothing",
		[BOUND_STATES] = "--max-states",
		[BOUND_PREEMPTIONS] = "--preemptions",
		[BOUND_MEMORY] = "--memory",
		[BOUND_TIME] = "--time",
		[BOUND_ARENA] = "the arena's size",
		[BOUND_INTERRUPTED] = "an interrupt",
	};

	return names[bound];
}

void exploration_release(struct exploration *exploration)
{
	for (size_t i = 0; i < exploration->lock_pair_count; i++) {
		free(exploration->lock_pairs[i].held);
		free(exploration->lock_pairs[i].taken);
	}
	free(exploration->lock_pairs);
	free(exploration->schedule);
	*exploration = (struct exploration) {.bound = BOUND_NONE};
}
