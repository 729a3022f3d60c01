/* SPDX-License-Identifier: MIT */
/*
 * Drivers that do as they are told: fail at a stage, map DMA, give their device to a user, or leave
 * it doing DMA behind their back.
 */
#include "driver_id.h"
#include "machine_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct sim_driver *driver_of(struct dmaown_driver *driver)
{
	return dmaown_driver_type(driver)->context;
}

/* The driver that is bound, or being bound, to a device whose lock is held. */
static struct sim_driver *bound_driver(struct dmaown_device *device)
{
	return driver_of(dmaown_device_driver(device));
}

static int fail_at(struct sim_driver *driver, enum bind_stage stage)
{
	if (driver->fail_at != stage || (!driver->endless && driver->failures == 0))
		return 0;
	if (!driver->endless)
		driver->failures--;
	return -driver->error;
}

int sim_bind_step(struct dmaown_device *device, struct dmaown_driver *driver,
		  enum dmaown_bind_step step)
{
	static const enum bind_stage stages[] = {
		[DMAOWN_STEP_SUPPLIERS] = STAGE_SUPPLIERS,
		[DMAOWN_STEP_OLD_RESOURCES] = STAGE_OLD_RESOURCES,
		[DMAOWN_STEP_PINS] = STAGE_PINS,
		[DMAOWN_STEP_LINKS] = STAGE_LINKS,
		[DMAOWN_STEP_POWER] = STAGE_POWER,
	};

	return fail_at(driver_of(driver), stages[step]);
}

int sim_firmware_configure(struct dmaown_device *device)
{
	struct sim_device *sim = dmaown_device_context(device);
	int err = fail_at(bound_driver(device), STAGE_CONFIGURE);

	if (!err)
		sim->described = true;
	return err;
}

/* The IOVA is the physical address: right in a translated domain as in an identity one. */
static int map_page(struct sim_device *device)
{
	struct memory *memory = device->machine->memory;
	int err = memory_region_alloc(memory, IOMMU_PAGE_SIZE, IOMMU_PAGE_SIZE, &device->page);

	if (err)
		return err;
	err = dmaown_dma_map(device->core, device->page, device->page, IOMMU_PAGE_SIZE,
			     DMAOWN_READ | DMAOWN_WRITE);
	if (err)
		memory_region_free(memory, device->page);
	device->mapped = !err;
	return err;
}

static void unmap_page(struct sim_device *device)
{
	if (!device->mapped)
		return;
	dmaown_dma_unmap(device->core, device->page, IOMMU_PAGE_SIZE);
	memory_region_free(device->machine->memory, device->page);
	device->mapped = false;
}

/* The device was not told to stop, and writes once more to where it wrote before. */
static void write_late(struct sim_device *device)
{
	char word[8] = "stray";

	if (iommu_dma(device->machine->unit, device->requester, device->page, word, sizeof(word),
		      IOMMU_WRITE) == 0)
		device->stray = true;
}

/* VFIO takes only what has a group, and no bridges. */
static int give_to_user(struct sim_device *device)
{
	const struct pci_facts *pci = device->facts->pci;

	if (!dmaown_device_group(device->core) || (pci && pci->bridge))
		return -EINVAL;
	sim_vfio_bound(device);
	return 0;
}

static int probe(struct dmaown_device *device)
{
	struct sim_driver *driver = bound_driver(device);
	struct sim_device *sim = dmaown_device_context(device);
	int err = fail_at(driver, STAGE_PROBE);

	if (!err && driver->maps)
		err = map_page(sim);
	if (!err && driver->user)
		err = give_to_user(sim);
	return err;
}

static void remove_device(struct dmaown_device *device)
{
	struct sim_driver *driver = bound_driver(device);
	struct sim_device *sim = dmaown_device_context(device);

	if (driver->user)
		sim_vfio_unbound(sim);
	unmap_page(sim);
	if (driver->dma_after_remove)
		write_late(sim);
}

static int add_attributes(struct dmaown_device *device)
{
	return fail_at(bound_driver(device), STAGE_ATTRIBUTES);
}

