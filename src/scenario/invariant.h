/* SPDX-License-Identifier: MIT */
/* The invariants of mechanism.md, section 4, as far as a picture of a machine can show them. */
#ifndef DMAOWN_SCENARIO_INVARIANT_H
#define DMAOWN_SCENARIO_INVARIANT_H

#include "facts.h"

/*
 * Looks at one group: I1 (the count), I2 (the current domain), I8 (no native driver in a user's
 * group). What the machine can't tell breaks nothing, nor does a group that is not there. Stores
 * NULL, or one line that names the invariant that is broken, which the caller frees. -ENOMEM:
 * *broken is untouched.
 */
int invariants_look(const struct facts *facts, int group, char **broken);

#endif
