/* SPDX-License-Identifier: MIT */
/*
 * Devices of the host: one pass over /sys/bus/BUS/devices.
 *
 * A device's directory is opened once and what does not wait is read from there: its links and its
 * modalias, in which is every id. What waits for the device's lock (device_attributes.c) comes for
 * all of them later. A device that goes while it is read answers -ENOENT or -ENODEV somewhere, and
 * is left out.
 */
#define _GNU_SOURCE
#include "devices.h"
#include "buses.h"
#include "device_attributes.h"
#include "device_state.h"
#include "parallel.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The class of a function whose alias does not tell it: "0x060100". */
static int read_class(int directory, struct device_facts *device)
{
	char text[16];
	int length;

	if (device->class || strcmp(device->bus, "pci") != 0)
		return 0;
	length = sysfs_read(directory, "class", text, sizeof(text));
	if (length < 0)
		return sysfs_unless_absent(length);
	return length == 8 && strspn(text + 2, "0123456789abcdef") == 6
		       ? set_text(&device->class, text + 2)
		       : 0;
}

/* Some buses have no such attribute, and tell it with what waits. */
static int read_modalias(int directory, struct device_facts *device)
{
	char modalias[1024];
	int length = sysfs_read(directory, "modalias", modalias, sizeof(modalias));

	if (length < 0 && length != -ENOENT)
		return length;
	if (length >= 0 && device_take_modalias(device, modalias) != 0)
		return -ENOMEM;
	return read_class(directory, device);
}

static int read_driver_link(int directory, struct device_facts *device)
{
	char name[256];
	int err = sysfs_link_name(directory, "driver", name, sizeof(name));

	if (err)
		return err == -ENOENT ? 0 : err;
	return set_text(&device->driver, name);
}

/* Config space waits, and comes later. */
static int read_pci(int directory, struct device_facts *device)
{
	char function[64];
	int err = device_facts_add_pci(device);

	if (err)
		return err;
	err = sysfs_link_name(directory, "physfn", function, sizeof(function));
	if (err)
		return sysfs_unless_absent(err);
	return set_text(&device->pci->physical_function, function);
}

/* Cuts the last name off a path; NULL: it is the only one. */
static const char *cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static bool is_pci_function(const char *name)
{
	struct pci_facts ignored;

	return pci_address_parse(name, &ignored) == 0;
}

/* "pci10000:e0" */
static bool is_root_bus(const char *name)
{
	char function[64];

	if (strncmp(name, "pci", 3) != 0)
		return false;
	snprintf(function, sizeof(function), "%s:00.0", name + 3);
	return is_pci_function(function);
}

/*
 * The name of the directory above, which is the parent's if that is a device: devices nest as
 * .../0000:00:01.0/0000:01:00.0. Only a root bus that a PCI function makes (VMD's, as in
 * .../0000:00:0e.0/pci10000:e0/10000:e0:06.0) lies in between. A tree without links tells no
 * parent.
 */
static int read_parent(int bus, const char *address, struct device_facts *device)
{
	char target[4096];
	const char *above, *maker;
	ssize_t length = readlinkat(bus, address, target, sizeof(target) - 1);

	if (length < 0)
		return errno == EINVAL ? 0 : -errno;
	target[length] = '\0';
	if (!cut_last(target))
		return 0;
	above = cut_last(target);
	if (!above)
		return set_text(&device->parent, target);
	maker = is_root_bus(above) ? cut_last(target) : NULL;
	return set_text(&device->parent, maker && is_pci_function(maker) ? maker : above);
}

/* What was asked for by name is told of even if it is in no group. */
static bool is_listed_ungrouped(const struct reading *reading, const struct bus *bus)
{
	return bus->ungrouped || reading->part;
}

/* By an attribute that a device has from the beginning, or never. That it is there may be looked
 * at; reading it waits. What can't be looked at is asked again when it matters. */
