/* SPDX-License-Identifier: MIT */
/*
 * D4: no count. The group has an owner's token, the kernel's being one; who leaves walks the list
 * of its siblings and gives the group back when no driver there still stands for the kernel.
 *
 * The walk is made under the group's mutex and reads the siblings' driver pointers without their
 * locks. Three variants: the reads as they would be written; the same with reads that are taken to
 * be harmless, to see what else comes of it; and with the walk after the device's own driver
 * pointer has been cleared, at UNBOUND_DRIVER, instead of before. device.use is kept for the DMA
 * API alone.
 */
#include "pieces.h"

#include <errno.h>

/* The kernel's token: its address is what counts. */
static const char kernel;

static int walk_use(struct dmaown_group *group, struct dmaown_device *device)
{
	if (!group->default_domain)
		return -DMAOWN_EPROBE_DEFER;
	if (group->owner && group->owner != &kernel)
		return -EBUSY;
	group->owner = &kernel;
	device->use = USE_COUNTED;
	return 0;
}

static bool stands(const struct dmaown_device *sibling)
{
	return sibling->driver && !sibling->driver->type->managed_dma;
}

__attribute__((no_sanitize("thread"))) static bool
stands_relaxed(const struct dmaown_device *sibling)
{
	return sibling->driver && !sibling->driver->type->managed_dma;
}

static void give_back(struct dmaown_group *group, const struct dmaown_device *self,
		      bool (*sibling_stands)(const struct dmaown_device *sibling))
{
	const struct dmaown_device *sibling;

	if (group->owner != &kernel)
		return;
	list_for_each_entry (sibling, &group->devices, on_group)
		if (sibling != self && sibling_stands(sibling))
			return;
	group->owner = NULL;
}

static void walk_unuse(struct dmaown_group *group, struct dmaown_device *device)
{
	device->use = USE_NONE;
	give_back(group, device, stands);
}

static void walk_unuse_relaxed(struct dmaown_group *group, struct dmaown_device *device)
{
	device->use = USE_NONE;
	give_back(group, device, stands_relaxed);
}

static int walk_may_claim(struct dmaown_group *group, struct dmaown_device *device,
			  const void *owner)
{
	if (group->owner)
		return device && group->owner == owner ? 1 : -EPERM;
	return group->current && group->current != group->default_domain ? -EBUSY : 0;
}

static void walk_claim(struct dmaown_group *group, const void *owner)
{
	group->owner = owner;
}

static bool walk_release(struct dmaown_group *group)
{
	group->owner = NULL;
	return true;
}

#define WALK(unuse_step)                                                                           \
	{                                                                                          \
		.name = "list-walk", .use = walk_use, .unuse = (unuse_step),                       \
		.leave = (unuse_step), .may_claim = walk_may_claim, .claim = walk_claim,           \
		.release = walk_release                                                            \
	}

static const struct ownership_design walk = WALK(walk_unuse);
static const struct ownership_design walk_relaxed = WALK(walk_unuse_relaxed);

const struct design design_list_walk = {
	.name = "list-walk",
	.about = "no count: who leaves looks whether a sibling's driver still stands (D4)",
	.ownership = &walk,
};

const struct design design_list_walk_relaxed = {
	.name = "list-walk-relaxed",
	.about = "D4, its unlocked reads taken to be harmless",
	.ownership = &walk_relaxed,
};

static void end_use_late(struct dmaown_device *device, enum dmaown_event event)
{
	if (event == DMAOWN_UNBOUND_DRIVER || event == DMAOWN_DRIVER_NOT_BOUND)
		dmaown_dma_cleanup(device);
}

static void change_bus(struct dmaown_bus_type *type)
{
	type->dma_cleanup = design_cleanup_firmware_only;
}

const struct design design_list_walk_late = {
	.name = "list-walk-late",
	.about = "D4, harmless reads, and the walk after the driver pointer is cleared",
	.ownership = &walk_relaxed,
	.change_bus = change_bus,
	.event = end_use_late,
};
