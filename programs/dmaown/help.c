/* SPDX-License-Identifier: MIT */
/* dmaown help: the same as --help, for a command that is named. */
#include "command.h"
#include "complain.h"
#include "help_text.h"
#include "named_command.h"
#include "options.h"

int command_help(struct context *context, int argc, char **argv)
{
	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (argc - optind > 1)
		return complain(EXIT_USAGE, argv[optind + 1], "too much (help takes one command)");
	context->command = NULL;
	if (optind < argc) {
		context->command = named_command(context->commands, argv[optind]);
		if (!context->command)
			return EXIT_USAGE;
	}
	print_help(context);
}
