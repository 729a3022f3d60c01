/* SPDX-License-Identifier: MIT */
/* WHAT: how a user names a device or a group. */
#ifndef DMAOWN_DMAOWN_WHAT_H
#define DMAOWN_DMAOWN_WHAT_H

#include "machine.h"

/* Either or both: a group that was named, or a device and the group it is in. They live as long as
 * the facts. */
struct what {
	const struct device_facts *device; /* NULL: a group was named */
	const struct group_facts *group;   /* NULL: the device is in none */
};

/* Finds what `text` names: a device's address, in which a PCI address may leave out segment 0000,
 * or group:NUMBER. EXIT_DONE; else the exit code, why not having been said. */
int find_what(const struct facts *facts, const char *text, struct what *out);

enum { WHAT_SIZE = 256 };

/*
 * Says which part of a machine `text` names, for those who read no more than that; `address` is
 * what the part borrows. EXIT_DONE or EXIT_USAGE, which has been said.
 */
int what_part(const char *text, char address[WHAT_SIZE], struct machine_part *out);

#endif
