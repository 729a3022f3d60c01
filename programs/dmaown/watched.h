/* SPDX-License-Identifier: MIT */
/* The WHATs that a watch is about, found once, and which changes concern them. */
#ifndef DMAOWN_DMAOWN_WATCHED_H
#define DMAOWN_DMAOWN_WATCHED_H

#include "facts_changes.h"

#include <stdbool.h>
#include <stddef.h>

/* One WHAT, which outlives the facts that it was found in. */
struct watched_part {
	char *address; /* NULL: the group of that id */
	int group;
};

struct watched {
	struct watched_part *parts;
	size_t count; /* 0: every change concerns it */
};

/*
 * Finds the names in the facts. Returns EXIT_DONE, or prints the reason and returns the exit code.
 * Undone by watched_release() in either case.
 */
int watched_find(struct watched *watched, const struct facts *facts, char **names, size_t count);
void watched_release(struct watched *watched);

/*
 * Whether the change concerns a group that was named, or a group in which a named device is or was.
 */
bool is_watched(const struct watched *watched, const struct facts *before, const struct facts *now,
		const struct facts_change *change);

#endif
