/* SPDX-License-Identifier: MIT */
#include "tlb.h"

#include "array.h"

#include <stddef.h>

/* The page sizes, most frequent first. */
static const unsigned int shifts[] = {12, 21, 30};
#define SHIFTS COUNT(shifts)

/* Pages of all sizes share the sets: the number of a page of its size chooses. */
static unsigned int set_of(uint64_t domain, uint64_t iova, unsigned int shift)
{
	return (unsigned int)((iova >> shift) + domain) % TLB_SETS;
}

static bool covers(const struct tlb_entry *entry, uint64_t domain, uint64_t iova)
{
	return entry->domain == domain && entry->page.iova <= iova &&
	       (iova - entry->page.iova) >> entry->page.shift == 0;
}

const struct page *tlb_find(struct tlb *tlb, uint64_t domain, uint64_t iova)
{
	for (size_t i = 0; i < SHIFTS; i++) {
		const struct tlb_entry *set = tlb->entries[set_of(domain, iova, shifts[i])];

		for (unsigned int way = 0; way < TLB_WAYS; way++) {
			if (covers(&set[way], domain, iova)) {
				tlb->hits++;
				return &set[way].page;
			}
		}
	}
	tlb->misses++;
	return NULL;
}

void tlb_insert(struct tlb *tlb, uint64_t domain, const struct page *page)
{
	unsigned int set = set_of(domain, page->iova, page->shift);
	unsigned int way = tlb->next_way[set];

	tlb->next_way[set] = (way + 1) % TLB_WAYS;
	tlb->entries[set][way] = (struct tlb_entry) {domain, *page};
}

static void drop_in_set(struct tlb_entry *set, uint64_t domain, uint64_t first, uint64_t last)
{
	for (unsigned int way = 0; way < TLB_WAYS; way++) {
		const struct page *page = &set[way].page;
		uint64_t page_last = page->iova + ((UINT64_C(1) << page->shift) - 1);

		if (set[way].domain == domain && page->iova <= last && page_last >= first)
			set[way].domain = 0;
	}
}

/* Pages that follow each other are in sets that do, so a short range leaves most sets alone. */
void tlb_drop_range(struct tlb *tlb, uint64_t domain, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < SHIFTS; i++) {
		uint64_t pages = (last >> shifts[i]) - (first >> shifts[i]) + 1;
		unsigned int set = set_of(domain, first, shifts[i]);

		for (uint64_t n = 0; n < pages && n < TLB_SETS; n++, set = (set + 1) % TLB_SETS)
			drop_in_set(tlb->entries[set], domain, first, last);
	}
}

void tlb_drop_domain(struct tlb *tlb, uint64_t domain)
{
	tlb_drop_range(tlb, domain, 0, PAGETABLE_LAST);
}
