/* SPDX-License-Identifier: MIT */
/*
 * Facts to a simulated machine: its hardware, its core, its groups, drivers and devices, and then
 * what was bound and claimed. What can't be made is refused in words.
 */
#define _GNU_SOURCE
#include "driver_id.h"
#include "machine_parts.h"
#include "recorded_groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Enough for every page that drivers and users map; only what is written to takes real memory. */
#define MEMORY_SIZE (UINT64_C(64) << 30)

/* Requesters of devices that have no PCI address: a segment that no PCI host bridge has. */
#define PLATFORM_SEGMENT 0xffffu

static void *core_alloc(void *context, size_t size)
{
	return sim_allocate(context, size);
}

static void core_free(void *context, void *memory, size_t size)
{
	sim_free(context, memory);
}

static int create_core(struct sim_machine *machine)
{
	struct dmaown_env env;

	dmaown_pthread_env(&env);
	env.context = machine;
	env.allocate = core_alloc;
	env.free = core_free;
	return dmaown_core_create(&env, &machine->core);
}

static int create_buses(struct sim_machine *machine)
{
	static const struct dmaown_bus_type *const types[SIM_BUSES] = {
		&dmaown_bus_pci,    &dmaown_bus_platform, &dmaown_bus_amba,
		&dmaown_bus_fsl_mc, &dmaown_bus_cdx,      &dmaown_bus_host1x,
	};
	int err = 0;

	for (size_t i = 0; i < SIM_BUSES && !err; i++) {
		machine->core_types[i] = types[i];
		machine->bus_types[i] = *types[i];
		machine->bus_types[i].match = sim_match;
		machine->bus_types[i].bind_step = sim_bind_step;
		machine->bus_types[i].firmware_configure = sim_firmware_configure;
		err = dmaown_bus_create(machine->core, &machine->bus_types[i], &machine->buses[i]);
		if (!err)
			dmaown_bus_set_autoprobe(machine->buses[i], false);
	}
	return err;
}

static int create_hardware(struct sim_machine *machine)
{
	int err = memory_create(&machine->alloc, MEMORY_SIZE, &machine->memory);

	if (!err)
		err = iommu_create(&machine->alloc, machine->memory, &machine->unit);
	if (!err)
		err = create_core(machine);
	if (!err)
		err = create_buses(machine);
	if (!err)
		err = dmaown_iommu_register(machine->core, &sim_iommu_ops, machine,
					    &machine->iommu);
	return err;
}

static int create_groups(struct sim_machine *machine)
{
	char name[16];
	int err = 0;

	for (size_t i = 0; i < machine->facts.group_count && !err; i++) {
		struct sim_group *group = &machine->groups[i];

		group->facts = &machine->facts.groups[i];
		snprintf(name, sizeof(name), "%d", group->facts->id);
		err = dmaown_group_create(machine->iommu, name, group, &group->core);
	}
	return err;
}

/* A segment beyond 16 bits, of which no IOMMU knows, is VMD's. */
static uint32_t requester_of(const struct sim_machine *machine, const struct device_facts *facts)
{
	const struct pci_facts *pci = facts->pci;
	size_t index = (size_t)(facts - machine->facts.devices);

	if (pci && pci->segment < PLATFORM_SEGMENT)
		return IOMMU_REQUESTER(pci->segment, pci->bus, pci->slot, pci->function);
	return PLATFORM_SEGMENT << 16 | (uint32_t)(index & 0xffff);
}

/* QEMU's edu, which does DMA when its registers say so. */
static int create_engine(struct sim_machine *machine, struct sim_device *device)
{
	const struct device_facts *facts = device->facts;

	if (!facts->vendor || strcmp(facts->vendor, "1234") != 0 || !facts->device ||
	    strcmp(facts->device, "11e8") != 0)
		return 0;
	return edu_create(&machine->alloc, machine->unit, device->requester, EDU_DMA_MASK,
			  &device->edu);
}

static int create_device(struct sim_machine *machine, const struct device_facts *facts)
{
	struct sim_device *device = &machine->devices[facts - machine->facts.devices];
	struct dmaown_device_description description = {
		.name = facts->address, .identity = &device->identity, .context = device};
	struct dmaown_bus *bus = sim_bus_find(machine, facts->bus);
	int err;

	if (!bus)
		return -EINVAL;
	device->machine = machine;
	device->facts = facts;
	device->group = sim_group_find(machine, facts->group);
	device->requester = requester_of(machine, facts);
	device->described = true;
	err = sim_identity_parse(facts, &device->identity);
	if (!err)
		err = iommu_requester_add(machine->unit, device->requester);
	if (!err)
		err = create_engine(machine, device);
	if (!err)
		err = dmaown_device_create(bus, &description, &device->core);
	if (!err)
		err = dmaown_device_add(device->core);
	device->present = !err;
	device->instance = 1;
	if (!err && facts->override)
		err = dmaown_device_set_override(device->core, facts->override);
	return err;
}

