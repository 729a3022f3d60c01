/* SPDX-License-Identifier: MIT */
/*
 * A simulated machine back to facts: what may have changed is read from the core's objects, all
 * else is as the machine was made.
 */
#include "machine_parts.h"

#include <stdlib.h>

static int read_device(struct sim_device *device, struct facts *out)
{
	struct dmaown_driver *driver;
	struct device_facts *copy;
	int err = facts_copy_device(out, device->facts);

	if (err)
		return err;
	copy = &out->devices[out->device_count - 1];
	copy->instance = device->instance;
	dmaown_device_lock(device->core);
	driver = dmaown_device_driver(device->core);
	if (!dmaown_device_group(device->core))
		copy->group = -1;
	err = facts_set_string(&copy->driver, driver ? dmaown_driver_type(driver)->name : NULL);
	if (!err)
		err = facts_set_string(&copy->override, dmaown_device_override(device->core));
	dmaown_device_unlock(device->core);
	return err;
}

static int read_group(const struct sim_group *group, struct facts *out)
{
	struct dmaown_group_state state;
	struct group_facts *copy;
	int err;

	dmaown_group_read(group->core, &state);
	if (state.devices == 0)
		return 0;
	err = facts_copy_group(out, group->facts);
	if (err)
		return err;
	copy = &out->groups[out->group_count - 1];
	copy->count = (int)state.count;
	if (group->facts->owner.kind != OWNER_NOT_KNOWN &&
	    (!state.owner || group->facts->owner.kind != OWNER_USER)) {
		free(copy->owner.name);
		copy->owner = (struct owner_facts) {.kind = OWNER_NONE, .uid = -1};
	}
	if (state.owner)
		copy->owner.kind = OWNER_USER;
	else if (state.count > 0 && group->facts->owner.kind != OWNER_NOT_KNOWN)
		copy->owner.kind = OWNER_KERNEL;
	err = facts_set_string(&copy->type, dmaown_domain_kind_name(state.default_kind));
	if (!err)
		err = facts_set_string(&copy->domain, dmaown_domain_kind_name(state.current_kind));
	return err;
}

static int read_driver(const struct sim_machine *machine, const struct sim_driver *driver,
		       struct facts *out)
{
	const struct driver_facts *known =
		facts_driver(&machine->facts, driver->bus, driver->type.name);
	struct driver_facts *copy;
	int err;

	if (known)
		return facts_copy_driver(out, known);
	err = facts_add_driver(out, &copy);
	if (err)
		return err;
	copy->managed_dma = driver->type.managed_dma ? KNOWN_YES : KNOWN_NO;
	copy->user = driver->user;
	err = facts_set_string(&copy->name, driver->type.name);
	return err ? err : facts_set_string(&copy->bus, driver->bus);
}

static int read_all(struct sim_machine *machine, struct facts *out)
{
	struct sim_driver *driver;
	int err = facts_set_string(&out->machine, machine->facts.machine);

	for (size_t i = 0; i < machine->facts.device_count && !err; i++)
		if (machine->devices[i].present)
			err = read_device(&machine->devices[i], out);
	for (size_t i = 0; i < machine->facts.group_count && !err; i++)
		err = read_group(&machine->groups[i], out);
	list_for_each_entry (driver, &machine->drivers, on_machine)
		if (!err)
			err = read_driver(machine, driver, out);
	if (!err && machine->facts.host)
		err = facts_copy_host(out, machine->facts.host);
	return err;
}

int sim_read(struct machine *base, struct facts *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct facts facts = {0};
	int err;

	lock_host(machine);
	err = read_all(machine, &facts);
	unlock_host(machine);
	if (err)
		facts_release(&facts);
	else
		*out = facts;
	return err;
}
