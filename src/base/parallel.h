/* SPDX-License-Identifier: MIT */
/* The same work for each of many things, by several threads where there are enough of them. */
#ifndef DMAOWN_BASE_PARALLEL_H
#define DMAOWN_BASE_PARALLEL_H

#include <stddef.h>

/*
 * Calls `work` for every place below `count`, by as many threads as there are processors for us, or
 * by the caller alone where that would not pay; each place is one thread's, in no order. Returns 0,
 * or what else one of them returned: then work that has not begun is left out. Threads that can't
 * be had are done without.
 */
int parallel_for(size_t count, int (*work)(void *context, size_t place), void *context);

/* How many threads, with the caller, would work at so many places; for whoever has other workers.
 */
size_t parallel_width(size_t count);

#endif
