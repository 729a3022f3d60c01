/* SPDX-License-Identifier: MIT */
/* What a device can reach at this moment through the software IOMMU. */
#include "iommu_parts.h"

#include <errno.h>

/* Joins the pages of one domain to ranges on their way to the caller of iommu_reach(). */
struct reach {
	void (*found)(void *ctx, const struct iommu_range *range);
	void *ctx;
	struct iommu_range open; /* size 0: none */
};

static void reach_close(struct reach *reach)
{
	if (reach->open.size > 0)
		reach->found(reach->ctx, &reach->open);
	reach->open.size = 0;
}

static void reach_page(void *ctx, const struct page *page)
{
	struct reach *reach = ctx;
	struct iommu_range *open = &reach->open;
	uint64_t size = UINT64_C(1) << page->shift;

	if (open->size > 0 && open->iova + open->size == page->iova &&
	    open->phys + open->size == page->phys && open->permissions == page->permissions) {
		open->size += size;
		return;
	}
	reach_close(reach);
	open->iova = page->iova;
	open->phys = page->phys;
	open->size = size;
	open->permissions = page->permissions;
}

/* What the TLB remembers of the domain and the tables no longer say. */
static void reach_stale(struct reach *reach, struct iommu_domain *domain)
{
	struct tlb *tlb = &domain->unit->tlb;

	reach->open.stale = true;
	for (unsigned int i = 0; i < TLB_SETS * TLB_WAYS; i++) {
		const struct tlb_entry *entry = &tlb->entries[i / TLB_WAYS][i % TLB_WAYS];
		struct page page;

		if (entry->domain != domain->id ||
		    pagetable_walk(&domain->table, entry->page.iova, &page))
			continue;
		reach_page(reach, &entry->page);
		reach_close(reach);
	}
}

static void reach_context(struct iommu_unit *unit, const struct context *context,
			  struct reach *reach)
{
	struct iommu_domain *domain = context->domain;

	reach->open = (struct iommu_range) {.pasid = context->pasid};
	if (!domain || domain->kind == IOMMU_BLOCKED)
		return;
	if (domain->kind == IOMMU_IDENTITY) {
		reach->open.size = memory_size(unit->memory);
		reach->open.permissions = IOMMU_READ | IOMMU_WRITE;
		reach_close(reach);
		return;
	}
	pagetable_each(&domain->table, reach_page, reach);
	reach_close(reach);
	reach_stale(reach, domain);
}

int iommu_reach(struct iommu_unit *unit, uint32_t id,
		void (*found)(void *ctx, const struct iommu_range *range), void *ctx)
{
	struct reach reach = {.found = found, .ctx = ctx};
	struct requester *requester;
	struct context *context;

	pthread_mutex_lock(&unit->lock);
	requester = iommu_requester_find(unit, id);
	if (requester) {
		reach_context(unit, &requester->own, &reach);
		list_for_each_entry (context, &requester->pasids, entry)
			reach_context(unit, context, &reach);
	}
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}
