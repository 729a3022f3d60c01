/* SPDX-License-Identifier: MIT */
/*
 * Drivers of the host, and which of them manage DMA themselves.
 *
 * The kernel doesn't show driver_managed_dma. It is set by the drivers below and by the vendors'
 * variants of vfio-pci, which are known by their module's use of VFIO's core. Other drivers of the
 * kernel's own tree are native; of a module from elsewhere it is not known. Only the kernel's
 * answer to a claim decides: what is said here is for people and for plans.
 */
#define _GNU_SOURCE
#include "host.h"
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

static bool uses_vfio_core(const struct reading *reading, const char *module)
{
	char path[256];
	int fd;

	for (size_t i = 0; i < sizeof(vfio_cores) / sizeof(*vfio_cores); i++) {
		snprintf(path, sizeof(path), "sys/module/%s/holders/%s", vfio_cores[i], module);
		fd = sysfs_open(reading->root, path, O_PATH);
		if (fd >= 0) {
			close(fd);
			return true;
		}
	}
	return false;
}

static bool from_elsewhere(const struct reading *reading, const char *module)
{
	char path[128], taint[16];

	snprintf(path, sizeof(path), "sys/module/%s/taint", module);
	return sysfs_read_path(reading->root, path, taint, sizeof(taint)) > 0 && strchr(taint, 'O');
}

void driver_module(const struct reading *reading, const struct driver_facts *driver, char *module,
		   size_t size)
{
	char path[512];
	int directory;

	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s", driver->bus, driver->name);
	directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0 || sysfs_link_name(directory, "module", module, size) != 0)
		snprintf(module, size, "%s", driver->name);
	if (directory >= 0)
		close(directory);
	for (char *at = module; (at = strchr(at, '-')); at++)
		*at = '_';
}

static void judge(const struct reading *reading, const char *module, struct driver_facts *driver)
{
	const struct managed_driver *known = find_managed(driver->bus, driver->name);

	if (known || uses_vfio_core(reading, module)) {
		driver->managed_dma = KNOWN_YES;
		driver->user = known ? known->user : true;
	} else {
		driver->managed_dma = from_elsewhere(reading, module) ? KNOWN_NOT : KNOWN_NO;
	}
}

static int add_driver(struct reading *reading, const char *bus, const char *name)
{
	struct driver_facts *driver;
	char module[64];
	int err = facts_add_driver(reading->facts, &driver);

	if (err)
		return err;
	driver->bus = strdup(bus);
	driver->name = strdup(name);
	if (!driver->bus || !driver->name)
		return -ENOMEM;
	driver_module(reading, driver, module, sizeof(module));
	judge(reading, module, driver);
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

static bool has_devices(const struct facts *facts, const char *bus)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (strcmp(facts->devices[i].bus, bus) == 0)
			return true;
	}
	return false;
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
	return sysfs_for_each_entry(reading->root, path, add_bus_driver, &drivers);
}

int read_driver(struct reading *reading, const char *bus, const char *name)
{
	char path[512];
	int length = snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s", bus, name);

	if (!sysfs_is_entry(name) || length >= (int)sizeof(path) ||
	    !sysfs_exists(reading->root, path))
		return -ENODEV;
	return add_driver(reading, bus, name);
}

int read_drivers(struct reading *reading)
{
	int err = add_bound_drivers(reading);

	for (const struct bus *bus = host_buses; reading->full && !err && bus->name; bus++) {
		if (has_devices(reading->facts, bus->name))
			err = add_bus_drivers(reading, bus->name);
	}
	if (!err && reading->full)
		err = read_driver_ids(reading);
	return err;
}
