/* SPDX-License-Identifier: MIT */
/*
 * Resets: a device whose DMA must stay blocked for a while, whatever becomes of its group.
 *
 * Switches go past a device that is being reset (device_attach()); so a release is never refused
 * because of it, and what it returns to is the domain of the moment, not one that it remembers
 * (section 6, 12).
 */
#include "objects.h"

#include <errno.h>

int dmaown_device_reset_begin(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;
	int err = -EINVAL;

	if (!group)
		return -ENODEV;
	group_lock(group);
	if (!device->resetting) {
		device->resetting = true;
		device_block(device);
		err = 0;
	}
	group_unlock(group);
	return err;
}

int dmaown_device_reset_end(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;
	int err = -EINVAL;

	if (!group)
		return -ENODEV;
	group_lock(group);
	if (device->resetting) {
		device->resetting = false;
		if (group->current && device_attach(device, group->current))
			device_strand(device);
		err = 0;
	}
	group_unlock(group);
	return err;
}