static void look_for_virtual_functions(int directory, struct device_facts *device)
{
	struct stat status;

	if (fstatat(directory, "sriov_numvfs", &status, AT_SYMLINK_NOFOLLOW) == 0)
		device->physical = KNOWN_YES;
	else if (sysfs_is_absent(-errno))
		device->physical = KNOWN_NO;
}

static int read_device(const struct reading *reading, const struct bus *bus, int bus_directory,
		       int directory, struct device_facts *device)
{
	int err = device_instance(directory, &device->instance);

	if (!err)
		err = read_group_number(directory, &device->group);
	if (err == -ENOENT && is_listed_ungrouped(reading, bus))
		err = 0;
	if (!err)
		err = read_driver_link(directory, device);
	if (!err)
		err = read_modalias(directory, device);
	if (!err)
		look_for_virtual_functions(directory, device);
	if (err || !(reading->full || reading->part))
		return err;
	err = read_parent(bus_directory, device->address, device);
	return err || strcmp(bus->name, "pci") != 0 ? err : read_pci(directory, device);
}

/* Adds a device of which nothing but its name is known. */
static int add_name(struct reading *reading, const struct bus *bus, const char *address)
{
	struct device_facts *device;
	int err = facts_add_device(reading->facts, &device);

	if (!err)
		err = set_text(&device->address, address);
	if (!err)
		err = set_text(&device->bus, bus->name);
	return err;
}

/* Reads one that was added. *gone: it has vanished meanwhile, or is not to be listed. A plan leaves
 * out only what is no more: a member that can't be read is a member. */
static int look_at_device(const struct reading *reading, const struct bus *bus, int bus_directory,
			  struct device_facts *device, bool *gone)
{
	char path[512];
	int directory, err;

	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", bus->name, device->address);
	directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0) {
		*gone = directory == -ENOENT || directory == -ENOTDIR;
		return *gone ? 0 : directory;
	}
	err = read_device(reading, bus, bus_directory, directory, device);
	close(directory);
	if (err != -ENOENT && err != -ENODEV)
		return err;
	*gone = !reading->part || answer_is_no(sysfs_exists(reading->root, path));
	return *gone ? 0 : device_facts_hide(device, "what it is", err);
}

struct bus_reading {
	struct reading *reading;
	const struct bus *bus;
	int directory; /* with all its devices */
	size_t first;  /* of them in the facts */
	bool *gone;    /* one for each from there on */
};

static int add_entry(void *context, int folder, const char *name)
{
	const struct bus_reading *bus = context;

	return add_name(bus->reading, bus->bus, name);
}

static int look_at_place(void *context, size_t place)
{
	const struct bus_reading *bus = context;

	return look_at_device(bus->reading, bus->bus, bus->directory,
			      &bus->reading->facts->devices[bus->first + place], &bus->gone[place]);
}

/* Reads the devices from the first on, each on its own, and keeps those that are to be listed. */
static int look_at_devices(struct bus_reading *bus)
{
	struct facts *facts = bus->reading->facts;
	size_t count = facts->device_count - bus->first;
	int err;

	bus->gone = calloc(count + 1, sizeof(*bus->gone));
	if (!bus->gone)
		return -ENOMEM;
	err = parallel_for(count, look_at_place, bus);
	facts_drop_devices(facts, bus->first, bus->gone);
	free(bus->gone);
	return err;
}

static int read_bus(struct reading *reading, const struct bus *bus)
{
	struct bus_reading context = {
		.reading = reading, .bus = bus, .first = reading->facts->device_count};
	char path[64];
	int err;

	snprintf(path, sizeof(path), "sys/bus/%s/devices", bus->name);
	context.directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (context.directory < 0)
		return sysfs_unless_absent(context.directory);
	err = sysfs_for_each_entry(context.directory, ".", add_entry, &context);
	if (!err)
		err = look_at_devices(&context);
	close(context.directory);
	return err;
}

