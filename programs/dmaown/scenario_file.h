/* SPDX-License-Identifier: MIT */
/* The file of a scenario, and the machine that it is to be played on. */
#ifndef DMAOWN_DMAOWN_SCENARIO_FILE_H
#define DMAOWN_DMAOWN_SCENARIO_FILE_H

#include "command.h"
#include "scenario.h"

/*
 * Loads the scenario. EXIT_DONE: the caller frees *out with scenario_free(). Otherwise it prints
 * the reason and returns the exit code.
 */
int load_scenario(const struct context *context, const char *name, struct scenario **out);

/*
 * Chooses the machine: the one that the options name, or else the scenario's own, relative to it.
 * EXIT_DONE: *chosen is the context to open it with; it borrows *path, which the caller frees.
 * Otherwise it prints the reason and returns the exit code.
 */
int scenario_machine(const struct context *context, const struct scenario *scenario,
		     struct context *chosen, char **path);

#endif
