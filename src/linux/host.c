/* SPDX-License-Identifier: MIT */
/* The host as a machine: its operations are writes to sysfs, and the kernel's answers. */
#define _GNU_SOURCE
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 512 };

static struct host *to_host(struct machine *machine)
{
	return (struct host *)machine;
}

static void host_close(struct machine *machine)
{
	struct host *host = to_host(machine);

	close(host->root);
	free(host->name);
	free(host);
}

static int read_host(struct machine *machine, bool full, struct facts *out)
{
	struct host *host = to_host(machine);
	struct facts facts = {.machine = strdup(host->name)};
	struct reading reading = {.root = host->root, .full = full, .facts = &facts};
	int err = facts.machine ? 0 : -ENOMEM;

	if (!err)
		err = read_devices(&reading);
	if (!err)
		err = read_drivers(&reading);
	if (!err)
		err = read_groups(&reading);
	pci_ids_release(&reading.ids);
	if (err) {
		facts_release(&facts);
		return err;
	}
	facts_sort(&facts);
	*out = facts;
	return 0;
}

static int host_read(struct machine *machine, struct facts *out)
{
	return read_host(machine, true, out);
}

static int host_glance(struct machine *machine, struct facts *out)
{
	return read_host(machine, false, out);
}

/* Makes a path below the root. -ENODEV: it is too long to be that of anything. */
__attribute__((format(printf, 2, 3))) static int make_path(char *path, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(path, PATH_SIZE, format, args);
	va_end(args);
	return length < 0 || length >= PATH_SIZE ? -ENODEV : 0;
}

/* Whether a name can be a single entry of a directory. */
static bool is_entry(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

static bool exists(const struct host *host, const char *path)
{
	int fd = sysfs_open(host->root, path, O_PATH);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Stores the name of the bus that has the device, or -ENODEV. */
static int find_bus(const struct host *host, const char *device, const char **bus)
{
	char path[PATH_SIZE];

	if (!is_entry(device))
		return -ENODEV;
	for (size_t i = 0; host_buses[i].name; i++) {
		if (make_path(path, "sys/bus/%s/devices/%s", host_buses[i].name, device) == 0 &&
		    exists(host, path)) {
			*bus = host_buses[i].name;
			return 0;
		}
	}
	return -ENODEV;
}

/* Writes to an attribute of a device; `missing` is the answer where a device lacks it. */
static int write_attribute(const struct host *host, const char *device, const char *attribute,
			   const char *value, int missing)
{
	char path[PATH_SIZE];
	const char *bus;
	int err = find_bus(host, device, &bus);

	if (!err)
		err = make_path(path, "sys/bus/%s/devices/%s/%s", bus, device, attribute);
	if (err)
		return err;
	err = sysfs_write_path(host->root, path, value);
	return err == -ENOENT ? missing : err;
}

static int host_bind(struct machine *machine, const char *device, const char *driver)
{
	struct host *host = to_host(machine);
	char path[PATH_SIZE];
	const char *bus;
	int err = find_bus(host, device, &bus);

	if (!err && !is_entry(driver))
		err = -ENODEV;
	if (!err)
		err = make_path(path, "sys/bus/%s/drivers/%s", bus, driver);
	if (!err && !exists(host, path))
		err = -ENODEV;
	if (!err)
		err = make_path(path, "sys/bus/%s/drivers/%s/bind", bus, driver);
	return err ? err : sysfs_write_path(host->root, path, device);
}

static int host_unbind(struct machine *machine, const char *device)
{
	return write_attribute(to_host(machine), device, "driver/unbind", device, -ENODEV);
}

static int host_probe(struct machine *machine, const char *device)
{
	struct host *host = to_host(machine);
	char path[PATH_SIZE];
	const char *bus;
	int err = find_bus(host, device, &bus);

	if (!err)
		err = make_path(path, "sys/bus/%s/drivers_probe", bus);
	return err ? err : sysfs_write_path(host->root, path, device);
}

/* An empty line clears an override; an empty write would not reach the kernel. */
static int host_set_override(struct machine *machine, const char *device, const char *driver)
{
	return write_attribute(to_host(machine), device, "driver_override", driver ? driver : "\n",
			       -EOPNOTSUPP);
}

static int host_remove(struct machine *machine, const char *device)
{
	return write_attribute(to_host(machine), device, "remove", "1", -EOPNOTSUPP);
}

/* Every bus that can find devices by itself does. */
static int host_rescan(struct machine *machine)
{
	struct host *host = to_host(machine);
	char path[PATH_SIZE];
	int err = -ENOENT, first = -EOPNOTSUPP;

	for (size_t i = 0; host_buses[i].name; i++) {
		err = make_path(path, "sys/bus/%s/rescan", host_buses[i].name);
		if (!err)
			err = sysfs_write_path(host->root, path, "1");
		if (err != -ENOENT && (first == -EOPNOTSUPP || first == 0))
			first = err;
	}
	return first;
}

static int host_set_type(struct machine *machine, int group, const char *type)
{
	char path[PATH_SIZE];
	int err = make_path(path, "sys/kernel/iommu_groups/%d/type", group);

	if (!err)
		err = sysfs_write_path(to_host(machine)->root, path, type);
	return err == -ENOENT ? -ENODEV : err;
}

static int host_open(struct machine *machine, int group, struct group_file **out)
{
	return vfio_open(to_host(machine)->root, group, out);
}

static const struct machine_ops host_ops = {
	.close = host_close,
	.read = host_read,
	.glance = host_glance,
	.bind = host_bind,
	.unbind = host_unbind,
	.probe = host_probe,
	.set_override = host_set_override,
	.remove = host_remove,
	.rescan = host_rescan,
	.set_type = host_set_type,
	.open = host_open,
};

int linux_machine_open(const char *sysroot, struct machine **out)
{
	struct host *host = malloc(sizeof(*host));
	int err = -ENOMEM;

	if (!host)
		return -ENOMEM;
	host->machine.ops = &host_ops;
	host->name = strdup(sysroot ? sysroot : "live");
	if (!host->name)
		goto free_host;
	host->root = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host->root < 0) {
		err = -errno;
		goto free_name;
	}
	*out = &host->machine;
	return 0;

free_name:
	free(host->name);
free_host:
	free(host);
	return err;
}
