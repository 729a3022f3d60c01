/* SPDX-License-Identifier: MIT */
/* ROLE PROPERTY VALUE: what a step `check` and a line `finally` expect, read, written and judged.
 */
#ifndef DMAOWN_SCENARIO_EXPECTATION_H
#define DMAOWN_SCENARIO_EXPECTATION_H

#include "view.h"
#include "words.h"

/* On failure *out may have a value, which its owner frees. */
int expectation_parse(struct words *words, const struct scenario *scenario,
		      struct expectation *out);

/* " ROLE PROPERTY VALUE". */
void expectation_print(const struct scenario *scenario, const struct expectation *expected,
		       FILE *out);

/* Whether what came agrees with what was expected. */
enum agreement { AS_EXPECTED, OTHERWISE, NOT_VISIBLE };

enum agreement expectation_judge(const struct expectation *expected, const struct view *view);

#endif