static const struct dmaown_bus_type *core_type(const struct sim_device *device)
{
	const struct sim_machine *machine = device->machine;
	size_t i = 0;

	while (strcmp(machine->core_types[i]->name, device->facts->bus) != 0)
		i++;
	return machine->core_types[i];
}

int sim_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const struct sim_device *sim = dmaown_device_context(device);
	const struct dmaown_driver_type *type = dmaown_driver_type(driver);
	const struct sim_driver *own = type->context;
	const char *override = dmaown_device_override(device);
	int matched = core_type(sim)->match(device, driver);

	if (matched || (override && strcmp(override, type->name) != 0))
		return matched;
	for (size_t i = 0; i < own->id_count; i++)
		if (driver_id_fits(own->ids[i], sim->facts, override))
			return 1;
	return 0;
}

static int copy_ids(struct sim_driver *driver, const char *const *ids, size_t count)
{
	driver->ids = sim_allocate(driver->machine, (count + 1) * sizeof(*driver->ids));
	if (!driver->ids)
		return -ENOMEM;
	for (; driver->id_count < count; driver->id_count++) {
		driver->ids[driver->id_count] = strdup(ids[driver->id_count]);
		if (!driver->ids[driver->id_count])
			return -ENOMEM;
	}
	return 0;
}

static void driver_free(struct sim_driver *driver)
{
	for (size_t i = 0; i < driver->id_count; i++)
		free(driver->ids[i]);
	sim_free(driver->machine, driver->ids);
	sim_ids_free(driver->machine, driver->bus, driver->type.ids);
	free((char *)(uintptr_t)driver->type.name);
	sim_free(driver->machine, driver);
}

static int driver_create(struct sim_machine *machine, const struct dmaown_bus_type *bus,
			 const struct driver_script *script, struct sim_driver **out)
{
	struct sim_driver *driver = sim_allocate(machine, sizeof(*driver));
	int err = -ENOMEM;

	if (!driver)
		return -ENOMEM;
	*driver = (struct sim_driver) {
		.machine = machine,
		.bus = bus->name,
		.user = script->user,
		.maps = script->maps,
		.dma_after_remove = script->dma_after_remove,
		.fail_at = script->fail_at,
		.error = script->error,
		.failures = script->failures,
		.endless = script->failures == 0,
		.type = {.managed_dma = script->managed_dma,
			 .test_remove = script->test_remove,
			 .context = driver,
			 .probe = probe,
			 .remove = remove_device,
			 .add_attributes = add_attributes},
	};
	list_init(&driver->on_machine);
	driver->type.name = strdup(script->name);
	if (driver->type.name)
		err = copy_ids(driver, script->ids, script->id_count);
	if (!err)
		err = sim_ids_parse(machine, bus->name, script->ids, script->id_count,
				    &driver->type.ids);
	if (err)
		driver_free(driver);
	else
		*out = driver;
	return err;
}

static const struct dmaown_bus_type *bus_type(struct sim_machine *machine, const char *name)
{
	for (size_t i = 0; i < SIM_BUSES; i++)
		if (strcmp(machine->bus_types[i].name, name) == 0)
			return &machine->bus_types[i];
	return NULL;
}

int sim_driver_add(struct sim_machine *machine, const struct driver_script *script)
{
	const struct dmaown_bus_type *type = bus_type(machine, script->bus);
	struct sim_driver *driver;
	int err;

	if (!type)
		return -EINVAL;
	err = driver_create(machine, type, script, &driver);
	if (err)
		return err;
	/* Registering probes at once, and the probes look for their driver in the list. */
	list_add_tail(&driver->on_machine, &machine->drivers);
	err = dmaown_driver_register(sim_bus_find(machine, script->bus), &driver->type,
				     &driver->core);
	if (err) {
		list_del(&driver->on_machine);
		driver_free(driver);
	}
	return err;
}

void sim_driver_remove(struct sim_driver *driver)
{
	dmaown_driver_unregister(driver->core);
	list_del(&driver->on_machine);
	driver_free(driver);
}
