/* SPDX-License-Identifier: MIT */
#include "help_text.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>

static const char common_help[] =
	"\n"
	"  --machine live|FILE         use this host, or a machine file\n"
	"  --sysroot DIR               use the host whose root directory is DIR\n"
	"  --json                      print JSON\n"
	"  -q, --quiet                 print less\n"
	"  -v, --verbose               print more\n"
	"  --color=auto|always|never   color the output; auto: on a terminal\n"
	"  --help, --version           print this help, or the version\n"
	"\n"
	"WHAT is a device's address (0000:02:01.0, 02:01.0, a platform device's name) or "
	"group:8.\n";

static void print_help_of(const struct command *command)
{
	printf("usage: dmaown [OPTION...] %s %s\n\n%s\n", command->name, command->arguments,
	       command->summary);
	if (command->options)
		printf("\n%s", command->options);
	fputs(common_help, stdout);
	printf("\nexample: %s\n", command->example);
}

static void print_help_of_all(const struct command *all)
{
	printf("usage: dmaown [OPTION...] COMMAND\n\n");
	for (const struct command *command = all; command->name; command++)
		printf("  %-9s %-26s  %s\n", command->name, command->arguments, command->summary);
	fputs(common_help, stdout);
	printf("\ndmaown help COMMAND shows the options of a command.\n");
}

void print_help(const struct context *context)
{
	if (context->command)
		print_help_of(context->command);
	else
		print_help_of_all(context->commands);
	exit(finish_output());
}
