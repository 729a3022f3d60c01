/* SPDX-License-Identifier: MIT */
/* dmaown: finds the command and runs it. */
#include "command.h"
#include "complain.h"
#include "nearest.h"
#include "options.h"
#include "start.h"

#include <errno.h>
#include <string.h>

static const struct command *find_command(const char *name)
{
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

enum { MOST_COMMANDS = 32 };

static int complain_no_command(const char *name)
{
	const char *names[MOST_COMMANDS + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < MOST_COMMANDS && commands[i].name; i++)
		names[i] = commands[i].name;
	nearest = nearest_word(name, names);
	if (nearest)
		return complain(EXIT_USAGE, name, "no such command (did you mean %s?)", nearest);
	return complain(EXIT_USAGE, name, "no such command (dmaown --help lists them)");
}

int main(int argc, char **argv)
{
	struct context context = {.arguments = argv, .commands = commands};
	int err = start_descriptors();

	if (err)
		return complain(EXIT_FAILED, "/dev/null", "%s", strerror(-err));
	start_signals(&context.found);
	if (!global_options(&context, argc, argv))
		return EXIT_USAGE;
	if (optind == argc)
		return complain(EXIT_USAGE, NULL, "name a command (dmaown --help lists them)");
	context.command = find_command(argv[optind]);
	if (!context.command)
		return complain_no_command(argv[optind]);
	argc -= optind;
	argv += optind;
	optind = 0;
	return context.command->run(&context, argc, argv);
}
