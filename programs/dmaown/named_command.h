/* SPDX-License-Identifier: MIT */
/* Commands by their names. */
#ifndef DMAOWN_DMAOWN_NAMED_COMMAND_H
#define DMAOWN_DMAOWN_NAMED_COMMAND_H

#include "command.h"

/* The command of that name; NULL: there is none, and the one that was meant was printed. */
const struct command *named_command(const struct command *all, const char *name);

#endif
