/* SPDX-License-Identifier: MIT */
/* The file of a scenario, and the machine that it is to be played on. */
#ifndef DMAOWN_DMAOWN_SCENARIO_FILE_H
#define DMAOWN_DMAOWN_SCENARIO_FILE_H

#include "command.h"
#include "scenario.h"

/* EXIT_DONE: *out is freed with scenario_free(); else why not has been said. */
int load_scenario(const struct context *context, const char *name, struct scenario **out);

/*
 * Which machine it is: the one that the options name, or else the scenario's own, relative to it.
 * EXIT_DONE: *chosen is the context to open it with, and *path, which it borrows, is for the caller
 * to free; else why not has been said.
 */
int scenario_machine(const struct context *context, const struct scenario *scenario,
		     struct context *chosen, char **path);

#endif
