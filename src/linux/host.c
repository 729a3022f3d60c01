/* SPDX-License-Identifier: MIT */
/* The host as a machine: its operations are writes to sysfs, and the kernel's answers. */
#define _GNU_SOURCE
#include "host.h"
#include "locked_reads.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void host_close(struct machine *machine)
{
	struct host *host = host_of(machine);

	crew_end(&host->crew);
	close(host->root);
	free(host->name);
	free(host);
}

/* Ends a reading: what was read goes to *out, or is freed. */
static int finish(struct reading *reading, int err, struct facts *out)
{
	if (!err)
		err = read_drivers(reading);
	if (!err)
		err = read_groups(reading);
	if (!err && reading->full)
		err = read_host_facts(reading);
	pci_ids_release(&reading->ids);
	if (err) {
		facts_release(reading->facts);
		return err;
	}
	facts_sort(reading->facts);
	*out = *reading->facts;
	return 0;
}

static int read_host(struct machine *machine, bool full, struct facts *out)
{
	struct host *host = host_of(machine);
	struct facts facts = {.machine = strdup(host->name)};
	struct reading reading = {.root = host->root,
				  .crew = &host->crew,
				  .full = full,
				  .regions = full,
				  .names = true,
				  .facts = &facts};

	return finish(&reading, facts.machine ? read_devices(&reading) : -ENOMEM, out);
}

static int host_read_part(struct machine *machine, const struct machine_part *parts, size_t count,
			  struct facts *out)
{
	struct host *host = host_of(machine);
	struct facts facts = {.machine = strdup(host->name)};
	struct reading reading = {.root = host->root,
				  .crew = &host->crew,
				  .part = true,
				  .regions = true,
				  .facts = &facts};

	return finish(&reading, facts.machine ? read_devices_of(&reading, parts, count) : -ENOMEM,
		      out);
}

static int host_read_driver(struct machine *machine, const char *bus, const char *driver,
			    struct facts *facts)
{
	struct reading reading = {
		.root = host_of(machine)->root, .crew = &host_of(machine)->crew, .facts = facts};

