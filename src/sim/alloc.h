/* SPDX-License-Identifier: MIT */
/* Where the simulated hardware's own memory comes from: a table, so that a test can make each
 * allocation fail in turn and see that every one is given back. */
#ifndef DMAOWN_SIM_ALLOC_H
#define DMAOWN_SIM_ALLOC_H

#include <stddef.h>

/*
 * `alloc` returns `size` zeroed bytes, aligned for any type, or NULL; `free` takes them back, NULL
 * included. Both may be called from several threads at once and under locks: they must not call
 * back into the simulation. The table and `ctx` outlive every object that was created with it.
 */
struct sim_alloc {
	void *ctx;
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *ptr);
};

/* The C library's. */
extern const struct sim_alloc sim_alloc_libc;

#endif
