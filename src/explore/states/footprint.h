/* SPDX-License-Identifier: MIT */
/*
 * What each thread's next local code and point would touch of the heap, byte by byte, to find two
 * that touch the same with one writing and at least one not being atomic: a data race.
 */
#ifndef DMAOWN_EXPLORE_FOOTPRINT_H
#define DMAOWN_EXPLORE_FOOTPRINT_H

#include "execution.h"

struct footprints;

/* NULL for lack of memory. Freed by free(). */
struct footprints *footprints_create(void);

/* Notes the accesses of the thread's latest step, instead of those before. */
void footprint_take(struct footprints *footprints, unsigned int thread,
		    const struct execution *execution);

/* Whether two of the first `threads` race, and which. */
bool footprint_race(const struct footprints *footprints, unsigned int threads, unsigned int *one,
		    unsigned int *other);

/* Whether two accesses do. */
bool access_races(const struct access *one, const struct access *other);

#endif
