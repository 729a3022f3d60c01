/* SPDX-License-Identifier: MIT */
/*
 * The shipped design: group.count counts devices, not nesting, and group.owner is the user's token.
 *
 * Without an owner the count is the number of native devices between their configure and cleanup,
 * with one it is the number of the owner's claims (I1). A use is also noted on its device, so that
 * a cleanup without a use of its own cannot take away somebody else's.
 */
#include "ownership.h"

#include <errno.h>

static int counted_use(struct dmaown_group *group, struct dmaown_device *device)
{
	if (!group->default_domain)
		return -DMAOWN_EPROBE_DEFER;
	/* Not only while counted: the first use must not begin on a kernel user's own domain (I2).
	 */
	if (group->current != group->default_domain || group->owner)
		return -EBUSY;
	if (group->count > 0 && !list_empty(&group->pasids))
		return -EBUSY;
	if (device->use == USE_NONE)
		group->count++;
	device->use = USE_COUNTED;
	return 0;
}

static void counted_leave(struct dmaown_group *group, struct dmaown_device *device)
{
	if (device->use != USE_NONE)
		group->count--;
	device->use = USE_NONE;
}

static void counted_unuse(struct dmaown_group *group, struct dmaown_device *device)
{
	if (device->use != USE_COUNTED) {
		core_warn(group->core, DMAOWN_WARN_UNUSE_UNBALANCED, device->name);
		return;
	}
	if (!list_empty(&group->pasids)) {
		core_warn(group->core, DMAOWN_WARN_UNUSE_PASID, device->name);
		device->use = USE_OVERDUE;
		return;
	}
	counted_leave(group, device);
}

static int counted_may_claim(struct dmaown_group *group, struct dmaown_device *device,
			     const void *owner)
{
	if (group->count > 0)
		return device && group->owner == owner ? 1 : -EPERM;
	if (group->current && group->current != group->default_domain)
		return -EBUSY;
	return list_empty(&group->pasids) ? 0 : -EBUSY;
}

static void counted_claim(struct dmaown_group *group, const void *owner)
{
	group->owner = owner;
	group->count++;
}

static bool counted_release(struct dmaown_group *group)
{
	if (--group->count > 0)
		return false;
	group->owner = NULL;
	return true;
}

const struct ownership_design ownership_counted = {
	.name = "counted",
	.use = counted_use,
	.unuse = counted_unuse,
	.leave = counted_leave,
	.may_claim = counted_may_claim,
	.claim = counted_claim,
	.release = counted_release,
};
