/* SPDX-License-Identifier: MIT */
/*
 * What passing a point does to memory, as far as the order of two points can matter.
 *
 * Two points of different threads *depend* on each other if passing them in the other order could
 * lead to another state, or keep one from being passed: they touch the same bytes and not both only
 * look at them, or both use the allocator, which gives the lowest place first.
 */
#ifndef DMAOWN_EXPLORE_EFFECT_H
#define DMAOWN_EXPLORE_EFFECT_H

#include "execution.h"

struct effect {
	uintptr_t begin, end; /* of the lock, condition, atomic or freed memory; equal: none */
	uintptr_t lock;       /* that a sleeper drops; 0: none */
	bool looks;           /* changes nothing */
	bool takes;           /* the lock */
	bool allocates, frees;
};

/* Of passing the point from the execution's present state. */
struct effect effect_of(const struct point *point);

bool effects_depend(const struct effect *one, const struct effect *other);

/* Whether one frees what the other uses, or frees too. */
bool effects_misuse(const struct effect *one, const struct effect *other);

/*
 * Whether all that `later` depends on, and that came before `earlier`, is ordered before `earlier`
 * too: so that once `earlier` is known to be ordered before `later` nothing before it matters.
 */
bool effect_settles(const struct effect *earlier, const struct effect *later);

#endif
