/* SPDX-License-Identifier: MIT */
/*
 * Statements in the text of a scenario: lines that their first word names. Devices, groups and
 * drivers are declared before the first step, so that the numbers of roles are final when one is
 * used.
 */
#ifndef DMAOWN_SCENARIO_STATEMENTS_H
#define DMAOWN_SCENARIO_STATEMENTS_H

#include "scenario.h"
#include "words.h"

/* The line at hand, whose first word is taken and is not a thread. */
int statement_parse(struct words *words, struct scenario *scenario, const char *name);

#endif
