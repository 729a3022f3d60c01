/* SPDX-License-Identifier: MIT */
/*
 * The translations that an IOMMU remembers. Private to the IOMMU, whose lock guards it.
 *
 * Set associative, entries tagged with their domain's number; each set is replaced in turn, so what
 * is remembered depends on the accesses alone. An entry stays true to what it was filled with, not
 * to the tables, until one of the drops takes it.
 */
#ifndef DMAOWN_SIM_TLB_H
#define DMAOWN_SIM_TLB_H

#include "pagetable.h"

#include <stdint.h>

#define TLB_SETS 64u
#define TLB_WAYS 4u

struct tlb_entry {
	uint64_t domain; /* 0: empty */
	struct page page;
};

/* Zeroed: empty. */
struct tlb {
	struct tlb_entry entries[TLB_SETS][TLB_WAYS];
	unsigned int next_way[TLB_SETS];
	uint64_t hits, misses;
};

/* The page around the iova in the domain, which lives until the next insert or drop; NULL: not
 * remembered. */
const struct page *tlb_find(struct tlb *tlb, uint64_t domain, uint64_t iova);

/* Remembers a page that is not, at the expense of the oldest of its set. */
void tlb_insert(struct tlb *tlb, uint64_t domain, const struct page *page);

/* Forget the pages of a domain that touch the range; all of a domain. */
void tlb_drop_range(struct tlb *tlb, uint64_t domain, uint64_t first, uint64_t last);
void tlb_drop_domain(struct tlb *tlb, uint64_t domain);

#endif