	return read_driver(&reading, bus, driver);
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

int find_bus(int root, const char *device, const char **bus)
{
	char path[PATH_SIZE];

	if (!sysfs_is_entry(device))
		return -ENODEV;
	for (size_t i = 0; host_buses[i].name; i++) {
		struct answer there;

		if (make_path(path, "sys/bus/%s/devices/%s", host_buses[i].name, device) != 0)
			return -ENODEV;
		there = sysfs_exists(root, path);
		if (answer_is_no(there))
			continue;
		if (!answer_is_yes(there))
			return answer_error(there);
		*bus = host_buses[i].name;
		return 0;
	}
	return answer_is_yes(sysfs_exists(root, "sys/bus")) ? -ENODEV : -EIO;
}

/* Opens the directory of a device, which the caller closes. */
static int open_device(const struct host *host, const char *device)
{
	char path[PATH_SIZE];
	const char *bus;
	int err = find_bus(host->root, device, &bus);

	if (!err)
		err = make_path(path, "sys/bus/%s/devices/%s", bus, device);
	return err ? err : sysfs_open(host->root, path, O_PATH | O_DIRECTORY);
}

static int host_instance(struct machine *machine, const char *device, uint64_t *out)
{
	int directory = open_device(host_of(machine), device), err;

	if (directory < 0)
		return directory == -ENOENT ? -ENODEV : directory;
	err = device_instance(directory, out);
	close(directory);
	return err;
}

static int host_driver(struct machine *machine, const char *device, struct driver_name *out)
{
	int directory = open_device(host_of(machine), device), err;

	if (directory < 0)
		return directory == -ENOENT ? -ENODEV : directory;
	err = sysfs_link_name(directory, "driver", out->text, sizeof(out->text));
	close(directory);
	if (err == -ENOENT)
		*out->text = '\0';
	return err == -ENOENT ? 0 : err;
}

static int host_find_group(struct machine *machine, const struct machine_part *part, int *out)
{
	const struct host *host = host_of(machine);
	char path[PATH_SIZE];
	int directory, err;

	if (!part->device) {
		struct answer there;

		snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d", part->group);
		there = sysfs_exists(host->root, path);
		if (!answer_is_yes(there))
			return answer_is_no(there) ? -ENOENT : answer_error(there);
		*out = part->group;
		return 0;
	}
	directory = open_device(host, part->device);
	if (directory < 0)
		return directory == -ENOENT ? -ENODEV : directory;
	err = read_group_number(directory, out);
	close(directory);
	if (err == -ENOENT)
		*out = -1;
	return err == -ENOENT ? 0 : err;
}

/* The kernel writes "(null)" where there is none. */
static int host_override(struct machine *machine, const char *device, struct driver_name *out)
{
	struct host *host = host_of(machine);
	struct driver_name name = {{0}};
	char path[PATH_SIZE];
	const char *bus;
	int length, err = find_bus(host->root, device, &bus);

	if (!err)
		err = make_path(path, "sys/bus/%s/devices/%s/driver_override", bus, device);
	if (err)
		return err;
	length = locked_read(&host->crew, path, name.text, sizeof(name.text));
	if (length < 0)
		return length == -ENOENT ? -EOPNOTSUPP : length;
	if (strcmp(name.text, "(null)") == 0)
		*name.text = '\0';
	*out = name;
	return 0;
}

/* Every bus that can find devices by itself does. */
static int host_rescan(struct machine *machine)
{
	struct host_write write = {.value = "1", .missing = -ENOENT};
	int err, first = -EOPNOTSUPP;

	for (size_t i = 0; host_buses[i].name; i++) {
		snprintf(write.path, sizeof(write.path), "sys/bus/%s/rescan", host_buses[i].name);
		err = host_write(host_of(machine), &write);
		if (err != -ENOENT && (first == -EOPNOTSUPP || first == 0))
			first = err;
	}
	return first;
}

static int host_set_type(struct machine *machine, int group, const char *type)
{
	struct host_write write = {.value = type, .missing = -ENODEV};

	snprintf(write.path, sizeof(write.path), "sys/kernel/iommu_groups/%d/type", group);
	return host_write(host_of(machine), &write);
}

static int host_open(struct machine *machine, int group, struct group_file **out)
{
	return vfio_open(host_of(machine), group, out);
}

static const struct machine_ops host_ops = {
	.close = host_close,
	.read = host_read,
	.glance = host_glance,
	.find_group = host_find_group,
	.read_part = host_read_part,
	.read_driver = host_read_driver,
	.find_users = host_find_users,
	.find_uses = host_find_uses,
	.instance = host_instance,
	.driver = host_driver,
	.override = host_override,
	.load_driver = host_load_driver,
	.change_all = host_change_all,
	.bind = host_bind,
	.unbind = host_unbind,
	.probe = host_probe,
	.set_override = host_set_override,
	.remove = host_remove,
	.rescan = host_rescan,
	.watch = host_watch,
	.set_type = host_set_type,
	.node = host_node,
	.set_node = host_set_node,
	.await_node = host_await_node,
	.open = host_open,
};

int linux_machine_open(const char *sysroot, struct machine **out)
{
	struct host *host = malloc(sizeof(*host));
	int err = -ENOMEM;

	if (!host)
		return -ENOMEM;
	host->machine.ops = &host_ops;
	host->live = !sysroot;
	host->name = strdup(sysroot ? sysroot : "live");
	if (!host->name)
		goto free_host;
	host->root = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host->root < 0) {
		err = -errno;
		goto free_name;
	}
	crew_init(&host->crew, host->root);
	*out = &host->machine;
	return 0;

free_name:
	free(host->name);
free_host:
	free(host);
	return err;
}
