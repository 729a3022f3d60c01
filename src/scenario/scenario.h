/* SPDX-License-Identifier: MIT */
/*
 * A scenario: devices and groups by the roles that they play, threads that do things with them, and
 * what is expected of each thing done. Parsed from plain text (dmaown-scenario(5)) and printed back
 * as such.
 *
 * Roles are numbered, the devices first and then the groups, in the order in which the text
 * declares them; threads in the order in which they first act. The order of the steps is the
 * schedule of a run; the order of one thread's steps is the thread's program.
 *
 * Invariants: every number in it is in range, names are unique, a group has at least one device and
 * no device is in two groups. Only scenario_parse() makes one, and nothing changes it afterwards,
 * so that threads may share it. It owns every string and array in it; scenario_free() frees all.
 */
#ifndef DMAOWN_SCENARIO_SCENARIO_H
#define DMAOWN_SCENARIO_SCENARIO_H

#include "machine.h"
#include "property.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct operation;

/* A word that stands for no driver, no override, no owner, no group. */
#define SCENARIO_NONE "none"

/* `finally invariants`. */
#define SCENARIO_INVARIANTS "invariants"

enum scenario_only { ON_ANY_MACHINE, ON_SIMULATED_ONLY, ON_LIVE_ONLY };

/* What a role's property is expected to be. */
struct expectation {
	unsigned int line;
	size_t role;
	enum property property;
	char *value;
};

struct device_role {
	char *name, *address;
	char *driver; /* required at the start, SCENARIO_NONE: unbound; NULL: whatever there is */
};

struct group_role {
	char *name;
	size_t *devices; /* numbers of its members' roles */
	size_t device_count;
};

/* A driver that the scenario brings along; `script` borrows the other fields. */
struct scripted_driver {
	char *name, *bus;
	char **ids;
	struct driver_script script;
};

/* What an operation came to: an errno, positive, or 0 and for an operation that has an answer
 * (reached or faulted, yes or no) that. */
struct outcome {
	int error;
	bool answer;
};

/* How many outcomes of one step can be expected. */
#define EXPECTED_MAX 8

/* One thing that a thread does. Which of the arguments mean something, the operation says. */
struct step {
	unsigned int line;
	size_t thread;
	const struct operation *operation;
	size_t device, group,
		driver; /* numbers of a device role, a group role, a scripted driver */
	char *word;     /* a driver's name, a domain type */
	enum dma_direction direction;
	uint64_t iova, size;
	struct expectation check;
	struct outcome expected[EXPECTED_MAX]; /* any of them will do */
	unsigned int expected_count;           /* 0: whatever it comes to */
};

struct scenario {
	char *file;    /* its name in messages */
	char *title;   /* NULL: none */
	char *machine; /* the machine file to simulate, as written; NULL: none */
	enum scenario_only only;
	struct device_role *devices;
	size_t device_count;
	struct group_role *groups;
	size_t group_count;
	struct scripted_driver *drivers;
	size_t driver_count;
	char **threads;
	size_t thread_count;
	struct step *steps;
	size_t step_count;
	struct expectation *finals;
	size_t final_count;
	bool invariants; /* they are to hold after every step */
};

/*
 * Parses `length` bytes of text, which `file` names in messages, into *out, which the caller frees
 * with scenario_free(). -EINVAL: it is not a scenario, and *why, which the caller frees, says in
 * one line FILE:LINE: what is wrong and what was expected. -ENOMEM: *why is untouched. *out is
 * untouched on failure.
 */
int scenario_parse(const char *text, size_t length, const char *file, struct scenario **out,
		   char **why);

/* NULL is harmless. */
void scenario_free(struct scenario *scenario);

/* Writes the scenario as text that parses to an equal one; comments are not kept. -EIO: the stream
 * has failed. */
int scenario_print(const struct scenario *scenario, FILE *out);

/* Writes what a step does, without its thread and what is expected: "claim G". */
void step_print(const struct scenario *scenario, const struct step *step, FILE *out);

/* What the text calls a stage of a bind and a direction of DMA; NULL: there is no such one. */
const char *stage_name(enum bind_stage stage);
const char *direction_name(enum dma_direction direction);

/* What the text calls a machine that alone will do; NULL: there is no such one. */
const char *only_name(enum scenario_only only);

/* The name of a device's or group's role, by its number. */
const char *scenario_role(const struct scenario *scenario, size_t role);

/* The number of the device or group that has this name; their count: there is none. */
size_t scenario_find_device(const struct scenario *scenario, const char *name);
size_t scenario_find_group(const struct scenario *scenario, const char *name);

/* The number of devices and groups together. */
size_t scenario_roles(const struct scenario *scenario);

#endif
