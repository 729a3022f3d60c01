/* SPDX-License-Identifier: MIT */
/*
 * IOMMUs, and a device's way into its group and out of it.
 *
 * Invariants: every device joins and leaves under its own lock and the IOMMU device list's lock, in
 * this order before the group's mutex (I9); it joins only while it does no DMA, and leaves only
 * unbound (I6).
 */
#include "objects.h"

#include <errno.h>

int dmaown_iommu_register(struct dmaown_core *core, const struct dmaown_iommu_ops *ops,
			  void *context, struct dmaown_iommu **out)
{
	struct dmaown_iommu *iommu;

	if (!ops->device_group || !ops->create_domain || !ops->destroy_domain || !ops->attach ||
	    !ops->block)
		return -EINVAL;
	iommu = core_allocate(core, sizeof(*iommu));
	if (!iommu)
		return -ENOMEM;
	iommu->core = core;
	iommu->ops = ops;
	iommu->context = context;
	list_init(&iommu->groups);
	list_init(&iommu->domains);
	lock_take(&core->env, &core->iommu_lock);
	list_add_tail(&iommu->on_core, &core->iommus);
	lock_drop(&core->env, &core->iommu_lock);
	*out = iommu;
	return 0;
}

int dmaown_iommu_unregister(struct dmaown_iommu *iommu)
{
	struct dmaown_core *core = iommu->core;
	bool idle;

	lock_take(&core->env, &core->iommu_lock);
	lock_take(&core->env, &core->lists_lock);
	idle = list_empty(&iommu->groups) && list_empty(&iommu->domains);
	if (idle)
		list_del(&iommu->on_core);
	lock_drop(&core->env, &core->lists_lock);
	lock_drop(&core->env, &core->iommu_lock);
	if (!idle)
		return -EBUSY;
	core_free(core, iommu, sizeof(*iommu));
	return 0;
}

/* No device is left: groups and domains go, whoever refers to them. */
void iommu_free(struct dmaown_iommu *iommu)
{
	struct dmaown_group *group, *next_group;
	struct dmaown_domain *domain, *next_domain;

	list_for_each_entry_safe (group, next_group, &iommu->groups, on_iommu)
		group_free(group);
	list_for_each_entry_safe (domain, next_domain, &iommu->domains, on_iommu) {
		list_del(&domain->on_iommu);
		domain_free(domain);
	}
	list_del(&iommu->on_core);
	core_free(iommu->core, iommu, sizeof(*iommu));
}

/* The device's group, with a reference. -ENODEV: none of these IOMMUs has it. */
static int find_group(struct dmaown_core *core, struct dmaown_iommu *only,
		      struct dmaown_device *device, struct dmaown_group **group)
{
	struct dmaown_iommu *iommu;
	int err = -ENODEV;

	lock_assert_held(&core->env, &core->iommu_lock);
	list_for_each_entry (iommu, &core->iommus, on_core) {
		if (only && iommu != only)
			continue;
		err = iommu->ops->device_group(iommu->context, device, group);
		if (err != -ENODEV)
			break;
	}
	return err;
}

/* Puts the device where its group is now. */
static int enter_group(struct dmaown_group *group, struct dmaown_device *device)
{
	int err = 0;

	group_assert_locked(group);
	device->group = group;
	device->direct = false;
	if (group->default_domain)
		err = device_map_direct(device, group->default_domain);
	if (!err && group->current)
		err = device_attach(device, group->current);
	if (err)
		device->group = NULL;
	else
		list_add_tail(&device->on_group, &group->devices);
	return err;
}

/* Nobody is left to own it or to use its domains (I6). */
static void empty_group(struct dmaown_group *group)
{
	claim_group_empties(group);
	domain_point(&group->current, NULL);
	domain_free(group->blocking_domain);
	domain_free(group->default_domain);
	group->blocking_domain = NULL;
	group->default_domain = NULL;
}

static void leave_group(struct dmaown_group *group, struct dmaown_device *device)
{
	group_assert_locked(group);
	pasid_detach_all(device);
	claim_device_leaves(device);
	device_block(device);
	list_del(&device->on_group);
	device->group = NULL;
	device->resetting = false;
	device->stranded = false;
	if (list_empty(&group->devices))
		empty_group(group);
}

/* `finish`: the group gets its default domain now, if it has none. */
static int join_group(struct dmaown_group *group, struct dmaown_device *device, bool finish)
{
	int err;

	group_lock(group);
	err = enter_group(group, device);
	if (!err && finish && !group->default_domain) {
		err = group_set_up_default(group);
		if (err)
			leave_group(group, device);
	}
	group_unlock(group);
	return err;
}

