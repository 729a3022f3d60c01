/* SPDX-License-Identifier: MIT */
/*
 * The stage's buses and drivers: what a bus matches, and drivers that do as their script says.
 *
 * A driver's name leads to it as in sysfs, and whoever found it so keeps it there until it has
 * bound: taking it away waits for them. Where no step of the scenario takes it away nobody counts.
 */
#include "stage_parts.h"

#include <errno.h>
#include <string.h>

struct stage_driver *stage_driver_find(struct stage *stage, const char *bus, const char *name)
{
	for (size_t i = 0; i < stage->driver_count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each has a name */
		if (strcmp(stage->drivers[i].name, name) == 0 &&
		    strcmp(stage->drivers[i].bus, bus) == 0)
			return &stage->drivers[i];
	return NULL;
}

/* Any page will do: nothing is behind it. */
#define DMA_PAGE 0x100000u
#define DMA_PAGE_SIZE 4096u

static struct stage_device *stage_of(struct dmaown_device *device)
{
	return dmaown_device_context(device);
}

static struct stage_driver *driver_of(const struct dmaown_driver *driver)
{
	return dmaown_driver_type(driver)->context;
}

static struct stage_driver *bound_driver(struct dmaown_device *device)
{
	return driver_of(dmaown_device_driver(device));
}

static int fail_at(struct stage_driver *driver, enum bind_stage stage)
{
	const struct driver_script *script = driver->script;

	if (!script || script->fail_at != stage || (script->failures && !driver->now->failures))
		return 0;
	if (script->failures)
		driver->now->failures--;
	return -script->error;
}

/* ---- the bus ---- */

static int match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	struct stage_device *self = stage_of(device);
	struct stage_driver *stage_driver = driver_of(driver);
	const char *override = dmaown_device_override(device);

	if (override)
		return strcmp(override, stage_driver->name) == 0;
	return self->matches >> (stage_driver - self->stage->drivers) & 1;
}

int stage_firmware_configure(struct dmaown_device *device)
{
	const struct stage *stage = stage_of(device)->stage;
	int err = fail_at(bound_driver(device), STAGE_CONFIGURE);

	if (!err && !stage->design->late_iommu)
		stage_of(device)->now->described = true;
	return err;
}

static int bind_step(struct dmaown_device *device, struct dmaown_driver *driver,
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

const struct dmaown_bus_type stage_bus_type = {
	.has_override = true,
	.match = match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
	.firmware_configure = stage_firmware_configure,
	.bind_step = bind_step,
};

/* ---- the driver ---- */

static int map_page(struct dmaown_device *device)
{
	int err = dmaown_dma_map(device, DMA_PAGE, DMA_PAGE, DMA_PAGE_SIZE,
				 DMAOWN_READ | DMAOWN_WRITE);

	stage_of(device)->now->mapped = !err;
	return err;
}

static void unmap_page(struct dmaown_device *device)
{
	if (stage_of(device)->now->mapped)
		dmaown_dma_unmap(device, DMA_PAGE, DMA_PAGE_SIZE);
	stage_of(device)->now->mapped = false;
}

/* VFIO takes only what has a group, and no bridges. */
static int give_to_user(struct dmaown_device *device)
{
	const struct pci_facts *pci = stage_of(device)->facts->pci;

	if (!dmaown_device_group(device) || (pci && pci->bridge))
		return -EINVAL;
	stage_files_bound(stage_of(device));
	return 0;
}

static int probe(struct dmaown_device *device)
{
	struct stage_driver *driver = bound_driver(device);
	int err = fail_at(driver, STAGE_PROBE);

	if (!err && driver->script && driver->script->maps)
		err = map_page(device);
	if (!err && driver->user)
		err = give_to_user(device);
	if (!err && !driver->type.managed_dma)
		stage_of(device)->now->working = true;
	return err;
}

static void remove_device(struct dmaown_device *device)
{
	struct stage_driver *driver = bound_driver(device);

	stage_of(device)->now->working = false;
	if (driver->user)
		stage_files_unbound(stage_of(device));
	unmap_page(device);
}

static int add_attributes(struct dmaown_device *device)
{
	return fail_at(bound_driver(device), STAGE_ATTRIBUTES);
}

void stage_driver_init(struct stage_driver *driver, const struct design *design)
{
	bool managed = driver->type.managed_dma;

	driver->type = (struct dmaown_driver_type) {
		.name = driver->name,
		.managed_dma = managed,
		.test_remove = driver->script && driver->script->test_remove,
		.context = driver,
		.probe = probe,
		.remove = remove_device,
	};
	if (driver->script && driver->script->fail_at == STAGE_ATTRIBUTES)
		driver->type.add_attributes = add_attributes;
	if (design->change_driver)
		design->change_driver(&driver->type, driver->user);
}

/* ---- names ---- */

static struct dmaown_bus *bus_of(struct stage_driver *driver)
{
	struct stage *stage = driver->stage;

	for (size_t i = 0; i < stage->bus_count; i++)
		if (strcmp(stage->buses[i].type.name, driver->bus) == 0)
			return stage->buses[i].core;
	return NULL;
}

int stage_driver_add(struct stage_driver *driver)
{
	struct dmaown_driver *core = NULL;
	int err = dmaown_driver_register(bus_of(driver), &driver->type, &core);

	if (err)
		return err;
	explored_lock(&driver->stage->now->drivers_lock);
	driver->now->core = core;
	driver->now->failures = driver->script ? driver->script->failures : 0;
	explored_unlock(&driver->stage->now->drivers_lock);
	return 0;
}

int stage_driver_remove(struct stage_driver *driver)
{
	struct stage_now *now = driver->stage->now;
	struct dmaown_driver *core;

	explored_lock(&now->drivers_lock);
	core = driver->now->core;
	driver->now->core = NULL;
	while (core && driver->now->named > 0)
		explored_wait(&now->unnamed, &now->drivers_lock);
	explored_unlock(&now->drivers_lock);
	if (!core)
		return -ENODEV;
	dmaown_driver_unregister(core);
	return 0;
}

struct dmaown_driver *stage_driver_get(struct stage_driver *driver)
{
	struct stage_now *now = driver->stage->now;
	struct dmaown_driver *core;

	if (!driver->leaves)
		return driver->now->core;
	explored_lock(&now->drivers_lock);
	core = driver->now->core;
	if (core)
		driver->now->named++;
	explored_unlock(&now->drivers_lock);
	return core;
}

void stage_driver_put(struct stage_driver *driver)
{
	struct stage_now *now = driver->stage->now;

	if (!driver->leaves)
		return;
	explored_lock(&now->drivers_lock);
	if (--driver->now->named == 0)
		explored_broadcast(&now->unnamed);
	explored_unlock(&now->drivers_lock);
}
