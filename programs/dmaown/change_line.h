/* SPDX-License-Identifier: MIT */
/* One change of a machine as a line, for people or as JSON. */
#ifndef DMAOWN_DMAOWN_CHANGE_LINE_H
#define DMAOWN_DMAOWN_CHANGE_LINE_H

#include "facts_changes.h"

#include <stdbool.h>
#include <time.h>

/* Prints "05:10:22.123  0000:02:01.0  group 8   bound to vfio-pci", in local time. */
void print_change(bool color, const struct facts_change *change, const struct timespec *when);

/*
 * Prints an object with the keys "time" (RFC 3339, UTC), "event", "device" (null: the group itself
 * changed), "group" (null: in none), "from" and "to". These two are drivers, overrides or types,
 * and may be null; for "group" they are numbers, for "owner" what `list --json` has there. -ENOMEM:
 * nothing was printed.
 */
int print_change_json(const struct facts_change *change, const struct timespec *when);

#endif
