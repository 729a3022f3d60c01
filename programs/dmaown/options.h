/* SPDX-License-Identifier: MIT */
/*
 * Reads options: those of every command, which may stand before or after its name, and those of one
 * command. option_value.h says what a value means.
 */
#ifndef DMAOWN_DMAOWN_OPTIONS_H
#define DMAOWN_DMAOWN_OPTIONS_H

#include "command.h"

#include <getopt.h>

/*
 * What command_option() returns at the end, and for a wrong option. The options of a command have
 * larger values; those that are printable characters are short options too.
 */
enum { OPTION_END = -1, OPTION_BAD = 0 };

/*
 * Returns the command's next option, one of `own`, with its argument in optarg. `own` ends with an
 * all-zero entry and may be NULL. After the last option it returns OPTION_END, and optind is at the
 * first operand. For a wrong option it prints the reason and returns OPTION_BAD. It handles the
 * options of every command itself; --help and --version end the program.
 */
int command_option(struct context *context, int argc, char **argv, const struct option *own);

/* The same for a command that has no options of its own: true if all options are good. */
bool command_takes_no_options(struct context *context, int argc, char **argv);

/*
 * Reads the options that stand before the command; afterwards optind is at the command's name.
 * false: one is wrong, and the reason was printed.
 */
bool global_options(struct context *context, int argc, char **argv);

#endif
