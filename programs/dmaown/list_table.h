/* SPDX-License-Identifier: MIT */
/*
 * The table of `dmaown list`: one row a device, ordered by group; a group is named in its first
 * row, and what has no group comes last.
 */
#ifndef DMAOWN_DMAOWN_LIST_TABLE_H
#define DMAOWN_DMAOWN_LIST_TABLE_H

#include "command.h"
#include "facts.h"

/* -ENOMEM: nothing was printed. */
int print_list(const struct context *context, const struct facts *facts);

#endif
