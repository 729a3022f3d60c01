/* SPDX-License-Identifier: MIT */
/* Reading options: those of every command, which may stand before or after its name, and those of
 * one command. What a value means is told by option_value.h. */
#ifndef DMAOWN_DMAOWN_OPTIONS_H
#define DMAOWN_DMAOWN_OPTIONS_H

#include "command.h"

#include <getopt.h>

/* What command_option() returns for an option that it has dealt with. Options of a command have
 * values above; those that are printable characters are short options too. */
enum { OPTION_END = -1, OPTION_BAD = 0 };

/*
 * Returns the command's next option out of its `own`, which ends with an all-zero entry and may be
 * NULL, with its argument in optarg; OPTION_END after the last one, when optind is at the first
 * operand; OPTION_BAD for one that is wrong, after having said so. Options of every command are
 * dealt with here: --help and --version end the program.
 */
int command_option(struct context *context, int argc, char **argv, const struct option *own);

/* The same for a command that has no options of its own: true if all options are good. */
bool command_takes_no_options(struct context *context, int argc, char **argv);

/* The options that stand before the command; afterwards optind is at the command's name. */
bool global_options(struct context *context, int argc, char **argv);

#endif
