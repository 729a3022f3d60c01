/* SPDX-License-Identifier: MIT */
/* An allocator for tests: counts what is not given back, and fails when told. */
#ifndef DMAOWN_TESTS_SIM_COUNTED_ALLOC_H
#define DMAOWN_TESTS_SIM_COUNTED_ALLOC_H

#include "alloc.h"

#include <stdlib.h>

struct counted_alloc {
	struct sim_alloc alloc; /* to be given to what is tested */
	long live;              /* allocated and not freed */
	long fail_after;        /* how many allocations succeed before one fails; negative: all */
};

static inline void *counted_alloc_take(void *ctx, size_t size)
{
	struct counted_alloc *counted = ctx;

	if (counted->fail_after == 0)
		return NULL;
	if (counted->fail_after > 0)
		counted->fail_after--;
	counted->live++;
	return calloc(1, size);
}

static inline void counted_alloc_give(void *ctx, void *ptr)
{
	struct counted_alloc *counted = ctx;

	counted->live -= ptr != NULL;
	free(ptr);
}

static inline void counted_alloc_init(struct counted_alloc *counted)
{
	*counted = (struct counted_alloc) {
		.alloc = {counted, counted_alloc_take, counted_alloc_give},
		.fail_after = -1,
	};
}

#endif
