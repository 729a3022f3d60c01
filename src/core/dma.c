/* SPDX-License-Identifier: MIT */
/*
 * The one path by which a bus makes a device able to do DMA, and a native driver's mappings.
 *
 * Invariants: a device is in its group before its use is counted, so that no native device is bound
 * but not counted (I1; section 6, 4); the flag of the configure is that of its cleanup (I5);
 * mappings exist only between the two (I11).
 */
#include "ownership.h"

#include <errno.h>

static int use_default_domain(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;
	int err;

	if (!device->native || !group)
		return 0;
	group_lock(group);
	err = device_core(device)->ownership->use(group, device);
	group_unlock(group);
	return err;
}

static void unuse_default_domain(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;

	if (!device->native || !group)
		return;
	group_lock(group);
	dma_unmap_all(device);
	device_core(device)->ownership->unuse(group, device);
	group_unlock(group);
}

static void undo_firmware(struct dmaown_device *device)
{
	const struct dmaown_bus_type *type = device->bus->type;

	if (type->firmware_cleanup)
		type->firmware_cleanup(device);
}

int dmaown_dma_configure(struct dmaown_device *device)
{
	const struct dmaown_bus_type *type = device->bus->type;
	int err;

	device_assert_locked(device);
	err = type->firmware_configure ? type->firmware_configure(device) : 0;
	if (err)
		return err;
	err = dmaown_device_join(device);
	if (err && err != -ENODEV)
		goto undo_firmware;
	err = use_default_domain(device);
	if (err)
		goto undo_firmware;
	return 0;

undo_firmware:
	undo_firmware(device);
	return err;
}

void dmaown_dma_cleanup(struct dmaown_device *device)
{
	device_assert_locked(device);
	unuse_default_domain(device);
	undo_firmware(device);
}

/* Identity domains and devices without an IOMMU: the addresses are the same, and nothing is mapped.
 */
static bool maps_one_to_one(const struct dmaown_device *device)
{
	return !device->group || device->group->default_domain->kind == DMAOWN_DOMAIN_IDENTITY;
}

static int map_locked(struct dmaown_device *device, struct mapping *mapping, uint64_t phys,
		      unsigned int access)
{
	struct dmaown_domain *domain;
	int err;

	if (device->use != USE_COUNTED)
		return -EPERM;
	if (maps_one_to_one(device)) {
		if (mapping->iova != phys)
			return -EINVAL;
	} else {
		domain = device->group->default_domain;
		err = dmaown_domain_map(domain, mapping->iova, phys, mapping->size, access);
		if (err)
			return err;
	}
	list_add_tail(&mapping->on_device, &device->mappings);
	return 0;
}

/* Without a group nothing counts the use, but the configure is known. */
static int map_untranslated(const struct dmaown_device *device, uint64_t iova, uint64_t phys)
{
	if (!device->configured || !device->native)
		return -EPERM;
	return iova == phys ? 0 : -EINVAL;
}

int dmaown_dma_map(struct dmaown_device *device, uint64_t iova, uint64_t phys, uint64_t size,
		   unsigned int access)
{
	struct dmaown_core *core = device_core(device);
	struct mapping *mapping;
	int err;

	if (!device->group)
		return map_untranslated(device, iova, phys);
	mapping = core_allocate(core, sizeof(*mapping));
	if (!mapping)
		return -ENOMEM;
	mapping->iova = iova;
	mapping->size = size;
	group_lock(device->group);
	err = map_locked(device, mapping, phys, access);
	group_unlock(device->group);
	if (err)
		core_free(core, mapping, sizeof(*mapping));
	return err;
}

static void unmap_locked(struct dmaown_device *device, struct mapping *mapping)
{
	if (!maps_one_to_one(device))
		dmaown_domain_unmap(device->group->default_domain, mapping->iova, mapping->size);
	list_del(&mapping->on_device);
	core_free(device_core(device), mapping, sizeof(*mapping));
}

int dmaown_dma_unmap(struct dmaown_device *device, uint64_t iova, uint64_t size)
{
	struct mapping *mapping;
	int err = -ENOENT;

	if (!device->group)
		return 0;
	group_lock(device->group);
	list_for_each_entry (mapping, &device->mappings, on_device)
		if (mapping->iova == iova && mapping->size == size) {
			unmap_locked(device, mapping);
			err = 0;
			break;
		}
	group_unlock(device->group);
	return err;
}

void dma_unmap_all(struct dmaown_device *device)
{
	struct mapping *mapping, *next;

	group_assert_locked(device->group);
	if (list_empty(&device->mappings))
		return;
	core_warn(device_core(device), DMAOWN_WARN_MAPPINGS_LEFT, device->name);
	list_for_each_entry_safe (mapping, next, &device->mappings, on_device)
		unmap_locked(device, mapping);
}
