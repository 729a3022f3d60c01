/* SPDX-License-Identifier: MIT */
/* ROLE PROPERTY VALUE: what a step `check` and a line `finally` expect. */
#ifndef DMAOWN_SCENARIO_EXPECTATION_H
#define DMAOWN_SCENARIO_EXPECTATION_H

#include "scenario.h"
#include "words.h"

/* On failure *out may have a value, which its owner frees. */
int expectation_parse(struct words *words, const struct scenario *scenario,
		      struct expectation *out);

#endif
