/* SPDX-License-Identifier: MIT */
/*
 * What a thread of a scenario can do: one table, which the parser, the printer, the runner and the
 * list in dmaown-scenario(5) follow.
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

#endif
