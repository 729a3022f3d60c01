/* SPDX-License-Identifier: MIT */
/* What --help says: of a command its options and an example, of dmaown its commands. */
#ifndef DMAOWN_DMAOWN_HELP_TEXT_H
#define DMAOWN_DMAOWN_HELP_TEXT_H

#include "command.h"

/* Prints the help of context->command, of dmaown if that is NULL, and ends the program. */
_Noreturn void print_help(const struct context *context);

#endif
