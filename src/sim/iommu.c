/* SPDX-License-Identifier: MIT */
/* The software IOMMU: units, the requesters behind them, and the domain that each is attached to.
 */
#include "iommu_parts.h"

#include <errno.h>

#define PASID_BITS 20u

int iommu_create(const struct sim_alloc *alloc, struct memory *memory, struct iommu_unit **out)
{
	struct iommu_unit *unit = alloc->alloc(alloc->ctx, sizeof(*unit));

	if (!unit)
		return -ENOMEM;
	unit->alloc = alloc;
	unit->memory = memory;
	pthread_mutex_init(&unit->lock, NULL);
	for (unsigned int i = 0; i < IOMMU_BUCKETS; i++)
		list_init(&unit->requesters[i]);
	*out = unit;
	return 0;
}

static void requester_free(struct iommu_unit *unit, struct requester *requester)
{
	struct context *context, *next;

	list_for_each_entry_safe (context, next, &requester->pasids, entry)
		unit->alloc->free(unit->alloc->ctx, context);
	list_del(&requester->entry);
	unit->alloc->free(unit->alloc->ctx, requester);
}

int iommu_destroy(struct iommu_unit *unit)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester, *next;
	bool busy;

	pthread_mutex_lock(&unit->lock);
	busy = unit->domains > 0;
	pthread_mutex_unlock(&unit->lock);
	if (busy)
		return -EBUSY;
	for (unsigned int i = 0; i < IOMMU_BUCKETS; i++)
		list_for_each_entry_safe (requester, next, &unit->requesters[i], entry)
			requester_free(unit, requester);
	pthread_mutex_destroy(&unit->lock);
	alloc->free(alloc->ctx, unit);
	return 0;
}

struct requester *iommu_requester_find(struct iommu_unit *unit, uint32_t id)
{
	struct requester *requester;

	list_for_each_entry (requester, &unit->requesters[id % IOMMU_BUCKETS], entry)
		if (requester->id == id)
			return requester;
	return NULL;
}

struct context *iommu_context_find(struct requester *requester, uint32_t pasid, struct list **next)
{
	struct context *context;

	if (pasid == IOMMU_NO_PASID)
		return &requester->own;
	list_for_each_entry (context, &requester->pasids, entry)
		if (context->pasid >= pasid)
			break;
	if (next)
		*next = &context->entry;
	return &context->entry != &requester->pasids && context->pasid == pasid ? context : NULL;
}

int iommu_requester_add(struct iommu_unit *unit, uint32_t id)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester = alloc->alloc(alloc->ctx, sizeof(*requester));
	bool known;

	if (!requester)
		return -ENOMEM;
	requester->id = id;
	requester->own.pasid = IOMMU_NO_PASID;
	list_init(&requester->pasids);
	pthread_mutex_lock(&unit->lock);
	known = iommu_requester_find(unit, id);
	if (!known)
		list_add_tail(&requester->entry, &unit->requesters[id % IOMMU_BUCKETS]);
	pthread_mutex_unlock(&unit->lock);
	if (known)
		alloc->free(alloc->ctx, requester);
	return known ? -EEXIST : 0;
}

static void context_switch(struct context *context, struct iommu_domain *domain)
{
	struct iommu_domain *left = context->domain;

	if (left == domain)
		return;
	context->domain = domain;
	if (domain)
		domain->contexts++;
	if (left) {
		left->contexts--;
		iommu_queue_run(left);
		tlb_drop_domain(&left->unit->tlb, left->id);
	}
}

int iommu_requester_remove(struct iommu_unit *unit, uint32_t id)
{
	struct requester *requester;
	struct context *context;

	pthread_mutex_lock(&unit->lock);
	requester = iommu_requester_find(unit, id);
	if (requester) {
		context_switch(&requester->own, NULL);
		list_for_each_entry (context, &requester->pasids, entry)
			context_switch(context, NULL);
		requester_free(unit, requester);
	}
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}

int iommu_attach(struct iommu_unit *unit, uint32_t id, struct iommu_domain *domain)
{
	struct requester *requester;

	if (domain && domain->unit != unit)
		return -EINVAL;
	pthread_mutex_lock(&unit->lock);
	requester = iommu_requester_find(unit, id);
	if (requester)
		context_switch(&requester->own, domain);
	pthread_mutex_unlock(&unit->lock);
	return requester ? 0 : -ENODEV;
}

static int pasid_switch(struct iommu_unit *unit, uint32_t id, uint32_t pasid,
			struct iommu_domain *domain)
{
	const struct sim_alloc *alloc = unit->alloc;
	struct requester *requester = iommu_requester_find(unit, id);
	struct context *context;
	struct list *next;

	if (!requester)
		return -ENODEV;
	context = iommu_context_find(requester, pasid, &next);
	if (!context && !domain)
		return 0;
	if (!context) {
		context = alloc->alloc(alloc->ctx, sizeof(*context));
		if (!context)
			return -ENOMEM;
		context->pasid = pasid;
		list_add_tail(&context->entry, next);
	}
	context_switch(context, domain);
	if (!domain) {
		list_del(&context->entry);
		alloc->free(alloc->ctx, context);
	}
	return 0;
}

int iommu_attach_pasid(struct iommu_unit *unit, uint32_t id, uint32_t pasid,
		       struct iommu_domain *domain)
{
	int err;

	if ((domain && domain->unit != unit) || pasid >> PASID_BITS)
		return -EINVAL;
	pthread_mutex_lock(&unit->lock);
	err = pasid_switch(unit, id, pasid, domain);
	pthread_mutex_unlock(&unit->lock);
	return err;
}

void iommu_counts(struct iommu_unit *unit, struct iommu_counts *counts)
{
	pthread_mutex_lock(&unit->lock);
	*counts = (struct iommu_counts) {
		.hits = unit->tlb.hits,
		.misses = unit->tlb.misses,
		.flushes = unit->flushes,
	};
	pthread_mutex_unlock(&unit->lock);
}
