/* SPDX-License-Identifier: MIT */
/*
 * What a unit of iommu.h consists of, for its own files: iommu.c (units, requesters, what each is
 * attached to), iommu_domain.c (mappings and their end), iommu_dma.c (DMA and faults),
 * iommu_reach.c. All functions here want the unit's lock held.
 */
#ifndef DMAOWN_SIM_IOMMU_PARTS_H
#define DMAOWN_SIM_IOMMU_PARTS_H

#include "iommu.h"
#include "list.h"
#include "pagetable.h"
#include "tlb.h"

#include <pthread.h>

#define IOMMU_BUCKETS 256u

/* Which domain the DMA of a requester, or of one of its PASIDs, goes through. */
struct context {
	struct list entry; /* in requester->pasids, by PASID; unused in requester->own */
	uint32_t pasid;
	struct iommu_domain *domain; /* NULL: none, its DMA faults */
};

struct requester {
	struct list entry; /* in a bucket of the unit */
	uint32_t id;
	struct context own;
	struct list pasids; /* struct context, owned */
};

/* Both ends included. */
struct range {
	uint64_t first, last;
};

/* Unmapped ranges whose translations may still be in the TLB. */
struct flush_queue {
	unsigned int length;
	struct range ranges[IOMMU_QUEUE_SIZE];
};

/* Guarded by the unit's lock; unit and id never change. */
struct iommu_domain {
	struct iommu_unit *unit;
	uint64_t id; /* not 0, never used again: the tag in the TLB */
	enum iommu_kind kind;
	unsigned int contexts;     /* how many point here */
	struct pagetable table;    /* of the translated kinds */
	struct flush_queue *queue; /* of IOMMU_DMA_FQ, owned */
};

/* `lock` guards all that is below it, and the domains; what is above never changes. */
struct iommu_unit {
	const struct sim_alloc *alloc;
	struct memory *memory;
	pthread_mutex_t lock;
	uint64_t last_domain_id;
	unsigned int domains; /* how many there are */
	uint64_t flushes;
	struct list
		requesters[IOMMU_BUCKETS]; /* struct requester by its id % IOMMU_BUCKETS, owned */
	struct tlb tlb;
	struct iommu_fault faults[IOMMU_FAULTS]; /* a ring */
	unsigned int oldest_fault, fault_count;
	bool faults_lost;
};

static inline bool is_translated(const struct iommu_domain *domain)
{
	return domain->kind != IOMMU_IDENTITY && domain->kind != IOMMU_BLOCKED;
}

/* Where a byte in the page is. */
static inline uint64_t page_phys(const struct page *page, uint64_t iova)
{
	return page->phys + (iova - page->iova);
}

/* iommu.c: NULL: there is none. */
struct requester *iommu_requester_find(struct iommu_unit *unit, uint32_t id);
/* The context of the requester's PASID; *next, if given, is where a new one would stand before. */
struct context *iommu_context_find(struct requester *requester, uint32_t pasid, struct list **next);

/* iommu_domain.c: what was unmapped so far is out of reach from here on. */
void iommu_queue_run(struct iommu_domain *domain);

#endif
