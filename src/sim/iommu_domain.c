/* SPDX-License-Identifier: MIT */
/* Domains of the software IOMMU: their tables, and when what was unmapped is out of reach. */
#include "iommu_parts.h"

#include <errno.h>

#define PHYS_BITS 52u

/* Only after the invalidation may the tables that became empty go. */
void iommu_queue_run(struct iommu_domain *domain)
{
	struct flush_queue *queue = domain->queue;

	if (!queue || queue->length == 0)
		return;
	tlb_drop_domain(&domain->unit->tlb, domain->id);
	for (unsigned int i = 0; i < queue->length; i++)
		pagetable_prune(&domain->table, queue->ranges[i].first, queue->ranges[i].last);
	queue->length = 0;
	domain->unit->flushes++;
}

/* Gives a new domain what its kind needs. */
static int domain_equip(struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = domain->unit->alloc;
	int err = 0;

	if (is_translated(domain))
		err = pagetable_init(&domain->table, domain->unit->memory);
	if (err || domain->kind != IOMMU_DMA_FQ)
		return err;
	domain->queue = alloc->alloc(alloc->ctx, sizeof(*domain->queue));
	if (!domain->queue) {
		pagetable_finish(&domain->table);
		return -ENOMEM;
	}
	return 0;
}

int iommu_domain_create(struct iommu_unit *unit, enum iommu_kind kind, struct iommu_domain **out)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct iommu_domain *domain;
	int err;

	if ((unsigned int)kind > IOMMU_UNMANAGED)
		return -EINVAL;
	domain = alloc->alloc(alloc->ctx, sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	domain->unit = unit;
	domain->kind = kind;
	err = domain_equip(domain);
	if (err) {
		alloc->free(alloc->ctx, domain);
		return err;
	}
	pthread_mutex_lock(&unit->lock);
	domain->id = ++unit->last_domain_id;
	unit->domains++;
	pthread_mutex_unlock(&unit->lock);
	*out = domain;
	return 0;
}

int iommu_domain_destroy(struct iommu_domain *domain)
{
	struct iommu_unit *unit;
	bool busy;

	if (!domain)
		return 0;
	unit = domain->unit;
	pthread_mutex_lock(&unit->lock);
	busy = domain->contexts > 0;
	if (!busy) {
		tlb_drop_domain(&unit->tlb, domain->id);
		unit->domains--;
	}
	pthread_mutex_unlock(&unit->lock);
	if (busy)
		return -EBUSY;
	if (is_translated(domain))
		pagetable_finish(&domain->table);
	unit->alloc->free(unit->alloc->ctx, domain->queue);
	unit->alloc->free(unit->alloc->ctx, domain);
	return 0;
}

enum iommu_kind iommu_domain_kind(struct iommu_domain *domain)
{
	enum iommu_kind kind;

	pthread_mutex_lock(&domain->unit->lock);
	kind = domain->kind;
	pthread_mutex_unlock(&domain->unit->lock);
	return kind;
}

int iommu_domain_defer(struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = domain->unit->alloc;
	struct flush_queue *queue = alloc->alloc(alloc->ctx, sizeof(*queue));
	int err = 0;

	if (!queue)
		return -ENOMEM;
	pthread_mutex_lock(&domain->unit->lock);
	if (domain->kind == IOMMU_DMA) {
		domain->kind = IOMMU_DMA_FQ;
		domain->queue = queue;
		queue = NULL;
	} else if (domain->kind != IOMMU_DMA_FQ) {
		err = -EINVAL;
	}
	pthread_mutex_unlock(&domain->unit->lock);
	alloc->free(alloc->ctx, queue);
	return err;
}

/* Turns iova and size into a range, when they are aligned, not empty and fit into `bits`. */
static bool range_make(uint64_t iova, uint64_t size, unsigned int bits, struct range *range)
{
	uint64_t limit = UINT64_C(1) << bits;

	if (size == 0 || (iova | size) % IOMMU_PAGE_SIZE || iova >= limit || size > limit - iova)
		return false;
	*range = (struct range) {iova, iova + size - 1};
	return true;
}

