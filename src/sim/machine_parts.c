/* SPDX-License-Identifier: MIT */
#include "machine_parts.h"

#include <string.h>

void *sim_allocate(struct sim_machine *machine, size_t size)
{
	return machine->alloc.alloc(machine->alloc.ctx, size);
}

void sim_free(struct sim_machine *machine, void *memory)
{
	machine->alloc.free(machine->alloc.ctx, memory);
}

struct sim_device *sim_device_find(struct sim_machine *machine, const char *address)
{
	for (size_t i = 0; i < machine->facts.device_count; i++)
		if (strcmp(machine->facts.devices[i].address, address) == 0)
			return &machine->devices[i];
	return NULL;
}

struct sim_group *sim_group_find(struct sim_machine *machine, int id)
{
	for (size_t i = 0; i < machine->facts.group_count; i++)
		if (machine->facts.groups[i].id == id)
			return &machine->groups[i];
	return NULL;
}

struct dmaown_bus *sim_bus_find(struct sim_machine *machine, const char *name)
{
	for (size_t i = 0; i < SIM_BUSES; i++)
		if (machine->buses[i] && strcmp(machine->bus_types[i].name, name) == 0)
			return machine->buses[i];
	return NULL;
}

struct sim_driver *sim_driver_find(struct sim_machine *machine, const char *bus, const char *name)
{
	struct sim_driver *driver;

	list_for_each_entry (driver, &machine->drivers, on_machine)
		if (strcmp(driver->bus, bus) == 0 && strcmp(driver->type.name, name) == 0)
			return driver;
	return NULL;
}

struct sim_device *sim_present_device(struct sim_machine *machine, const char *address)
{
	struct sim_device *device = sim_device_find(machine, address);

	return device && device->present ? device : NULL;
}
