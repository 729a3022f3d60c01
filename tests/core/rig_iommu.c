/* SPDX-License-Identifier: MIT */
/* The hardware: what each device is attached to, and the mappings of each domain. */
#include "rig_parts.h"

#include <errno.h>
#include <string.h>

/* The group of this name, or a free place for it. */
static struct rig_group *find_group(struct rig *rig, const char *name)
{
	for (unsigned int i = 0; i < rig->group_count; i++)
		if (strcmp(rig->groups[i].name, name) == 0)
			return &rig->groups[i];
	assert_true(rig->group_count < RIG_GROUPS);
	return &rig->groups[rig->group_count];
}

struct dmaown_group *rig_group(struct rig *rig, const char *name)
{
	struct rig_group *group = find_group(rig, name);

	assert_non_null(group->name);
	return group->group;
}

static int iommu_device_group(void *context, struct dmaown_device *device,
			      struct dmaown_group **out)
{
	struct rig *rig = context;
	struct rig_device *rig_device = rig_device_of(device);
	struct rig_group *group;
	int err = rig_fault(&rig->device_group);

	if (err)
		return err;
	if (!rig_device->group || rig_device->undescribed)
		return -ENODEV;
	group = find_group(rig, rig_device->group);
	if (!group->name) {
		err = dmaown_group_create(rig->iommu, rig_device->group, group, &group->group);
		if (err)
			return err;
		group->name = rig_device->group;
		rig->group_count++;
	}
	dmaown_group_get(group->group);
	*out = group->group;
	return 0;
}

static enum dmaown_domain_kind iommu_default_kind(void *context, struct dmaown_device *device)
{
	const struct rig *rig = context;

	return rig->default_kind;
}

static int iommu_direct_region(void *context, struct dmaown_device *device, unsigned int index,
			       struct dmaown_region *region)
{
	struct rig *rig = context;
	const struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig->direct_region);

	if (err)
		return err;
	if (index >= 2 || rig_device->regions[index].size == 0)
		return -ENOENT;
	*region = rig_device->regions[index];
	return 0;
}

static int iommu_create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	struct rig *rig = context;
	struct rig_domain *domain;
	int err = rig_fault(&rig->create_domain);

	if (err)
		return err;
	domain = rig_allocate(rig, sizeof(*domain));
	if (!domain)
		return -ENOMEM;
	*domain = (struct rig_domain) {.rig = rig, .kind = kind};
	rig->domains++;
	*hardware = domain;
	return 0;
}

/* I4, seen from the hardware: nothing may be attached to what goes. */
static void iommu_destroy_domain(void *context, void *hardware)
{
	struct rig *rig = context;

	for (unsigned int i = 0; i < rig->device_count; i++)
		assert_ptr_not_equal(rig->devices[i].attached, hardware);
	rig->domains--;
	rig_free(rig, hardware, sizeof(struct rig_domain));
}

static int iommu_enable_flush_queue(void *context, void *hardware)
{
	struct rig *rig = context;
	struct rig_domain *domain = hardware;
	int err = rig_fault(&rig->flush_queue);

	if (!err)
		domain->kind = DMAOWN_DOMAIN_DMA_FQ;
	return err;
}

static int iommu_attach(void *context, struct dmaown_device *device, void *hardware)
{
	struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig_device->attach);

	if (!err)
		rig_device->attached = hardware;
	return err;
}

static void iommu_block(void *context, struct dmaown_device *device)
{
	rig_device_of(device)->attached = NULL;
}

static int iommu_map(void *context, void *hardware, uint64_t iova, uint64_t phys, uint64_t size,
		     unsigned int access)
{
	struct rig *rig = context;
	struct rig_domain *domain = hardware;
	int err = rig_fault(&rig->map);

	if (err)
		return err;
	for (unsigned int i = 0; i < domain->mapped; i++)
		if (iova < domain->mappings[i].iova + domain->mappings[i].size &&
		    domain->mappings[i].iova < iova + size)
			return -EEXIST;
	assert_true(domain->mapped < 4);
	domain->mappings[domain->mapped++] = (struct rig_mapping) {iova, phys, size};
	return 0;
}

static struct rig_mapping *find_mapping(struct rig_domain *domain, uint64_t iova)
{
	for (unsigned int i = 0; i < domain->mapped; i++)
		if (iova - domain->mappings[i].iova < domain->mappings[i].size)
			return &domain->mappings[i];
	return NULL;
}

static int iommu_unmap(void *context, void *hardware, uint64_t iova, uint64_t size)
{
	struct rig_domain *domain = hardware;
	struct rig_mapping *mapping = find_mapping(domain, iova);

	if (!mapping || mapping->iova != iova || mapping->size != size)
		return -ENOENT;
	*mapping = domain->mappings[--domain->mapped];
	return 0;
}

static int iommu_translate(void *context, void *hardware, uint64_t iova, uint64_t *phys)
{
	const struct rig_mapping *mapping = find_mapping(hardware, iova);

	if (!mapping)
		return -ENOENT;
	*phys = mapping->phys + (iova - mapping->iova);
	return 0;
}

static int iommu_attach_pasid(void *context, struct dmaown_device *device, uint32_t pasid,
			      void *hardware)
{
	struct rig *rig = context;
	int err = rig_fault(&rig->attach_pasid);

	if (!err)
		rig_device_of(device)->pasid = pasid;
	return err;
}

static void iommu_detach_pasid(void *context, struct dmaown_device *device, uint32_t pasid)
{
	assert_int_equal(rig_device_of(device)->pasid, pasid);
	rig_device_of(device)->pasid = 0;
}

const struct dmaown_iommu_ops scripted_iommu = {
	.device_group = iommu_device_group,
	.default_kind = iommu_default_kind,
	.direct_region = iommu_direct_region,
	.create_domain = iommu_create_domain,
	.destroy_domain = iommu_destroy_domain,
	.enable_flush_queue = iommu_enable_flush_queue,
	.attach = iommu_attach,
	.block = iommu_block,
	.map = iommu_map,
	.unmap = iommu_unmap,
	.translate = iommu_translate,
	.attach_pasid = iommu_attach_pasid,
	.detach_pasid = iommu_detach_pasid,
};

const char *attached_name(const struct rig_device *device)
{
	return dmaown_domain_kind_name(device->attached ? device->attached->kind
							: DMAOWN_DOMAIN_NONE);
}
