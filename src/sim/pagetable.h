/* SPDX-License-Identifier: MIT */
/*
 * Page tables as the hardware reads them, in frames of a simulated memory. Private to the IOMMU.
 *
 * Four levels of tables of 512 entries; level 4 is the root. An entry is VT-d's second-level one:
 *
 *	bit 0, 1    read, write; both clear: the entry is empty
 *	bit 7       on levels 2 and 3: a large page, not a table
 *	bits 12-51  the memory address of the page, or of the table below
 *	bits 52-61  ignored by hardware; here: how many entries of the table below are not empty
 *
 * Invariant: that number is right between any two calls, so that an emptied table is known without
 * reading it. Taking pages away and giving back the tables that became empty are two steps, with
 * room for an invalidation between them: a walker may still hold the address of a table that is
 * linked, empty or not, and never of one that was freed.
 *
 * Ranges are given by their first and last byte, page aligned and below 2^48. Who uses a table
 * serializes: nothing here takes a lock but the memory's.
 */
#ifndef DMAOWN_SIM_PAGETABLE_H
#define DMAOWN_SIM_PAGETABLE_H

#include "memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGETABLE_LAST ((UINT64_C(1) << 48) - 1)

struct pagetable {
	struct memory *memory; /* not owned */
	uint64_t root;         /* owned, with all frames below it */
};

/* One page: 1 << shift bytes at iova go to phys. */
struct page {
	uint64_t iova, phys;
	unsigned int shift, permissions; /* IOMMU_READ, IOMMU_WRITE: entry bits 0 and 1 */
};

/* Makes an empty table. -ENOMEM. Undone by pagetable_finish(), whatever is mapped. */
int pagetable_init(struct pagetable *table, struct memory *memory);
void pagetable_finish(struct pagetable *table);

/* Whether any page is mapped in the range; whether a large page reaches out of it. */
bool pagetable_mapped(const struct pagetable *table, uint64_t first, uint64_t last);
bool pagetable_cuts(const struct pagetable *table, uint64_t first, uint64_t last);

/* Maps the range, in which nothing is mapped, to the memory from phys on, with the largest pages
 * that fit. -ENOMEM: the table is as before. */
int pagetable_map(struct pagetable *table, uint64_t first, uint64_t last, uint64_t phys,
		  unsigned int permissions);

/* Empties the entries of all pages in the range, which must not cut one; returns their bytes.
 * Tables stay, for pagetable_prune() to free those in the range that are empty. */
uint64_t pagetable_clear(struct pagetable *table, uint64_t first, uint64_t last);
void pagetable_prune(struct pagetable *table, uint64_t first, uint64_t last);

/* The page around the iova; false: there is none. */
bool pagetable_walk(const struct pagetable *table, uint64_t iova, struct page *page);

/* Calls `found` for every page by ascending iova. */
void pagetable_each(const struct pagetable *table,
		    void (*found)(void *ctx, const struct page *page), void *ctx);

#endif