/* An id that only such devices have. */
static char *own_id(const struct device_facts *device)
{
	char *id;

	if (device->vendor && device->device)
		return asprintf(&id, "%s:%s", device->vendor, device->device) < 0 ? NULL : id;
	if (device->modalias && driver_id_is_valid(device->bus, device->modalias))
		return strdup(device->modalias);
	return strdup(driver_id_is_valid(device->bus, device->address) ? device->address
								       : "0000:0000");
}

/* The ids that a device's own driver must have, if the facts did not know them. */
static int add_bound_ids(struct driver_facts *driver, const struct facts *facts)
{
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		const struct device_facts *device = &facts->devices[i];
		char *id = NULL;

		if (!device->driver || device->override || strcmp(device->bus, driver->bus) != 0 ||
		    strcmp(device->driver, driver->name) != 0)
			continue;
		id = own_id(device);
		err = id ? driver_facts_add_id(driver, id) : -ENOMEM;
		free(id);
	}
	return err;
}

static int explain_id(const struct driver_facts *driver, char **why)
{
	for (size_t i = 0; i < driver->id_count; i++)
		if (!driver_id_is_valid(driver->bus, driver->ids[i])) {
			int length = asprintf(why,
					      "driver %s: cannot be simulated: no driver of bus %s "
					      "has an id like \"%s\"",
					      driver->name, driver->bus, driver->ids[i]);

			return length < 0 ? -ENOMEM : -EINVAL;
		}
	return 0;
}

static int create_driver(struct sim_machine *machine, struct driver_facts *facts)
{
	struct driver_script script = {.name = facts->name,
				       .bus = facts->bus,
				       .managed_dma = facts->managed_dma == KNOWN_YES,
				       .user = facts->user};
	int err = add_bound_ids(facts, &machine->facts);

	if (err)
		return err;
	script.ids = (const char *const *)facts->ids;
	script.id_count = facts->id_count;
	return sim_driver_add(machine, &script);
}

static int bind_recorded(struct sim_machine *machine, struct sim_device *device)
{
	struct sim_driver *driver;

	if (!device->facts->driver)
		return 0;
	driver = sim_driver_find(machine, device->facts->bus, device->facts->driver);
	return driver ? dmaown_device_bind(device->core, driver->core) : -EINVAL;
}

/* A user who has a group in the facts has it here too, until the machine is closed. */
static int claim_recorded(struct sim_machine *machine, struct sim_group *group)
{
	if (group->facts->owner.kind != OWNER_USER)
		return 0;
	return dmaown_group_claim(group->core, machine);
}

/* One line on what the facts have that could not be made. */
static int explain(int err, char **why, const char *what, const char *which)
{
	if (err == -ENOMEM)
		return err;
	if (asprintf(why, "%s %s: cannot be simulated: %s", what, which, strerror(-err)) < 0)
		return -ENOMEM;
	return -EINVAL;
}

static int populate(struct sim_machine *machine, char **why)
{
	struct facts *facts = &machine->facts;
	int err = create_groups(machine);

	if (err)
		return err;
	for (size_t i = 0; i < facts->driver_count; i++) {
		err = explain_id(&facts->drivers[i], why);
		if (err)
			return err;
		err = create_driver(machine, &facts->drivers[i]);
		if (err)
			return explain(err, why, "driver", facts->drivers[i].name);
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		err = create_device(machine, &facts->devices[i]);
		if (err)
			return explain(err, why, "device", facts->devices[i].address);
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		err = bind_recorded(machine, &machine->devices[i]);
		if (err)
			return explain(err, why, "device", facts->devices[i].address);
	}
	for (size_t i = 0; i < facts->group_count; i++) {
		err = claim_recorded(machine, &machine->groups[i]);
		if (err)
			return explain(err, why, "the owner of group",
				       dmaown_group_name(machine->groups[i].core));
	}
	for (size_t i = 0; i < SIM_BUSES; i++)
		dmaown_bus_set_autoprobe(machine->buses[i], true);
	return 0;
}

int sim_machine_make(struct sim_machine *machine, const struct facts *facts, char **why)
{
	int err = facts_copy(&machine->facts, facts);

	if (err)
		return err;
	err = topology_assign(&machine->facts);
	if (err)
		return explain(err, why, "devices", "whose group follows from the wiring");
	facts_sort(&machine->facts);
	machine->answers = kernel_answers_of(machine->facts.host);
	machine->devices = sim_allocate(machine, (machine->facts.device_count + 1) *
							 sizeof(*machine->devices));
	machine->groups =
		sim_allocate(machine, (machine->facts.group_count + 1) * sizeof(*machine->groups));
	if (!machine->devices || !machine->groups)
		return -ENOMEM;
	err = create_hardware(machine);
	return err ? err : populate(machine, why);
}
