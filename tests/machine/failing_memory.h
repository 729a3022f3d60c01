/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail on demand. A program with the dependency `failing_memory` has its own
 * calls, and those of the static libraries in it, of malloc, calloc, realloc, reallocarray, strdup,
 * vasprintf and open_memstream sent here by the linker. A sweep sets until_failure to 1, 2, 3...
 * until what it tests ends without having met the failure.
 */
#ifndef DMAOWN_TESTS_MACHINE_FAILING_MEMORY_H
#define DMAOWN_TESTS_MACHINE_FAILING_MEMORY_H

#include <stddef.h>

/* So many allocations from now one fails, and becomes 0 with that; 0: none does. */
extern size_t until_failure;

/* For libraries that ask for an allocator: one that counts as above, and the plain one. */
void *failing_malloc(size_t size);
void *malloc_that_works(size_t size);

#endif
