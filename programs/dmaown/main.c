/* SPDX-License-Identifier: MIT */
/* dmaown: finds the command and runs it. */
#include "command.h"
#include "complain.h"
#include "named_command.h"
#include "options.h"
#include "start.h"

#include <errno.h>
#include <string.h>

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
	context.command = named_command(commands, argv[optind]);
	if (!context.command)
		return EXIT_USAGE;
	argc -= optind;
	argv += optind;
	optind = 0;
	return context.command->run(&context, argc, argv);
}
