/* SPDX-License-Identifier: MIT */
/* The roles of a scenario in its text: how devices and groups are declared, and named afterwards.
 */
#ifndef DMAOWN_SCENARIO_ROLES_H
#define DMAOWN_SCENARIO_ROLES_H

#include "scenario.h"
#include "words.h"

/* The rest of a line `device`, and of a line `group`. */
int role_parse_device(struct words *words, struct scenario *scenario);
int role_parse_group(struct words *words, struct scenario *scenario);

/* The name of a device or a group that is declared; *out is the number among the devices, the
 * groups, the roles. */
int role_expect_device(struct words *words, const struct scenario *scenario, size_t *out);
int role_expect_group(struct words *words, const struct scenario *scenario, size_t *out);
int role_expect(struct words *words, const struct scenario *scenario, size_t *out);

#endif
