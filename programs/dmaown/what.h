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

/*
 * Finds what `text` names: a device's address, in which a PCI address may leave out segment 0000,
 * or group:NUMBER. Returns EXIT_DONE, or prints the reason and returns the exit code.
 */
int find_what(const struct facts *facts, const char *text, struct what *out);

enum { WHAT_SIZE = 256 };

/*
 * Stores which part of a machine `text` names, for callers that read only that part; the part
 * borrows `address`. Returns EXIT_DONE, or prints the reason and returns EXIT_USAGE.
 */
int what_part(const char *text, char address[WHAT_SIZE], struct machine_part *out);

#endif
