/* SPDX-License-Identifier: MIT */
/*
 * The bugs that the mechanism has had (mechanism.md, section 6), seeded where the core asks someone
 * else: in an ownership table, a bus, an IOMMU, a user's driver. The historic ones were in the
 * core's place; each comment says what stands for what.
 */
#include "pieces.h"
#include "subject.h"

#include <errno.h>

/* Words of a device's extra. */
enum { SAVED_DOMAIN, USER_MEMORY, JOINED };

/* ---- 1: the notifier that could only watch: a native bind is never refused ---- */

static int use_always(struct dmaown_group *group, struct dmaown_device *device)
{
	if (device->use == USE_NONE && !group->owner)
		group->count++;
	device->use = USE_COUNTED;
	return 0;
}

static const struct ownership_design watching = {
	.name = "watching",
	.use = use_always,
	.unuse = counted_unuse,
	.leave = counted_leave,
	.may_claim = counted_may_claim,
	.claim = counted_claim,
	.release = counted_release,
};

/* ---- 2: viability judged from driver pointers, which are in transit ---- */

static int judge_by_drivers(struct dmaown_group *group, struct dmaown_device *device,
			    const void *owner)
{
	const struct dmaown_device *sibling;

	if (group->owner)
		return -EPERM;
	list_for_each_entry (sibling, &group->devices, on_group)
		if (design_is_native(sibling))
			return -EPERM;
	return 0;
}

/* Who uses the group is nowhere noted: the driver pointers are to tell. */
static int use_unless_owned(struct dmaown_group *group, struct dmaown_device *device)
{
	if (group->owner)
		return -EBUSY;
	device->use = USE_COUNTED;
	return 0;
}

static void forget_use(struct dmaown_group *group, struct dmaown_device *device)
{
	device->use = USE_NONE;
}

static void note_owner(struct dmaown_group *group, const void *owner)
{
	group->owner = owner;
}

static bool forget_owner(struct dmaown_group *group)
{
	group->owner = NULL;
	return true;
}

static const struct ownership_design by_drivers = {
	.name = "by-drivers",
	.use = use_unless_owned,
	.unuse = forget_use,
	.leave = forget_use,
	.may_claim = judge_by_drivers,
	.claim = note_owner,
	.release = forget_owner,
};

/*
 * ---- 3: two devices of a group, each with a default domain of its own ----
 *
 * A bus sets up the domain for its device's DMA when there is none, and does not look again before
 * it stores it. The first word of the group's extra is that domain.
 */

static int set_up_unlocked(struct dmaown_device *device)
{
	uint64_t *domain = &stage_group_extra(device->group)[0];
	int err = stage_firmware_configure(device);

	if (err || !design_is_native(device))
		return err;
	if (__atomic_load_n(domain, __ATOMIC_SEQ_CST) == 0)
		__atomic_fetch_add(domain, 1, __ATOMIC_SEQ_CST);
	/* A second domain is not the one that the others of the group are on. */
	if (__atomic_load_n(domain, __ATOMIC_SEQ_CST) > 1)
		stage_hardware_attach(device, NULL);
	return 0;
}

/* The domain goes with the driver that it was made for. */
static void give_up_unlocked(struct dmaown_device *device)
{
	__atomic_store_n(&stage_group_extra(device->group)[0], 0, __ATOMIC_SEQ_CST);
}

static void bus_sets_up_unlocked(struct dmaown_bus_type *type)
{
	type->firmware_configure = set_up_unlocked;
	type->firmware_cleanup = give_up_unlocked;
}

/* ---- 4: the use is taken before the firmware step that puts the device in its group ---- */

static int use_before_firmware(struct dmaown_device *device)
{
	int err;

	if (dmaown_device_group(device))
		return dmaown_dma_configure(device);
	/* There is no group to count it: none is counted. */
	err = stage_firmware_configure(device);
	if (!err)
		err = dmaown_device_join(device);
	return err;
}

static void bus_uses_before_firmware(struct dmaown_bus_type *type)
{
	type->dma_configure = use_before_firmware;
}

/* ---- 5: detach leaves no domain where there should be the blocking one ---- */

