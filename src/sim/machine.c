/* SPDX-License-Identifier: MIT */
/* The operations of machine.h on a simulated machine: what an administrator does. */
#include "sim_machine.h"

#include "machine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void sim_close(struct machine *base)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_alloc alloc = machine->alloc;

	while (!list_empty(&machine->drivers))
		sim_driver_remove(
			list_first_entry(&machine->drivers, struct sim_driver, on_machine));
	dmaown_core_destroy(machine->core);
	for (size_t i = 0; machine->devices && i < machine->facts.device_count; i++)
		edu_destroy(machine->devices[i].edu);
	if (machine->unit)
		iommu_destroy(machine->unit);
	memory_destroy(machine->memory);
	facts_release(&machine->facts);
	sim_free(machine, machine->devices);
	sim_free(machine, machine->groups);
	pthread_mutex_destroy(&machine->vfio);
	pthread_mutex_destroy(&machine->host);
	alloc.free(alloc.ctx, machine);
}

static int bind_named(struct sim_machine *machine, const char *address, const char *name)
{
	struct sim_device *device = sim_present_device(machine, address);
	struct sim_driver *driver =
		device ? sim_driver_find(machine, device->facts->bus, name) : NULL;

	return driver ? dmaown_device_bind(device->core, driver->core) : -ENODEV;
}

static int sim_bind(struct machine *base, const char *address, const char *driver)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err;

	lock_host(machine);
	err = bind_named(machine, address, driver);
	unlock_host(machine);
	return err;
}

static int sim_unbind(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device)
		err = sim_vfio_is_open(device) ? -EWOULDBLOCK : dmaown_device_unbind(device->core);
	unlock_host(machine);
	return err;
}

/* sysfs tells apart only that nothing failed from that something did. */
static int sim_probe(struct machine *base, const char *address)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device)
		err = dmaown_device_probe(device->core) ? -EINVAL : 0;
	unlock_host(machine);
	return err;
}

static int sim_set_override(struct machine *base, const char *address, const char *driver)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device)
		err = dmaown_device_set_override(device->core, driver);
	unlock_host(machine);
	return err;
}

/* Copies a name; NULL is none. */
static void store_name(const char *name, struct driver_name *out)
{
	snprintf(out->text, sizeof(out->text), "%s", name ? name : "");
}

static int sim_instance(struct machine *base, const char *address, uint64_t *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device)
		*out = device->instance;
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static int sim_driver(struct machine *base, const char *address, struct driver_name *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct dmaown_driver *driver;
	struct sim_device *device;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device) {
		dmaown_device_lock(device->core);
		driver = dmaown_device_driver(device->core);
		store_name(driver ? dmaown_driver_type(driver)->name : NULL, out);
		dmaown_device_unlock(device->core);
	}
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static int sim_override(struct machine *base, const char *address, struct driver_name *out)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device) {
		dmaown_device_lock(device->core);
		store_name(dmaown_device_override(device->core), out);
		dmaown_device_unlock(device->core);
	}
	unlock_host(machine);
	return device ? 0 : -ENODEV;
}

static int sim_add_driver(struct machine *base, const struct driver_script *script)
{
	struct sim_machine *machine = sim_machine_of(base);
	int err;

	lock_host(machine);
	err = sim_driver_add(machine, script);
	unlock_host(machine);
	return err;
}

static int sim_remove_driver(struct machine *base, const char *bus, const char *name)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_driver *driver;

	lock_host(machine);
	driver = sim_driver_find(machine, bus, name);
	if (driver)
		sim_driver_remove(driver);
	unlock_host(machine);
	return driver ? 0 : -ENODEV;
}

/* A reset that blocks nothing is known to nobody but the one who makes it. */
static int note_reset(struct sim_device *device, bool begin)
{
	if (device->resetting == begin)
		return -EINVAL;
	device->resetting = begin;
	return 0;
}

static int sim_reset(struct machine *base, const char *address, bool begin)
{
	struct sim_machine *machine = sim_machine_of(base);
	struct sim_device *device;
	int err = -ENODEV;

	lock_host(machine);
	device = sim_present_device(machine, address);
	if (device)
		err = machine->answers.resets_do_not_block ? note_reset(device, begin)
		      : begin                              ? dmaown_device_reset_begin(device->core)
							   : dmaown_device_reset_end(device->core);
	unlock_host(machine);
	return err;
}

static int sim_open(struct machine *base, int group, struct group_file **out)
{
	struct sim_file *file;
	int err = sim_vfio_open(sim_machine_of(base), group, &file);

	if (!err)
		*out = &file->base;
	return err;
}

/* What a device was used for went with its driver: all that the facts tell is of that one. */
static int sim_find_uses(struct machine *base, struct facts *facts)
{
	struct sim_machine *machine = sim_machine_of(base);

	for (size_t i = 0; i < facts->device_count; i++) {
		struct device_facts *device = &facts->devices[i];
		const struct device_facts *recorded =
			facts_device(&machine->facts, device->address);
		struct driver_name now;

		if (!recorded || sim_driver(base, device->address, &now) != 0 ||
		    strcmp(now.text, recorded->driver ? recorded->driver : "") != 0)
			device_facts_forget_uses(device);
	}
	return 0;
}

static const struct machine_ops sim_ops = {
	.close = sim_close,
	.read = sim_read,
	.bind = sim_bind,
	.find_uses = sim_find_uses,
	.unbind = sim_unbind,
	.probe = sim_probe,
	.set_override = sim_set_override,
	.remove = sim_remove,
	.rescan = sim_rescan,
	.set_type = sim_set_type,
	.add_driver = sim_add_driver,
	.remove_driver = sim_remove_driver,
	.instance = sim_instance,
	.driver = sim_driver,
	.override = sim_override,
	.reset = sim_reset,
	.node = sim_vfio_node,
	.set_node = sim_vfio_set_node,
	.open = sim_open,
};

static struct sim_machine *allocate_machine(const struct sim_alloc *alloc)
{
	struct sim_machine *machine = alloc->alloc(alloc->ctx, sizeof(*machine));

	if (!machine)
		return NULL;
	machine->base.ops = &sim_ops;
	machine->alloc = *alloc;
	list_init(&machine->drivers);
	pthread_mutex_init(&machine->host, NULL);
	pthread_mutex_init(&machine->vfio, NULL);
	return machine;
}

int sim_machine_open(const struct facts *facts, const struct sim_alloc *alloc, struct machine **out,
		     char **why)
{
	struct sim_machine *machine;
	int err = facts_check(facts, why);

	if (err)
		return err;
	machine = allocate_machine(alloc ? alloc : &sim_alloc_libc);
	if (!machine)
		return -ENOMEM;
	err = sim_machine_make(machine, facts, why);
	if (err)
		machine_close(&machine->base);
	else
		*out = &machine->base;
	return err;
}
