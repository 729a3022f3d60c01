/* SPDX-License-Identifier: MIT */
/* A driver that the scenario brings along, in its text: how it is declared, and named afterwards.
 */
#ifndef DMAOWN_SCENARIO_SCRIPTED_DRIVER_H
#define DMAOWN_SCENARIO_SCRIPTED_DRIVER_H

#include "scenario.h"
#include "words.h"

/* The rest of a line `driver`. */
int scripted_driver_parse(struct words *words, struct scenario *scenario);

/* The name of one that is declared; *out is its number. */
int scripted_driver_expect(struct words *words, const struct scenario *scenario, size_t *out);

#endif
