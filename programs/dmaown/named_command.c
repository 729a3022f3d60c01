/* SPDX-License-Identifier: MIT */
#include "named_command.h"
#include "complain.h"
#include "nearest.h"

#include <string.h>

enum { MOST_COMMANDS = 32 };

static void complain_no_command(const struct command *all, const char *name)
{
	const char *names[MOST_COMMANDS + 1] = {NULL}, *nearest;

	for (size_t i = 0; i < MOST_COMMANDS && all[i].name; i++)
		names[i] = all[i].name;
	nearest = nearest_word(name, names);
	if (nearest)
		complain(EXIT_USAGE, name, "no such command (did you mean %s?)", nearest);
	else
		complain(EXIT_USAGE, name, "no such command (dmaown --help lists them)");
}

const struct command *named_command(const struct command *all, const char *name)
{
	for (const struct command *command = all; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	complain_no_command(all, name);
	return NULL;
}
