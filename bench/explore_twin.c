/* SPDX-License-Identifier: MIT */
/*
 * explore_twin states|traces MODEL [-DNAME=VALUE]…: explores a model's twin (tests/spin) to its
 * end, by one engine or the other, and prints what was covered and the memory that it took.
 */
#include "explore.h"
#include "twins.h"

#include <inttypes.h>
#include <string.h>

static const struct explore_options all = {.max_preemptions = -1, .keep_going = true};

static int explore(const char *engine, const struct subject *subject, struct exploration *out)
{
	return strcmp(engine, "states") == 0 ? explore_states(subject, &all, out)
					     : explore_traces(subject, &all, out);
}

static void print(const struct explore_progress *covered)
{
	printf("states=%" PRIu64 " transitions=%" PRIu64 " executions=%" PRIu64
	       " redundant=%" PRIu64 " memory=%zu\n",
	       covered->states, covered->transitions, covered->executions, covered->redundant,
	       covered->memory);
}

int main(int argc, char **argv)
{
	struct twin_options options = {.threads = 2, .rounds = 1};
	const struct subject *subject;
	struct exploration exploration;
	int err;

	for (int i = 3; i < argc; i++)
		if (!twin_read_option(&options, argv[i])) {
			fprintf(stderr, "explore_twin: %s: no such option\n", argv[i]);
			return 2;
		}
	subject = argc > 2 ? twin_find(argv[2], &options) : NULL;
	if (!subject) {
		fprintf(stderr, "usage: explore_twin states|traces MODEL [-DNAME=VALUE]...\n");
		return 2;
	}
	err = explore(argv[1], subject, &exploration);
	if (err || exploration.bound != BOUND_NONE) {
		fprintf(stderr, "explore_twin: %s: %s\n", argv[2],
			err ? strerror(-err) : "not all was explored");
		return 1;
	}
	print(&exploration.covered);
	exploration_release(&exploration);
	return 0;
}
