/* SPDX-License-Identifier: MIT */
/*
 * A machine's physical memory: bytes at addresses 0 to size - 1.
 *
 * Sparse: a *frame* (4 KiB) takes real memory from its first write on, and reads as zero before.
 * The memory also says who uses what, so that parts of a machine need not agree on addresses:
 * single frames (page tables) are given out from the top downwards, *regions* (what a driver or a
 * user maps) from the bottom upwards, and the two never meet. Whatever is given out is zero.
 *
 * Nothing stops an access to memory that was not given out; hardware does not either.
 *
 * One mutex inside guards everything: all functions may be called from several threads at once. It
 * is a leaf: no other lock is taken under it.
 */
#ifndef DMAOWN_SIM_MEMORY_H
#define DMAOWN_SIM_MEMORY_H

#include "alloc.h"

#include <stddef.h>
#include <stdint.h>

#define MEMORY_FRAME_SIZE 4096u
#define MEMORY_MAX_SIZE (UINT64_C(1) << 52)

struct memory;

/*
 * Creates a memory of `size` bytes. -EINVAL: the size is 0, no multiple of MEMORY_FRAME_SIZE or
 * above MEMORY_MAX_SIZE; -ENOMEM. Undone by memory_destroy().
 */
int memory_create(const struct sim_alloc *alloc, uint64_t size, struct memory **out);

/* Frees the memory with all its frames and regions. Nobody may be using it. NULL is harmless. */
void memory_destroy(struct memory *memory);

/* The size in bytes. */
uint64_t memory_size(const struct memory *memory);

/*
 * Copy `length` bytes from or to the memory. -EFAULT: the range goes beyond the memory, nothing was
 * copied; memory_write only, -ENOMEM: a frame's first write failed, the frames before it hold the
 * new bytes.
 */
int memory_read(struct memory *memory, uint64_t address, void *bytes, size_t length);
int memory_write(struct memory *memory, uint64_t address, const void *bytes, size_t length);

/*
 * Gives out one zeroed frame, which is written to without any further allocation. -ENOMEM: no room
 * or no memory for it. Undone by memory_frame_free().
 */
int memory_frame_alloc(struct memory *memory, uint64_t *address);
void memory_frame_free(struct memory *memory, uint64_t address);

/*
 * The 64-bit word `index` (0 to 511) of a frame that memory_frame_alloc() gave. These cannot fail;
 * another address is the caller's bug.
 */
uint64_t memory_frame_read(struct memory *memory, uint64_t address, unsigned int index);
void memory_frame_write(struct memory *memory, uint64_t address, unsigned int index,
			uint64_t value);

/*
 * Gives out `size` bytes of zeroed, contiguous memory. `size` is a multiple of the frame size and
 * `align` a power of two of at least that. -EINVAL: it is not; -ENOMEM: no room that large, or no
 * memory. Undone by memory_region_free(), which takes the address that this gave, no other, and
 * makes the region read as zero again.
 */
int memory_region_alloc(struct memory *memory, uint64_t size, uint64_t align, uint64_t *address);
void memory_region_free(struct memory *memory, uint64_t address);

/* How many frames memory_frame_alloc() gave that were not freed. */
size_t memory_frames(struct memory *memory);

#endif
