/* SPDX-License-Identifier: MIT */
/* Devices that go, with all that is behind them, and that a rescan finds again. */
#include "machine_parts.h"

#include <errno.h>
#include <string.h>

static bool is_below(const struct sim_machine *machine, const struct sim_device *device,
		     const struct sim_device *top)
{
	const struct device_facts *facts = device->facts;

	while (facts && facts != top->facts)
		facts = facts->parent ? facts_device(&machine->facts, facts->parent) : NULL;
	return facts;
}

static bool has_open_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (is_below(machine, &machine->devices[i], top) &&
		    sim_vfio_is_open(&machine->devices[i]))
			return true;
	return false;
}

/* Whether a user has the group of a device that would go. */
static bool has_owned_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = 0; i < machine->facts.device_count; i++) {
		const struct sim_device *device = &machine->devices[i];
		struct dmaown_group_state state;

		if (!device->present || !device->group || !is_below(machine, device, top))
			continue;
		dmaown_group_read(device->group->core, &state);
		if (state.owner)
			return true;
	}
	return false;
}

/*
 * PCI devices are known by where they are. What is not is described by firmware, and looked up
 * there when a driver is bound: until then a device that has come back is in no group.
 */
static bool is_found_by_address(const struct sim_device *device)
{
	return strcmp(device->facts->bus, "pci") == 0;
}

/* With its last device a group goes, and the damage with it. */
static void note_damage(struct sim_group *group)
{
	struct dmaown_group_state state;

	dmaown_group_read(group->core, &state);
	group->damaged = state.devices > 0;
}

/* A bridge takes everything behind it along, the deepest first. */
static void remove_below(struct sim_machine *machine, const struct sim_device *top)
{
	for (size_t i = machine->facts.device_count; i-- > 0;) {
		struct sim_device *device = &machine->devices[i];

		if (!device->present || !is_below(machine, device, top))
			continue;
		dmaown_device_remove(device->core);
		dmaown_device_set_override(device->core, NULL);
		device->resetting = false;
		device->present = false;
		if (device->group && machine->answers.removal_damages)
			note_damage(device->group);
		device->described = is_found_by_address(device);
	}
}

int sim_remove(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = 0;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (!device)
		err = -ENODEV;
	else if (has_open_below(machine, device))
		err = -EWOULDBLOCK;
	else if (machine->answers.removal_damages && has_owned_below(machine, device))
		err = -ENOTRECOVERABLE;
	else
		remove_below(machine, device);
	unlock_host(machine);
	return err;
}

int sim_rescan(struct machine *base)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err = 0;

	lock_host(machine);
	for (size_t i = 0; i < machine->facts.device_count && !err; i++) {
		struct sim_device *device = &machine->devices[i];

		if (device->present)
			continue;
		err = dmaown_device_add(device->core);
		device->present = !err;
		device->instance++;
	}
	unlock_host(machine);
	return err;
}
