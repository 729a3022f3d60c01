/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "device_state.h"
#include "buses.h"
#include "host.h"
#include "locked_reads.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sysfs numbers its folders anew for each device, and uses no number twice while it runs. */
int device_instance(int directory, uint64_t *out)
{
	struct stat status;

	if (fstat(directory, &status) != 0)
		return -errno;
	*out = status.st_ino & INT64_MAX;
	return 0;
}

int read_group_number(int directory, int *group)
{
	char name[32], *end;
	int err = sysfs_link_name(directory, "iommu_group", name, sizeof(name));
	long number;

	if (err)
		return err;
	number = strtol(name, &end, 10);
	if (end == name || *end || number < 0 || number > INT32_MAX)
		return -ENOENT;
	*group = (int)number;
	return 0;
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

int host_instance(struct machine *machine, const char *device, uint64_t *out)
{
	int directory = open_device(host_of(machine), device), err;

	if (directory < 0)
		return directory == -ENOENT ? -ENODEV : directory;
	err = device_instance(directory, out);
	close(directory);
	return err;
}

int host_driver(struct machine *machine, const char *device, struct driver_name *out)
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

int host_find_group(struct machine *machine, const struct machine_part *part, int *out)
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
int host_override(struct machine *machine, const char *device, struct driver_name *out)
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
