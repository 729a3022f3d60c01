/* SPDX-License-Identifier: MIT */
/*
 * The stage's IOMMU: what each device is attached to. It takes no memory, so that it adds no points
 * to those of the core.
 */
#include "stage_parts.h"

#include <errno.h>

static struct stage_device *stage_of(struct dmaown_device *device)
{
	return dmaown_device_context(device);
}

void *stage_hardware_attached(struct dmaown_device *device)
{
	return stage_of(device)->now->attached;
}

void stage_hardware_attach(struct dmaown_device *device, void *hardware)
{
	stage_of(device)->now->attached = hardware;
}

uint64_t *stage_device_extra(struct dmaown_device *device)
{
	return stage_of(device)->now->extra;
}

uint64_t *stage_group_extra(struct dmaown_group *group)
{
	struct stage_group *self = dmaown_group_context(group);

	return self->now->extra;
}

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **group)
{
	struct stage_device *self = stage_of(device);

	if (!self->group || !self->now->described)
		return -ENODEV;
	dmaown_group_get(self->group->core);
	*group = self->group->core;
	return 0;
}

static enum dmaown_domain_kind default_kind(void *context, struct dmaown_device *device)
{
	const char *type = stage_of(device)->group->facts->type;

	if (type && type[0] == 'i')
		return DMAOWN_DOMAIN_IDENTITY;
	return type && type[3] == '-' ? DMAOWN_DOMAIN_DMA_FQ : DMAOWN_DOMAIN_DMA;
}

static int direct_region(void *context, struct dmaown_device *device, unsigned int index,
			 struct dmaown_region *region)
{
	if (index > 0 || stage_of(device)->group->facts->direct_regions != KNOWN_YES)
		return -ENOENT;
	*region = (struct dmaown_region) {0x1000, 0x1000};
	return 0;
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	stage_hardware_attach(device, hardware);
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
	stage_hardware_attach(device, NULL);
}

/* That what is mapped is unmapped is the core's list's to know. */
static int map(void *context, void *hardware, uint64_t iova, uint64_t phys, uint64_t size,
	       unsigned int access)
{
	return 0;
}

static int unmap(void *context, void *hardware, uint64_t iova, uint64_t size)
{
	return 0;
}

const struct dmaown_iommu_ops stage_iommu_ops = {
	.device_group = device_group,
	.default_kind = default_kind,
	.direct_region = direct_region,
	.create_domain = stage_domain_create,
	.destroy_domain = stage_domain_destroy,
	.enable_flush_queue = stage_domain_defer,
	.attach = attach,
	.block = block,
	.map = map,
	.unmap = unmap,
};
