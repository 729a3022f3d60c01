/* SPDX-License-Identifier: MIT */
/*
 * What a thread of a scenario can do: one table, which the parser, the printer, the runner and the
 * list in dmaown-scenario(5) follow.
 *
 * The threads at work are the *players*: each holds the group files that it has opened, one per
 * group role at most.
 */
#ifndef DMAOWN_SCENARIO_OPERATION_H
#define DMAOWN_SCENARIO_OPERATION_H

#include "scenario.h"

/* What an operation is told; each kind at most once, and where its place in struct step is. */
enum argument {
	ARGUMENT_END,
	ARGUMENT_DEVICE,
	ARGUMENT_GROUP,
	ARGUMENT_SCRIPTED,       /* `driver` */
	ARGUMENT_DRIVER,         /* `word` */
	ARGUMENT_DRIVER_OR_NONE, /* `word` */
	ARGUMENT_TYPE,           /* `word` */
	ARGUMENT_DIRECTION,
	ARGUMENT_IOVA,
	ARGUMENT_SIZE,
	ARGUMENT_CHECK, /* a role, one of its properties and a value: `check` */
};
#define ARGUMENTS_MAX 5

struct players;

struct operation {
	const char *name;
	enum argument arguments[ARGUMENTS_MAX + 1];
	/* What `answer` false and true are called; NULL: the operation has no answer. Nothing
	 * written expects true. */
	const char *answers[2];
	/* Does it, on behalf of step->thread. NULL: it only looks (`check`). */
	void (*perform)(struct players *players, const struct step *step, struct outcome *out);
};

/* The table, ended by an entry without a name. */
extern const struct operation operations[];

/* NULL: there is none of that name. */
const struct operation *operation_find(const char *name);

/* "EPERM", "0", "faulted". Static. */
const char *outcome_name(const struct operation *operation, struct outcome outcome);

/* Whether two outcomes of the operation are the same. */
bool outcome_same(const struct operation *operation, struct outcome a, struct outcome b);

/* Whether the step may come to that. */
bool step_as_expected(const struct step *step, struct outcome outcome);

/* What the step may come to as it is written, "0|EBUSY" or "any"; in `room` if need be. */
#define EXPECTED_ROOM 160
const char *step_expected_name(const struct step *step, char room[EXPECTED_ROOM]);

/* Writes how the operation is written: "claim GROUP [= RESULT]". */
void operation_print_usage(const struct operation *operation, FILE *out);

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
