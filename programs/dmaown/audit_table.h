/* SPDX-License-Identifier: MIT */
/* The table of `dmaown audit`: one row an event. */
#ifndef DMAOWN_DMAOWN_AUDIT_TABLE_H
#define DMAOWN_DMAOWN_AUDIT_TABLE_H

#include "command.h"

#include <jansson.h>

/* Prints the events, an array, in their order. */
void print_events(const struct context *context, const json_t *events);

#endif
