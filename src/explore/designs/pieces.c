/* SPDX-License-Identifier: MIT */
#include "pieces.h"

void design_cleanup_firmware_only(struct dmaown_device *device)
{
	const struct dmaown_bus_type *type = device->bus->type;

	if (type->firmware_cleanup)
		type->firmware_cleanup(device);
}

bool design_is_native(const struct dmaown_device *device)
{
	return device->driver && !device->driver->type->managed_dma;
}

int counted_use(struct dmaown_group *group, struct dmaown_device *device)
{
	return ownership_counted.use(group, device);
}

void counted_unuse(struct dmaown_group *group, struct dmaown_device *device)
{
	ownership_counted.unuse(group, device);
}

void counted_leave(struct dmaown_group *group, struct dmaown_device *device)
{
	ownership_counted.leave(group, device);
}

int counted_may_claim(struct dmaown_group *group, struct dmaown_device *device, const void *owner)
{
	return ownership_counted.may_claim(group, device, owner);
}

void counted_claim(struct dmaown_group *group, const void *owner)
{
	ownership_counted.claim(group, owner);
}

bool counted_release(struct dmaown_group *group)
{
	return ownership_counted.release(group);
}
