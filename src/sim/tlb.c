/* SPDX-License-Identifier: MIT */
#include "tlb.h"

#include <stddef.h>

/* The page sizes, most frequent first. */
static const unsigned int shifts[] = {12, 21, 30};

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
	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
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

void tlb_drop_range(struct tlb *tlb, uint64_t domain, uint64_t first, uint64_t last)
{
	for (unsigned int i = 0; i < TLB_SETS * TLB_WAYS; i++) {
		struct tlb_entry *entry = &tlb->entries[i / TLB_WAYS][i % TLB_WAYS];
		uint64_t page_last = entry->page.iova + ((UINT64_C(1) << entry->page.shift) - 1);

		if (entry->domain == domain && entry->page.iova <= last && page_last >= first)
			entry->domain = 0;
	}
}

void tlb_drop_domain(struct tlb *tlb, uint64_t domain)
{
	tlb_drop_range(tlb, domain, 0, PAGETABLE_LAST);
}