static int attach_unless_blocking(void *context, struct dmaown_device *device, void *hardware)
{
	struct dmaown_group *group = device->group;

	if (group->blocking_domain && hardware == group->blocking_domain->hardware && group->owner)
		return 0;
	return stage_iommu_ops.attach(context, device, hardware);
}

static void iommu_keeps_on_detach(struct dmaown_iommu_ops *ops)
{
	ops->attach = attach_unless_blocking;
}

/* ---- 6: a user's driver that forgot its flag ---- */

static void user_driver_forgets(struct dmaown_driver_type *type, bool user)
{
	if (user)
		type->managed_dma = false;
}

/*
 * ---- 7: a device is removed while its user gives it back ----
 *
 * What is kept for the user of a device is freed by its removal under the device's lock, and looked
 * at by the release under the group's mutex.
 */

static int attach_with_user_memory(void *context, struct dmaown_device *device, void *hardware)
{
	uint64_t *place = &stage_device_extra(device)[USER_MEMORY];
	uint64_t *memory = (uint64_t *)(uintptr_t)__atomic_load_n(place, __ATOMIC_SEQ_CST);

	if (memory)
		*memory += 1;
	return stage_iommu_ops.attach(context, device, hardware);
}

static void iommu_uses_user_memory(struct dmaown_iommu_ops *ops)
{
	ops->attach = attach_with_user_memory;
}

static void keep_user_memory(struct dmaown_device *device, enum dmaown_event event)
{
	uint64_t *place = &stage_device_extra(device)[USER_MEMORY];

	if (event == DMAOWN_BOUND_DRIVER && !design_is_native(device))
		__atomic_store_n(place, (uint64_t)(uintptr_t)explored_allocate(sizeof(uint64_t)),
				 __ATOMIC_SEQ_CST);
	if (event == DMAOWN_DEL_DEVICE)
		explored_free((void *)(uintptr_t)__atomic_exchange_n(place, 0, __ATOMIC_SEQ_CST));
}

/* ---- 8: configured twice under test-remove, and counted twice, but cleaned up once ---- */

static int use_each_time(struct dmaown_group *group, struct dmaown_device *device)
{
	int err = counted_use(group, device);

	if (!err && device->configured)
		group->count++;
	return err;
}

static const struct ownership_design counting_each_time = {
	.name = "each-time",
	.use = use_each_time,
	.unuse = counted_unuse,
	.leave = counted_leave,
	.may_claim = counted_may_claim,
	.claim = counted_claim,
	.release = counted_release,
};

static int configure_twice(struct dmaown_device *device)
{
	int err = dmaown_dma_configure(device);

	device->configured = true;
	if (!err && device->driver->type->test_remove)
		err = dmaown_dma_configure(device);
	return err;
}

static void bus_configures_twice(struct dmaown_bus_type *type)
{
	type->dma_configure = configure_twice;
}

/* ---- 9: the other order of locks, when the domain's type is changed ---- */

static enum dmaown_domain_kind ask_device(void *context, struct dmaown_device *device)
{
	enum dmaown_domain_kind kind;

	/* At the beginning nobody else is there; the type of a group that is set up is what counts.
	 */
	if (!device->group->default_domain)
		return stage_iommu_ops.default_kind(context, device);
	dmaown_device_lock(device);
	kind = stage_iommu_ops.default_kind(context, device);
	dmaown_device_unlock(device);
	return kind;
}

static void iommu_asks_device(struct dmaown_iommu_ops *ops)
{
	ops->default_kind = ask_device;
}

/* ---- 10: a device that is added to an owned group is not put on its current domain ---- */

static int attach_newcomer_elsewhere(void *context, struct dmaown_device *device, void *hardware)
{
	uint64_t *joined = &stage_device_extra(device)[JOINED];
	const struct dmaown_domain *usual = device->group->default_domain;

	if (!*joined && usual)
		hardware = usual->hardware;
	*joined = 1;
	return stage_iommu_ops.attach(context, device, hardware);
}

static void block_and_forget(void *context, struct dmaown_device *device)
{
	stage_device_extra(device)[JOINED] = 0;
	stage_iommu_ops.block(context, device);
}

