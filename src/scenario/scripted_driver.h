/* SPDX-License-Identifier: MIT */
/* A driver that the scenario brings along, in its text: how it is declared, named and printed.
 */
#ifndef DMAOWN_SCENARIO_SCRIPTED_DRIVER_H
#define DMAOWN_SCENARIO_SCRIPTED_DRIVER_H

#include "scenario.h"
#include "words.h"

/* The rest of a line `driver`. */
int scripted_driver_parse(struct words *words, struct scenario *scenario);

/* The name of one that is declared; *out is its number. */
int scripted_driver_expect(struct words *words, const struct scenario *scenario, size_t *out);

/* Writes the whole line. */
void scripted_driver_print(const struct scripted_driver *driver, FILE *out);

#endif
