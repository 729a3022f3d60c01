/* SPDX-License-Identifier: MIT */
/* count_states MODEL [-DNAME=VALUE]…: what `count` tells of a model, of its twin in C. */
#include "explore.h"
#include "twins.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "-DK=3": where the number goes. NULL: no such option. */
static unsigned int *number_of(struct twin_options *options, const char *name)
{
	const struct {
		const char *name;
		unsigned int *number;
	} numbers[] = {
		{"-DN=", &options->threads},         {"-DTHREADS=", &options->threads},
		{"-DCONSUMERS=", &options->threads}, {"-DPRODUCERS=", &options->others},
		{"-DCLAIMERS=", &options->others},   {"-DK=", &options->rounds},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strncmp(name, numbers[i].name, strlen(numbers[i].name)) == 0)
			return numbers[i].number;
	return NULL;
}

static bool read_option(struct twin_options *options, const char *argument)
{
	unsigned int *number = number_of(options, argument);

	if (number)
		*number = (unsigned int)strtoul(strchr(argument, '=') + 1, NULL, 10);
	else if (strcmp(argument, "-DBROADCAST") == 0)
		options->broadcast = true;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	const struct explore_options all = {.max_preemptions = -1, .keep_going = true};
	struct twin_options options = {.threads = 2, .rounds = 1};
	const struct subject *subject;
	struct exploration exploration;
	int err;

	for (int i = 2; i < argc; i++)
		if (!read_option(&options, argv[i])) {
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
