/* SPDX-License-Identifier: MIT */
/* Steps in the text of a scenario. What a step takes stands in the table of operations. */
#ifndef DMAOWN_SCENARIO_STEPS_H
#define DMAOWN_SCENARIO_STEPS_H

#include "scenario.h"
#include "words.h"

/* Adds the step of a line that begins with a thread, whose name has `length` bytes, and a colon. */
int step_parse(struct words *words, struct scenario *scenario, const char *thread, size_t length);

#endif
