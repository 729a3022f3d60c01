/* SPDX-License-Identifier: MIT */
#include "array.h"
#include "explore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *explore_bound_name(enum explore_bound bound)
{
	static const char *const names[] = {
		[BOUND_NONE] = "nothing",
		[BOUND_STATES] = "--max-states",
		[BOUND_PREEMPTIONS] = "--preemptions",
		[BOUND_MEMORY] = "--memory",
		[BOUND_EXHAUSTED] = "want of memory",
		[BOUND_TIME] = "--time",
		[BOUND_ARENA] = "the arena's size",
		[BOUND_INTERRUPTED] = "an interrupt",
	};

	return names[bound];
}

struct naming {
	struct exploration *exploration;
	const struct subject *subject;
	int err;
};

static char *name_of(const struct subject *subject, const void *lock)
{
	char *name = NULL;
	size_t size;
	FILE *out = open_memstream(&name, &size);

	if (!out)
		return NULL;
	if (!subject->name || !subject->name(subject->context, lock, out))
		fputs("a lock", out);
	return fclose(out) ? NULL : name;
}

static void add_pair(void *context, const void *held, const void *taken)
{
	struct naming *naming = context;
	struct exploration *exploration = naming->exploration;
	struct lock_pair *pairs = array_with_room(exploration->lock_pairs,
						  exploration->lock_pair_count, sizeof(*pairs));
	struct lock_pair *pair;

	if (!pairs) {
		naming->err = -ENOMEM;
		return;
	}
	exploration->lock_pairs = pairs;
	pair = &pairs[exploration->lock_pair_count++];
	pair->held = name_of(naming->subject, held);
	pair->taken = name_of(naming->subject, taken);
	if (!pair->held || !pair->taken)
		naming->err = -ENOMEM;
}

static int compare_pairs(const void *one, const void *other)
{
	const struct lock_pair *a = one, *b = other;
	int order = strcmp(a->held, b->held);

	return order ? order : strcmp(a->taken, b->taken);
}

int exploration_note_locks(struct exploration *exploration, struct execution *execution)
{
	struct naming naming = {exploration, execution_subject(execution), 0};

	execution_restart(execution);
	execution_for_lock_pairs(execution, add_pair, &naming);
	if (!naming.err && exploration->lock_pair_count)
		qsort(exploration->lock_pairs, exploration->lock_pair_count,
		      sizeof(*exploration->lock_pairs), compare_pairs);
	return naming.err;
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
