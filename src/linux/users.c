/* SPDX-License-Identifier: MIT */
/*
 * Who holds groups: the processes that have a node of VFIO open, /dev/vfio/GROUP or, of iommufd,
 * /dev/vfio/devices/vfioN. Only /proc tells that, at the cost of a look at every descriptor of
 * every process, so it is looked at only while a VFIO driver is bound. Of processes that we may not
 * inspect nothing is known; of several that share a descriptor the first one found is named.
 */
#define _GNU_SOURCE
#include "host.h"
#include "sysfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads a number that is all of what follows `prefix` in `text`; -1: it is something else. */
static int number_after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);
	char *end;
	long number;

	if (strncmp(text, prefix, length) != 0 || !isdigit((unsigned char)text[length]))
		return -1;
	number = strtol(text + length, &end, 10);
	return *end || number > INT32_MAX ? -1 : (int)number;
}

/* The group of the device behind /dev/vfio/devices/vfioN; -1: there is no such. */
static int group_of_cdev(const struct reading *reading, int number)
{
	char path[96], name[32];
	int directory, group = -1;

	snprintf(path, sizeof(path), "sys/class/vfio-dev/vfio%d/device", number);
	directory = sysfs_open(reading->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0)
		return -1;
	if (sysfs_link_name(directory, "iommu_group", name, sizeof(name)) == 0)
		group = number_after(name, "");
	close(directory);
	return group;
}

/*
 * The group whose node a descriptor's link names; -1: none. The path is as seen by the process that
 * opened it, whose /dev may be elsewhere, so it is its end that counts.
 */
static int group_of_target(const struct reading *reading, const char *target)
{
	static const char group_node[] = "/vfio/", device_node[] = "/vfio/devices/";
	const char *at = strstr(target, device_node);
	int number;

	if (at) {
		number = number_after(at + strlen(device_node), "vfio");
		return number < 0 ? -1 : group_of_cdev(reading, number);
	}
	at = strstr(target, group_node);
	return at ? number_after(at + strlen(group_node), "") : -1;
}

/* A plain file may be called as it likes. What can't be looked at, as in a recorded tree, is taken
 * by its name. */
static bool may_be_node(int descriptors, const char *name)
{
	struct stat status;

	return fstatat(descriptors, name, &status, 0) != 0 || S_ISCHR(status.st_mode);
}

static int set_owner(struct group_facts *group, int process, long pid)
{
	char name[64];
	struct stat status;

	if (group->owner.kind != OWNER_NONE)
		return 0;
	if (sysfs_read(process, "comm", name, sizeof(name)) > 0) {
		group->owner.name = strdup(name);
		if (!group->owner.name)
			return -ENOMEM;
	}
	if (fstat(process, &status) == 0)
		group->owner.uid = (long)status.st_uid;
	group->owner.pid = pid;
	group->owner.kind = OWNER_USER;
	return 0;
}

static int look_at_descriptor(struct reading *reading, int process, long pid, int descriptors,
			      const char *name)
{
	char target[256];
	ssize_t length = readlinkat(descriptors, name, target, sizeof(target) - 1);
	struct group_facts *group;
	int number;

	if (length <= 0)
		return 0;
	target[length] = '\0';
	number = group_of_target(reading, target);
	group = number < 0 ? NULL : reading_group(reading, number);
	if (!group || !may_be_node(descriptors, name))
		return 0;
	return set_owner(group, process, pid);
}

static int look_at_process(struct reading *reading, int process, long pid)
{
	struct dirent *entry;
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err = 0;
	DIR *descriptors;

	if (fd < 0)
		return 0;
	descriptors = fdopendir(fd);
	if (!descriptors) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (entry = readdir(descriptors))) {
		if (entry->d_name[0] != '.')
			err = look_at_descriptor(reading, process, pid, fd, entry->d_name);
	}
	closedir(descriptors);
	return err;
}

static int look_at_processes(struct reading *reading)
{
	struct dirent *entry;
	int fd = sysfs_open(reading->root, "proc", O_RDONLY | O_DIRECTORY), process, err = 0;
	DIR *processes;

	if (fd < 0)
		return 0;
	processes = fdopendir(fd);
	if (!processes) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (entry = readdir(processes))) {
		int pid = number_after(entry->d_name, "");

		if (pid <= 0)
			continue;
		process = openat(fd, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (process < 0)
			continue;
		err = look_at_process(reading, process, pid);
		close(process);
	}
	closedir(processes);
	return err;
}

int read_users(struct reading *reading)
{
	const struct facts *facts = reading->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct driver_facts *driver =
			device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;

		if (driver && driver->user)
			return look_at_processes(reading);
	}
	return 0;
}
