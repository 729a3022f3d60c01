/* SPDX-License-Identifier: MIT */
/* The type of a group's default domain, as it is changed through sysfs. */
#include "default_type.h"
#include "machine_parts.h"

#include <errno.h>

/* Returns a device of the group with its lock held; NULL: there is none. Host held. */
static struct sim_device *lock_device(struct sim_machine *machine, const struct sim_group *group)
{
	for (size_t i = 0; i < machine->facts.device_count; i++) {
		struct sim_device *device = &machine->devices[i];

		dmaown_device_lock(device->core);
		if (dmaown_device_group(device->core) == group->core)
			return device;
		dmaown_device_unlock(device->core);
	}
	return NULL;
}

/* Before 6.4, with the device locked: whoever uses it, also a managed driver, hinders all but the
 * change that is made in place. */
static int set_kind_of_one(const struct sim_group *group, struct sim_device *device,
			   enum dmaown_domain_kind kind)
{
	struct dmaown_group_state state;

	dmaown_group_read(group->core, &state);
	if (dmaown_device_driver(device->core) &&
	    !(kind == DMAOWN_DOMAIN_DMA_FQ && state.default_kind == DMAOWN_DOMAIN_DMA))
		return -EBUSY;
	if (state.current_kind != state.default_kind)
		return -EBUSY;
	if (group->damaged)
		return -ENOTRECOVERABLE;
	return dmaown_group_set_default_kind(group->core, kind);
}

static int set_kind_before_6_4(struct sim_machine *machine, const struct sim_group *group,
			       enum dmaown_domain_kind kind)
{
	struct sim_device *device;
	int err = -ENODEV;

	pthread_mutex_lock(&machine->host);
	device = lock_device(machine, group);
	if (device) {
		err = set_kind_of_one(group, device, kind);
		dmaown_device_unlock(device->core);
	}
	pthread_mutex_unlock(&machine->host);
	return err;
}

int sim_set_type(struct machine *base, int id, const char *type)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_group *group = sim_group_find(machine, id);
	struct dmaown_group_state state;
	enum dmaown_domain_kind kind;

	if (!group)
		return -ENODEV;
	/* A group is gone with its last device. */
	dmaown_group_read(group->core, &state);
	if (state.devices == 0)
		return -ENODEV;
	if (default_type_parse(type, &kind))
		return -EINVAL;
	if (!machine->answers.types_of_single_devices)
		return dmaown_group_set_default_kind(group->core, kind);
	return state.devices == 1 ? set_kind_before_6_4(machine, group, kind) : -EINVAL;
}
