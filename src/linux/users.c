/* SPDX-License-Identifier: MIT */
/*
 * Who holds groups: the processes that have a node of VFIO open, /dev/vfio/GROUP or, of iommufd,
 * /dev/vfio/devices/vfioN. Only /proc tells that, at the cost of a look at every descriptor of
 * every process, so it is looked at only while a VFIO driver is bound. Of processes that we may not
 * inspect nothing is known; of several that share a descriptor the first one found is named.
 */
#define _GNU_SOURCE
#include "host.h"
#include "processes.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

	if (group->owner.kind == OWNER_USER || group->owner.kind == OWNER_KERNEL)
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

static int look_at_descriptor(void *context, const struct descriptor *descriptor)
{
	struct reading *reading = context;
	int number = group_of_target(reading, descriptor->target);
	struct group_facts *group = number < 0 ? NULL : reading_group(reading, number);

	if (!group || !may_be_node(descriptor->descriptors, descriptor->name))
		return 0;
	return set_owner(group, descriptor->process, descriptor->pid);
}

/* Whether a driver that gives devices to users is bound to any. */
static bool has_user_driver(const struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct driver_facts *driver =
			device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;

		if (driver && driver->user)
			return true;
	}
	return false;
}

/* Groups that nobody was seen to have: nobody has them, if everybody was seen. */
static void settle_owners(struct facts *facts, int hidden)
{
	for (size_t i = 0; i < facts->group_count; i++) {
		struct owner_facts *owner = &facts->groups[i].owner;

		if (owner->kind != OWNER_NOT_KNOWN)
			continue;
		owner->kind = hidden ? OWNER_NOT_KNOWN : OWNER_NONE;
		owner->hidden_by = hidden;
	}
}

int read_users(struct reading *reading)
{
	int hidden = 0, err = 0;

	if (has_user_driver(reading->facts))
		err = for_each_descriptor(reading->root, "/", NULL, look_at_descriptor, reading,
					  &hidden);
	if (err == -ENOMEM)
		return err;
	settle_owners(reading->facts, err ? err : hidden);
	return 0;
}
