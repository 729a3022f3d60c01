/* SPDX-License-Identifier: MIT */
/*
 * A user's ownership of a group, claimed as a whole or device by device.
 *
 * Invariants: the count of an owned group is the number of its claims (I1), and its current domain
 * is neither the default one nor none (I2). A claim fails without effect, a release can't fail
 * (I7): the default domain is there before the group can be claimed, so going back to it needs no
 * memory.
 */
#include "ownership.h"

#include <errno.h>

/* The blocking domain, once made, stays until the group is empty. */
static int block_group(struct dmaown_group *group)
{
	int err = 0;

	if (!group->blocking_domain)
		err = domain_create(group->iommu, DMAOWN_DOMAIN_BLOCKED, &group->blocking_domain);
	return err ? err : group_switch_away(group, group->blocking_domain);
}

static int take(struct dmaown_group *group, struct dmaown_device *device, const void *owner)
{
	const struct ownership_design *design = group->core->ownership;
	int ret = design->may_claim(group, device, owner);

	if (ret < 0)
		return ret;
	if (ret == 0) {
		if (list_empty(&group->devices))
			return -ENODEV;
		ret = block_group(group);
		if (ret)
			return ret;
	}
	design->claim(group, owner);
	return 0;
}

static void give_back(struct dmaown_group *group)
{
	if (group->core->ownership->release(group))
		group_switch_nofail(group, group->default_domain);
}

int dmaown_group_claim(struct dmaown_group *group, const void *owner)
{
	int err;

	if (!owner)
		return -EINVAL;
	group_lock(group);
	err = take(group, NULL, owner);
	if (!err)
		group->claimed_whole = true;
	group_unlock(group);
	return err;
}

/* Whether `owner` may release something here; a caller's mistake is warned of. */
static int check_release(struct dmaown_group *group, const void *owner, bool claimed,
			 const char *name)
{
	if (group->owner && group->owner != owner) {
		core_warn(group->core, DMAOWN_WARN_RELEASE_FOREIGN, name);
		return -EPERM;
	}
	if (!group->owner || !claimed) {
		core_warn(group->core, DMAOWN_WARN_RELEASE_UNCLAIMED, name);
		return -EINVAL;
	}
	return 0;
}

int dmaown_group_release(struct dmaown_group *group, const void *owner)
{
	int err;

	group_lock(group);
	err = check_release(group, owner, group->claimed_whole, group->name);
	if (!err && group->count > 1)
		err = -EBUSY;
	if (!err) {
		group->claimed_whole = false;
		give_back(group);
	}
	group_unlock(group);
	return err;
}

int dmaown_device_claim(struct dmaown_device *device, const void *owner)
{
	struct dmaown_group *group = device->group;
	int err;

	if (!owner)
		return -EINVAL;
	if (!group)
		return -ENODEV;
	group_lock(group);
	err = take(group, device, owner);
	if (!err)
		device->claims++;
	group_unlock(group);
	return err;
}

int dmaown_device_release(struct dmaown_device *device, const void *owner)
{
	struct dmaown_group *group = device->group;
	int err;

	if (!group)
		return -ENODEV;
	group_lock(group);
	err = check_release(group, owner, device->claims > 0, device->name);
	if (!err) {
		device->claims--;
		give_back(group);
	}
	group_unlock(group);
	return err;
}

void claim_device_leaves(struct dmaown_device *device)
{
	struct dmaown_group *group = device->group;

	if (device->claims > 0)
		core_warn(device_core(device), DMAOWN_WARN_LEFT_CLAIMED, device->name);
	for (; device->claims > 0; device->claims--)
		give_back(group);
	if (device->use != USE_NONE)
		core_warn(device_core(device), DMAOWN_WARN_LEFT_USED, device->name);
	device_core(device)->ownership->leave(group, device);
}

void claim_group_empties(struct dmaown_group *group)
{
	if (!group->claimed_whole)
		return;
	core_warn(group->core, DMAOWN_WARN_LEFT_CLAIMED, group->name);
	group->claimed_whole = false;
	give_back(group);
}
