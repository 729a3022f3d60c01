/* SPDX-License-Identifier: MIT */
/* count_states MODEL [-DNAME=VALUE]…: what `count` tells of a model, of its twin in C. */
#include "explore.h"
#include "twins.h"

#include <inttypes.h>
#include <string.h>

int main(int argc, char **argv)
{
	const struct explore_options all = {.max_preemptions = -1, .keep_going = true};
	struct twin_options options = {.threads = 2, .rounds = 1};
	const struct subject *subject;
	struct exploration exploration;
	int err;

	for (int i = 2; i < argc; i++)
		if (!twin_read_option(&options, argv[i])) {
			fprintf(stderr, "count_states: %s: no such option\n", argv[i]);
			return 2;
		}
	subject = argc > 1 ? twin_find(argv[1], &options) : NULL;
	if (!subject) {
		fprintf(stderr, "usage: count_states MODEL [-DNAME=VALUE]...\n");
		return 2;
	}
	err = explore_states(subject, &all, &exploration);
	if (err || exploration.bound != BOUND_NONE) {
		fprintf(stderr, "count_states: %s: %s\n", argv[1],
			err ? strerror(-err) : "not all was explored");
		return 1;
	}
	printf("states=%" PRIu64 " transitions=%" PRIu64 "\n", exploration.covered.states,
	       exploration.covered.transitions);
	exploration_release(&exploration);
	return 0;
}