static void iommu_misplaces_newcomers(struct dmaown_iommu_ops *ops)
{
	ops->attach = attach_newcomer_elsewhere;
	ops->block = block_and_forget;
}

/* ---- 11: a bus that swallows the refusal ---- */

static int swallow_refusal(struct dmaown_device *device)
{
	int err = dmaown_dma_configure(device);

	return err == -EBUSY ? 0 : err;
}

static void bus_swallows_refusal(struct dmaown_bus_type *type)
{
	type->dma_configure = swallow_refusal;
}

/* ---- 12: what was attached when a reset began comes back when it ends ---- */

static void save_and_block(void *context, struct dmaown_device *device)
{
	stage_device_extra(device)[SAVED_DOMAIN] =
		(uint64_t)(uintptr_t)stage_hardware_attached(device);
	stage_iommu_ops.block(context, device);
}

static int attach_saved(void *context, struct dmaown_device *device, void *hardware)
{
	uint64_t *saved = &stage_device_extra(device)[SAVED_DOMAIN];

	if (*saved)
		hardware = (void *)(uintptr_t)*saved;
	*saved = 0;
	return stage_iommu_ops.attach(context, device, hardware);
}

static void iommu_saves_domain(struct dmaown_iommu_ops *ops)
{
	ops->block = save_and_block;
	ops->attach = attach_saved;
}

/* ---- 13: a group is seen before it has its default domain ---- */

static int use_without_domain(struct dmaown_group *group, struct dmaown_device *device)
{
	if (group->owner || group->current != group->default_domain)
		return -EBUSY;
	if (device->use == USE_NONE)
		group->count++;
	device->use = USE_COUNTED;
	return 0;
}

static const struct ownership_design not_waiting = {
	.name = "not-waiting",
	.use = use_without_domain,
	.unuse = counted_unuse,
	.leave = counted_leave,
	.may_claim = counted_may_claim,
	.claim = counted_claim,
	.release = counted_release,
};

const struct design design_bugs[13] = {
	{.name = "bug-1", .about = "a native bind is never refused", .ownership = &watching},
	{.name = "bug-2",
	 .about = "whether a group can be claimed is judged by its drivers",
	 .ownership = &by_drivers},
	{.name = "bug-3",
	 .about = "a bus sets up the group's domain, unlocked",
	 .counts = true,
	 .change_bus = bus_sets_up_unlocked},
	{.name = "bug-4",
	 .about = "a bus takes the use before its firmware step",
	 .counts = true,
	 .change_bus = bus_uses_before_firmware},
	{.name = "bug-5",
	 .about = "an IOMMU leaves hardware as it is when the user detaches",
	 .counts = true,
	 .change_iommu = iommu_keeps_on_detach},
	{.name = "bug-6",
	 .about = "a user's driver without managed_dma",
	 .counts = true,
	 .change_driver = user_driver_forgets},
	{.name = "bug-7",
	 .about = "a removal frees what the release still looks at",
	 .counts = true,
	 .change_iommu = iommu_uses_user_memory,
	 .event = keep_user_memory},
	{.name = "bug-8",
	 .about = "a bus configures twice under test-remove",
	 .counts = true,
	 .ownership = &counting_each_time,
	 .change_bus = bus_configures_twice},
	{.name = "bug-9",
	 .about = "an IOMMU locks a device under its group's mutex",
	 .counts = true,
	 .change_iommu = iommu_asks_device},
	{.name = "bug-10",
	 .about = "an IOMMU puts a new device on the default domain, whoever owns the group",
	 .counts = true,
	 .change_iommu = iommu_misplaces_newcomers},
	{.name = "bug-11",
	 .about = "a bus swallows the core's refusal",
	 .counts = true,
	 .change_bus = bus_swallows_refusal},
	{.name = "bug-12",
	 .about = "an IOMMU puts back after a reset what was there before",
	 .counts = true,
	 .change_iommu = iommu_saves_domain},
	{.name = "bug-13",
	 .about = "a driver may use a group that has no default domain yet",
	 .counts = true,
	 .ownership = &not_waiting,
	 .late_iommu = true},
};
