/* SPDX-License-Identifier: MIT */
/*
 * Drivers of the host, and which of them manage DMA themselves.
 *
 * The kernel doesn't show driver_managed_dma. It is set by the drivers below and by the vendors'
 * variants of vfio-pci, which are known by their module's use of VFIO's core or, where that is
 * built in, by the aliases that only such modules have. Other drivers of the kernel's own tree are
 * native; of a module from elsewhere it is not known. Only the kernel's answer to a claim decides:
 * what is said here is for people and for plans.
 */
#define _GNU_SOURCE
#include "drivers.h"
#include "buses.h"
#include "driver_ids.h"
#include "modules.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct managed_driver {
	const char *bus, *name;
	bool user;
} managed_drivers[] = {
	{"pci", "vfio-pci", true},   {"pci", "pci-stub", false},
	{"pci", "pcieport", false},  {"platform", "vfio-platform", true},
	{"amba", "vfio-amba", true}, {"fsl-mc", "vfio-fsl-mc", true},
	{"cdx", "vfio-cdx", true},
};

/* The modules that a variant of a VFIO driver is built on. */
static const char *const vfio_cores[] = {"vfio_pci_core", "vfio_platform_base"};

static const struct managed_driver *find_managed(const char *bus, const char *name)
{
	for (size_t i = 0; i < sizeof(managed_drivers) / sizeof(*managed_drivers); i++) {
		const struct managed_driver *known = &managed_drivers[i];

		if (strcmp(known->bus, bus) == 0 && strcmp(known->name, name) == 0)
			return known;
	}
	return NULL;
}

static struct answer uses_vfio_core(const struct reading *reading, const char *module)
{
	struct answer held = answer_of(false);
	char path[256];

	for (size_t i = 0; i < sizeof(vfio_cores) / sizeof(*vfio_cores); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/holders/%s", vfio_cores[i], module);
		held = sysfs_exists(reading->root, path);
		if (!answer_is_no(held))
			break;
	}
	return held;
}

struct variant {
	const char *module;
	bool found;
};

/* "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci" */
static int look_at_alias(void *context, char *line)
{
	static const char mark[] = "alias vfio_pci:";
	struct variant *variant = context;
	const char *module = strrchr(line, ' ');

	variant->found = strncmp(line, mark, strlen(mark)) == 0 && module &&
			 strcmp(module + 1, variant->module) == 0;
	return variant->found;
}

/* Reads the list only for a driver that calls itself one of VFIO's: it is long. */
static struct answer has_vfio_alias(const struct reading *reading, const char *module)
{
	struct variant variant = {.module = module};
	char path[256];
	int err;

	if (!strstr(module, "vfio"))
		return answer_of(false);
	err = module_file_path(reading->root, "modules.alias", path, sizeof(path));
	if (!err)
		err = sysfs_for_each_line(reading->root, path, look_at_alias, &variant);
	return err < 0 ? answer_hidden(err) : answer_of(variant.found);
}

/* A module of the kernel's own tree has no such mark, and what is built in no such file. */
static struct answer from_elsewhere(const struct reading *reading, const char *module)
{
	char path[128], taint[16];
	int length;

	snprintf(path, sizeof(path), "sys/module/%s/taint", module);
	length = sysfs_read_path(reading->root, path, taint, sizeof(taint));
	if (length < 0 && !sysfs_is_absent(length))
		return answer_hidden(length);
	return answer_of(length > 0 && strchr(taint, 'O'));
}

/* A driver that may be a user's, or may be native, is neither until that is known. */
static void judge_by_module(const struct reading *reading, struct driver_facts *driver)
{
	struct answer user, elsewhere;
	char module[64];

	if (driver_module(reading, driver, module, sizeof(module)) != 0)
		return;
	user = uses_vfio_core(reading, module);
	if (answer_is_no(user))
		user = has_vfio_alias(reading, module);
	elsewhere = from_elsewhere(reading, module);
	driver->user = answer_is_yes(user);
	if (driver->user)
		driver->managed_dma = KNOWN_YES;
	else if (answer_is_no(user) && answer_is_no(elsewhere))
		driver->managed_dma = KNOWN_NO;
}

static void judge(const struct reading *reading, struct driver_facts *driver)
{
	const struct managed_driver *known = find_managed(driver->bus, driver->name);

	if (!known) {
		judge_by_module(reading, driver);
		return;
	}
	driver->managed_dma = KNOWN_YES;
	driver->user = known->user;
}

static int add_driver(struct reading *reading, const char *bus, const char *name)
{
	struct driver_facts *driver;
	int err = facts_add_driver(reading->facts, &driver);

	if (err)
		return err;
	driver->bus = strdup(bus);
	driver->name = strdup(name);
	if (!driver->bus || !driver->name)
		return -ENOMEM;
	judge(reading, driver);
	return 0;
}

static int add_bound_drivers(struct reading *reading)
{
	const struct facts *facts = reading->facts;
	int err = 0;

	for (size_t i = 0; !err && i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->driver && !facts_driver(facts, device->bus, device->driver))
			err = add_driver(reading, device->bus, device->driver);
	}
	return err;
}

struct bus_drivers {
	struct reading *reading;
	const char *bus;
};

static int add_bus_driver(void *context, int folder, const char *name)
{
	const struct bus_drivers *drivers = context;

	if (facts_driver(drivers->reading->facts, drivers->bus, name))
		return 0;
	return add_driver(drivers->reading, drivers->bus, name);
}

static int add_bus_drivers(struct reading *reading, const char *bus)
{
	struct bus_drivers drivers = {.reading = reading, .bus = bus};
	char path[64];

	snprintf(path, sizeof(path), "sys/bus/%s/drivers", bus);
	return sysfs_for_each_entry_if_any(reading->root, path, add_bus_driver, &drivers);
}

int read_driver(struct reading *reading, const char *bus, const char *name)
{
	struct answer there;
	char path[512];
	int length = snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s", bus, name);

	if (!sysfs_is_entry(name) || length >= (int)sizeof(path))
		return -ENODEV;
	there = sysfs_exists(reading->root, path);
	if (!answer_is_yes(there))
		return answer_is_no(there) ? -ENODEV : there.hidden_by;
	return add_driver(reading, bus, name);
}

int read_drivers(struct reading *reading)
{
	int err = add_bound_drivers(reading);

	for (const struct bus *bus = host_buses; reading->full && !err && bus->name; bus++) {
		if (bus_has_devices(reading->facts, bus->name))
			err = add_bus_drivers(reading, bus->name);
	}
	if (!err && reading->full)
		err = read_driver_ids(reading);
	return err;
}
