/* SPDX-License-Identifier: MIT */
/*
 * The threads of a scenario at work on a machine: each holds the group files that it has opened,
 * one per group role at most.
 */
#ifndef DMAOWN_SCENARIO_PLAYERS_H
#define DMAOWN_SCENARIO_PLAYERS_H

#include "scenario.h"

struct players {
	const struct scenario *scenario; /* borrowed */
	struct machine *machine;         /* borrowed */
	int *groups;                     /* each group role's id, -1 while it has none */
	/* What each thread has open, by thread and then group role. A thread touches its own only,
	 * so that steps of different threads may be performed at once. */
	struct group_file **files;
};

/* Nothing is open. -ENOMEM. Undone by players_release(). */
int players_init(struct players *players, const struct scenario *scenario, struct machine *machine);

/* Finds the groups by their devices, as the machine is now: a group's number is not its identity.
 * One whose devices are all gone keeps the number it had. */
void players_find_groups(struct players *players, const struct facts *facts);

/* Closes every group file. */
void players_close(struct players *players);

/* Closes every group file and frees. Harmless after a failed or a zeroed init. */
void players_release(struct players *players);

#endif
