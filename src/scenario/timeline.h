/* SPDX-License-Identifier: MIT */
/*
 * What came of a run: each step's outcome and what could be seen after it, and where that is not
 * what the scenario expects.
 */
#ifndef DMAOWN_SCENARIO_TIMELINE_H
#define DMAOWN_SCENARIO_TIMELINE_H

#include "expectation.h"
#include "operation.h"

struct event {
	const struct step *step;
	struct outcome outcome; /* of no meaning to a `check` */
	enum agreement agreement;
	struct view after;
	char *broken; /* the invariant that does not hold after it; NULL: none */
};

/* Borrows the scenario, which must outlive it; owns the rest. Freed by timeline_release(). */
struct timeline {
	const struct scenario *scenario;
	char *machine; /* "live", or the machine file */
	struct view before;
	struct event *events; /* one for each step */
	size_t event_count;
	struct view end;        /* when every group file was closed */
	enum agreement *finals; /* one for each of the scenario's finals */
	char *broken;           /* the invariant that does not hold in the end; NULL: none */
	size_t otherwise;       /* how many steps, finals and invariants came out otherwise */
};

/* Harmless on a zeroed one. */
void timeline_release(struct timeline *timeline);

/* Writes a table of the steps, and below it a line for each that came out otherwise. */
void timeline_print(const struct timeline *timeline, FILE *out);

/* Writes the same as JSON, described in dmaown-scenario(5). -ENOMEM; -EIO: the stream has failed.
 */
int timeline_print_json(const struct timeline *timeline, FILE *out);

/*
 * Finds the first step after which two runs of the same scenario differ, in its outcome or in what
 * both machines can tell of a device or group, and stores its number, or the number of steps if
 * there is none. Whether a group that the kernel doesn't have is a user's is not compared with a
 * live machine, which can't tell a group that is only open from one that is claimed. *why, which
 * the caller frees, then says what differs, naming the machines; else it is NULL. -ENOMEM: both
 * untouched.
 */
int timeline_compare(const struct timeline *a, const struct timeline *b, size_t *step, char **why);

#endif
