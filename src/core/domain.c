/* SPDX-License-Identifier: MIT */
/*
 * Domains: address spaces of an IOMMU, a group's own or a user's.
 *
 * Invariant (I4): a domain is not freed while anything points at it. Devices, PASIDs and groups
 * point through domain_point(), which counts; a user's destroy is refused while the count is not 0,
 * and a group frees its own domains only when it has switched away from them.
 */
#include "objects.h"

#include <errno.h>

int domain_create(struct dmaown_iommu *iommu, enum dmaown_domain_kind kind,
		  struct dmaown_domain **out)
{
	struct dmaown_domain *domain = core_allocate(iommu->core, sizeof(*domain));
	int err;

	if (!domain)
		return -ENOMEM;
	err = iommu->ops->create_domain(iommu->context, kind, &domain->hardware);
	if (err) {
		core_free(iommu->core, domain, sizeof(*domain));
		return err;
	}
	domain->iommu = iommu;
	domain->kind = kind;
	list_init(&domain->on_iommu);
	atomic_init(&domain->users, 0);
	*out = domain;
	return 0;
}

static void domain_destroy_hardware(struct dmaown_domain *domain)
{
	const struct dmaown_iommu *iommu = domain->iommu;

	iommu->ops->destroy_domain(iommu->context, domain->hardware);
}

void domain_free(struct dmaown_domain *domain)
{
	if (!domain)
		return;
	domain_destroy_hardware(domain);
	core_free(domain->iommu->core, domain, sizeof(*domain));
}

int dmaown_domain_create(struct dmaown_iommu *iommu, struct dmaown_domain **out)
{
	struct dmaown_core *core = iommu->core;
	struct dmaown_domain *domain = NULL;
	int err = domain_create(iommu, DMAOWN_DOMAIN_UNMANAGED, &domain);

	if (err)
		return err;
	lock_take(&core->env, &core->lists_lock);
	list_add_tail(&domain->on_iommu, &iommu->domains);
	lock_drop(&core->env, &core->lists_lock);
	*out = domain;
	return 0;
}

int dmaown_domain_destroy(struct dmaown_domain *domain)
{
	struct dmaown_core *core = domain->iommu->core;

	if (atomic_load(&domain->users) > 0)
		return -EBUSY;
	domain_destroy_hardware(domain);
	/* The last that needs the IOMMU, which may be unregistered from here on. */
	lock_take(&core->env, &core->lists_lock);
	list_del(&domain->on_iommu);
	lock_drop(&core->env, &core->lists_lock);
	core_free(core, domain, sizeof(*domain));
	return 0;
}

int dmaown_domain_map(struct dmaown_domain *domain, uint64_t iova, uint64_t phys, uint64_t size,
		      unsigned int access)
{
	const struct dmaown_iommu *iommu = domain->iommu;

	if (!iommu->ops->map)
		return -EOPNOTSUPP;
	return iommu->ops->map(iommu->context, domain->hardware, iova, phys, size, access);
}

int dmaown_domain_unmap(struct dmaown_domain *domain, uint64_t iova, uint64_t size)
{
	const struct dmaown_iommu *iommu = domain->iommu;

	if (!iommu->ops->unmap)
		return -EOPNOTSUPP;
	return iommu->ops->unmap(iommu->context, domain->hardware, iova, size);
}

int dmaown_domain_translate(struct dmaown_domain *domain, uint64_t iova, uint64_t *phys)
{
	const struct dmaown_iommu *iommu = domain->iommu;

	if (!iommu->ops->translate)
		return -EOPNOTSUPP;
	return iommu->ops->translate(iommu->context, domain->hardware, iova, phys);
}

const char *dmaown_domain_kind_name(enum dmaown_domain_kind kind)
{
	static const char *const names[] = {
		[DMAOWN_DOMAIN_NONE] = "none",       [DMAOWN_DOMAIN_DMA] = "DMA",
		[DMAOWN_DOMAIN_DMA_FQ] = "DMA-FQ",   [DMAOWN_DOMAIN_IDENTITY] = "identity",
		[DMAOWN_DOMAIN_BLOCKED] = "blocked", [DMAOWN_DOMAIN_UNMANAGED] = "unmanaged",
	};
	size_t count = sizeof(names) / sizeof(names[0]);

	return (size_t)kind < count ? names[kind] : "unknown";
}
