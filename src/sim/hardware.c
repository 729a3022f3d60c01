/* SPDX-License-Identifier: MIT */
/* The core's IOMMU as an instance of the software IOMMU: each operation is one of the unit's. */
#include "default_type.h"
#include "machine_parts.h"
#include "precondition.h"

#include <errno.h>
#include <string.h>

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	const struct sim_device *sim = dmaown_device_context(device);

	if (!sim->group || !sim->described)
		return -ENODEV;
	dmaown_group_get(sim->group->core);
	*group = sim->group->core;
	return 0;
}

static enum dmaown_domain_kind default_kind(void *context, struct dmaown_device *device)
{
	const struct sim_device *sim = dmaown_device_context(device);
	const char *type = sim->group->facts->type;

	enum dmaown_domain_kind kind;

	if (!type || default_type_parse(type, &kind) || kind == DMAOWN_DOMAIN_NONE)
		return DMAOWN_DOMAIN_DMA;
	return kind;
}

static int direct_region(void *context, struct dmaown_device *device, unsigned int index,
			 struct dmaown_region *region)
{
	const struct sim_device *sim = dmaown_device_context(device);

	if (index > 0 || sim->group->facts->direct_regions != KNOWN_YES)
		return -ENOENT;
	*region = (struct dmaown_region) {SIM_DIRECT_START, SIM_DIRECT_SIZE};
	return 0;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	static const enum iommu_kind kinds[] = {
		[DMAOWN_DOMAIN_DMA] = IOMMU_DMA,
		[DMAOWN_DOMAIN_DMA_FQ] = IOMMU_DMA_FQ,
		[DMAOWN_DOMAIN_IDENTITY] = IOMMU_IDENTITY,
		[DMAOWN_DOMAIN_BLOCKED] = IOMMU_BLOCKED,
		[DMAOWN_DOMAIN_UNMANAGED] = IOMMU_UNMANAGED,
	};
	struct sim_machine *machine = context;
	struct iommu_domain *domain;
	int err;

	precondition(kind != DMAOWN_DOMAIN_NONE);
	err = iommu_domain_create(machine->unit, kinds[kind], &domain);
	if (!err)
		*hardware = domain;
	return err;
}

static void destroy_domain(void *context, void *hardware)
{
	iommu_domain_destroy(hardware);
}

static int enable_flush_queue(void *context, void *hardware)
{
	return iommu_domain_defer(hardware);
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	const struct sim_machine *machine = context;
	const struct sim_device *sim = dmaown_device_context(device);

	return iommu_attach(machine->unit, sim->requester, hardware);
}

static void block(void *context, struct dmaown_device *device)
{
	attach(context, device, NULL);
}

static int map(void *context, void *hardware, uint64_t iova, uint64_t phys, uint64_t size,
	       unsigned int access)
{
	_Static_assert(DMAOWN_READ == IOMMU_READ && DMAOWN_WRITE == IOMMU_WRITE, "the same bits");

	return iommu_map(hardware, iova, phys, size, access);
}

static int unmap(void *context, void *hardware, uint64_t iova, uint64_t size)
{
	return iommu_unmap(hardware, iova, size, NULL);
}

static int translate(void *context, void *hardware, uint64_t iova, uint64_t *phys)
{
	return iommu_iova_to_phys(hardware, iova, phys);
}

static int attach_pasid(void *context, struct dmaown_device *device, uint32_t pasid, void *hardware)
{
	const struct sim_machine *machine = context;
	const struct sim_device *sim = dmaown_device_context(device);

	return iommu_attach_pasid(machine->unit, sim->requester, pasid, hardware);
}

static void detach_pasid(void *context, struct dmaown_device *device, uint32_t pasid)
{
	attach_pasid(context, device, pasid, NULL);
}

const struct dmaown_iommu_ops sim_iommu_ops = {
	.device_group = device_group,
	.default_kind = default_kind,
	.direct_region = direct_region,
	.create_domain = create_domain,
	.destroy_domain = destroy_domain,
	.enable_flush_queue = enable_flush_queue,
	.attach = attach,
	.block = block,
	.map = map,
	.unmap = unmap,
	.translate = translate,
	.attach_pasid = attach_pasid,
	.detach_pasid = detach_pasid,
};
