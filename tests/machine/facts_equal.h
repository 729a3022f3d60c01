/* SPDX-License-Identifier: MIT */
#ifndef DMAOWN_TESTS_MACHINE_FACTS_EQUAL_H
#define DMAOWN_TESTS_MACHINE_FACTS_EQUAL_H

#include "facts.h"

#include <stdbool.h>

/* Whether both are the same machine, entry by entry and in the same order; `machine`, which says
 * where the facts are from, may differ. */
bool facts_equal(const struct facts *a, const struct facts *b);

#endif