static int join(struct dmaown_device *device, struct dmaown_iommu *only, bool finish)
{
	struct dmaown_core *core = device_core(device);
	struct dmaown_group *group = NULL;
	int err;

	lock_take(&core->env, &core->iommu_lock);
	err = find_group(core, only, device, &group);
	if (!err)
		err = join_group(group, device, finish);
	lock_drop(&core->env, &core->iommu_lock);
	if (err && group)
		dmaown_group_put(group);
	return err;
}

/* A native driver was configured when the device had no group, so no group counts it. */
static bool does_untracked_dma(const struct dmaown_device *device)
{
	return device->configured && device->native && !device->group;
}

int dmaown_device_join(struct dmaown_device *device)
{
	device_assert_locked(device);
	if (!device->added)
		return -ENODEV;
	if (device->group)
		return 0;
	if (does_untracked_dma(device))
		return -EBUSY;
	return join(device, NULL, true);
}

void iommu_leave(struct dmaown_device *device)
{
	struct dmaown_core *core = device_core(device);
	struct dmaown_group *group = device->group;

	device_assert_locked(device);
	if (!group)
		return;
	core_require(core, !device->driver, "a device leaves its group unbound");
	lock_take(&core->env, &core->iommu_lock);
	group_lock(group);
	leave_group(group, device);
	group_unlock(group);
	lock_drop(&core->env, &core->iommu_lock);
	dmaown_group_put(group);
}

/* Device lock held. A device that does DMA untranslated can't be moved under its driver. */
static int scan_device(struct dmaown_iommu *iommu, struct dmaown_device *device)
{
	int err;

	if (!device->added || device->removing || device->group)
		return 0;
	if (does_untracked_dma(device)) {
		core_warn(iommu->core, DMAOWN_WARN_JOIN_BOUND, device->name);
		return 0;
	}
	err = join(device, iommu, false);
	return err == -ENODEV ? 0 : err;
}

static int scan_bus(struct dmaown_iommu *iommu, struct dmaown_bus *bus)
{
	struct dmaown_device *device = NULL;
	int err, first_err = 0;

	while ((device = device_next(bus, device))) {
		dmaown_device_lock(device);
		err = scan_device(iommu, device);
		dmaown_device_unlock(device);
		if (err && !first_err)
			first_err = err;
	}
	return first_err;
}

/* The group after `group` (NULL: the first), referred to; puts `group`. */
static struct dmaown_group *next_group(struct dmaown_iommu *iommu, struct dmaown_group *group)
{
	struct list *entry = group ? &group->on_iommu : &iommu->groups;
	struct dmaown_group *next = NULL;

	lock_take(&iommu->core->env, &iommu->core->lists_lock);
	for (entry = entry->next; entry != &iommu->groups; entry = entry->next) {
		next = list_entry(entry, struct dmaown_group, on_iommu);
		if (get_unless_dying(&next->references))
			break;
		next = NULL;
	}
	lock_drop(&iommu->core->env, &iommu->core->lists_lock);
	dmaown_group_put(group);
	return next;
}

static int finish_groups(struct dmaown_iommu *iommu)
{
	struct dmaown_group *group = NULL;
	int err, first_err = 0;

	while ((group = next_group(iommu, group))) {
		group_lock(group);
		err = 0;
		if (!group->default_domain && !list_empty(&group->devices))
			err = group_set_up_default(group);
		group_unlock(group);
		if (err && !first_err)
			first_err = err;
	}
	return first_err;
}

/* The bus after `bus`; buses stay as long as the core. */
static struct dmaown_bus *next_bus(struct dmaown_core *core, struct dmaown_bus *bus)
{
	struct list *entry = bus ? &bus->on_core : &core->buses;

	lock_take(&core->env, &core->lists_lock);
	entry = entry->next;
	lock_drop(&core->env, &core->lists_lock);
	return entry == &core->buses ? NULL : list_entry(entry, struct dmaown_bus, on_core);
}

int dmaown_iommu_scan(struct dmaown_iommu *iommu)
{
	struct dmaown_bus *bus = NULL;
	int err, first_err = 0;

	lock_assert_none_held(&iommu->core->env);
	while ((bus = next_bus(iommu->core, bus))) {
		err = scan_bus(iommu, bus);
		if (err && !first_err)
			first_err = err;
	}
	core_reschedule(iommu->core);
	err = finish_groups(iommu);
	deferred_trigger(iommu->core);
	deferred_run(iommu->core);
	return first_err ? first_err : err;
}