/* Above a device may be something that is none, such as a root bus, or a device not listed. */
static int settle_parents(struct facts *facts)
{
	struct device_index index;
	int err = device_index_init(&index, facts);

	if (err)
		return err;
	for (size_t i = 0; i < facts->device_count; i++) {
		struct device_facts *device = &facts->devices[i];

		if (!device->parent || device_index_find(&index, device->parent) != SIZE_MAX)
			continue;
		free(device->parent);
		device->parent = NULL;
	}
	device_index_release(&index);
	return 0;
}

static int read_names(struct reading *reading)
{
	struct facts *facts = reading->facts;
	int err = 0;

	for (size_t i = 0; reading->names && !err && i < facts->device_count; i++) {
		struct device_facts *device = &facts->devices[i];

		if (device->vendor && device->device)
			err = pci_ids_name(&reading->ids, reading->root, device->vendor,
					   device->device, &device->name);
	}
	return err;
}

/* When all devices are there: what comes for all of them. */
static int finish_devices(struct reading *reading)
{
	int err = read_attributes(reading);

	if (!err)
		err = read_names(reading);
	return err || !(reading->full || reading->part) ? err : settle_parents(reading->facts);
}

int read_devices(struct reading *reading)
{
	int err = 0;

	for (const struct bus *bus = host_buses; !err && bus->name; bus++)
		err = read_bus(reading, bus);
	return err ? err : finish_devices(reading);
}

/* Adds a device that has not been added before. */
static int add_once(struct reading *reading, const char *address)
{
	struct bus_reading context = {
		.reading = reading, .bus = host_buses, .first = reading->facts->device_count};
	char path[64];
	const char *name;
	int err = find_bus(reading->root, address, &name);

	if (err == -ENODEV || (!err && facts_device(reading->facts, address)))
		return 0;
	if (err)
		return err;
	while (strcmp(context.bus->name, name) != 0)
		context.bus++;
	snprintf(path, sizeof(path), "sys/bus/%s/devices", name);
	context.directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (context.directory < 0)
		return context.directory == -ENOENT ? 0 : context.directory;
	err = add_name(reading, context.bus, address);
	if (!err)
		err = look_at_devices(&context);
	close(context.directory);
	return err;
}

/* A member of a bus that is not one of ours: what a claim would do to it nobody knows. */
static int add_stranger(struct reading *reading, int group, int members, const char *name)
{
	char path[512], bus[64] = "unknown";
	struct device_facts *device;
	int directory = openat(members, name, O_PATH | O_DIRECTORY | O_CLOEXEC), err;

	if (directory < 0)
		return errno == ENOENT ? 0 : -errno;
	err = sysfs_link_name(directory, "subsystem", bus, sizeof(bus));
	close(directory);
	if (err && !sysfs_is_absent(err))
		return err;
	err = facts_add_device(reading->facts, &device);
	if (err)
		return err;
	device->group = group;
	snprintf(path, sizeof(path), "bus %s", bus);
	err = set_text(&device->address, name);
	if (!err)
		err = set_text(&device->bus, bus);
	return err ? err : device_facts_hide(device, path, -EOPNOTSUPP);
}

struct member_reading {
	struct reading *reading;
	int group;
};

static int add_member(void *context, int folder, const char *name)
{
	const struct member_reading *members = context;
	const char *bus;
	int err = find_bus(members->reading->root, name, &bus);

	if (err == -ENODEV && !facts_device(members->reading->facts, name))
		return add_stranger(members->reading, members->group, folder, name);
	return add_once(members->reading, name);
}

static int add_members(struct reading *reading, int group)
{
	struct member_reading members = {.reading = reading, .group = group};
	char path[64];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/devices", group);
	return sysfs_for_each_entry_if_any(reading->root, path, add_member, &members);
}

int read_devices_of(struct reading *reading, const struct machine_part *parts, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++) {
		const struct device_facts *device;

		if (!parts[i].device) {
			err = add_members(reading, parts[i].group);
			continue;
		}
		err = add_once(reading, parts[i].device);
		device = facts_device(reading->facts, parts[i].device);
		if (!err && device && device->group >= 0)
			err = add_members(reading, device->group);
	}
	return err ? err : finish_devices(reading);
}
