/* SPDX-License-Identifier: MIT */
#include "alloc.h"

#include <stdlib.h>

static void *libc_alloc(void *ctx, size_t size)
{
	return calloc(1, size);
}

static void libc_free(void *ctx, void *ptr)
{
	free(ptr);
}

const struct sim_alloc sim_alloc_libc = {.alloc = libc_alloc, .free = libc_free};