static bool queue_touches(const struct flush_queue *queue, const struct range *range)
{
	for (unsigned int i = 0; queue && i < queue->length; i++)
		if (queue->ranges[i].first <= range->last && queue->ranges[i].last >= range->first)
			return true;
	return false;
}

static int domain_map(struct iommu_domain *domain, const struct range *range, uint64_t phys,
		      unsigned int permissions)
{
	if (!is_translated(domain))
		return -EINVAL;
	if (pagetable_mapped(&domain->table, range->first, range->last))
		return -EEXIST;
	/* A translation of what was there before must not survive beside the new one. */
	if (queue_touches(domain->queue, range))
		iommu_queue_run(domain);
	return pagetable_map(&domain->table, range->first, range->last, phys, permissions);
}

int iommu_map(struct iommu_domain *domain, uint64_t iova, uint64_t phys, uint64_t size,
	      unsigned int permissions)
{
	struct range range, target;
	int err;

	if (!range_make(iova, size, IOMMU_WIDTH, &range) ||
	    !range_make(phys, size, PHYS_BITS, &target) || permissions == 0 ||
	    permissions & ~(IOMMU_READ | IOMMU_WRITE))
		return -EINVAL;
	pthread_mutex_lock(&domain->unit->lock);
	err = domain_map(domain, &range, phys, permissions);
	pthread_mutex_unlock(&domain->unit->lock);
	return err;
}

/* Ends the reach of what was just taken out of the tables, or notes that it is to end. */
static void domain_invalidate(struct iommu_domain *domain, const struct range *range)
{
	struct flush_queue *queue = domain->queue;

	if (!queue) {
		tlb_drop_range(&domain->unit->tlb, domain->id, range->first, range->last);
		pagetable_prune(&domain->table, range->first, range->last);
		return;
	}
	queue->ranges[queue->length++] = *range;
	if (queue->length == IOMMU_QUEUE_SIZE)
		iommu_queue_run(domain);
}

static int domain_unmap(struct iommu_domain *domain, const struct range *range, uint64_t *bytes)
{
	if (!is_translated(domain) || pagetable_cuts(&domain->table, range->first, range->last))
		return -EINVAL;
	*bytes = pagetable_clear(&domain->table, range->first, range->last);
	if (*bytes == 0)
		return -ENOENT;
	domain_invalidate(domain, range);
	return 0;
}

int iommu_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size, uint64_t *unmapped)
{
	struct range range;
	uint64_t bytes;
	int err;

	if (!range_make(iova, size, IOMMU_WIDTH, &range))
		return -EINVAL;
	pthread_mutex_lock(&domain->unit->lock);
	err = domain_unmap(domain, &range, &bytes);
	pthread_mutex_unlock(&domain->unit->lock);
	if (!err && unmapped)
		*unmapped = bytes;
	return err;
}

void iommu_flush(struct iommu_domain *domain)
{
	pthread_mutex_lock(&domain->unit->lock);
	iommu_queue_run(domain);
	pthread_mutex_unlock(&domain->unit->lock);
}

int iommu_iova_to_phys(struct iommu_domain *domain, uint64_t iova, uint64_t *phys)
{
	struct page page;
	bool found = false;

	if (iova >> IOMMU_WIDTH)
		return -ENOENT;
	pthread_mutex_lock(&domain->unit->lock);
	if (domain->kind == IOMMU_IDENTITY) {
		page = (struct page) {.iova = iova, .phys = iova};
		found = true;
	} else if (is_translated(domain)) {
		found = pagetable_walk(&domain->table, iova, &page);
	}
	pthread_mutex_unlock(&domain->unit->lock);
	if (!found)
		return -ENOENT;
	*phys = page_phys(&page, iova);
	return 0;
}
