/* SPDX-License-Identifier: MIT */
/*
 * Nodes that processes have open: of /dev, known by their number, and resources in sysfs,
 * also those that are only mapped still. Nodes of VFIO belong to no device in sysfs: who has those
 * open is the owner of a group (users.c).
 */
#define _GNU_SOURCE
#include "processes.h"
#include "sysfs.h"
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Numbers of memory, terminals of programs, and the like: no device is behind them. */
static bool is_virtual(dev_t number)
{
	unsigned int group = major(number);

	return group == 1 || group == 5 || (group >= 136 && group <= 143);
}

/* A process may be in another root, where its /dev is: the descriptor leads to the node.
 * Descriptors of a recorded tree are links by name, and what they name is in the tree. */
static int stat_node(const struct search *search, const struct descriptor *descriptor,
		     struct stat *status)
{
	int fd, err;

	if (search->live)
		return fstatat(descriptor->descriptors, descriptor->name, status, 0) ? -errno : 0;
	fd = sysfs_open(search->root, descriptor->target, O_PATH);
	if (fd < 0)
		return fd;
	err = fstat(fd, status) ? -errno : 0;
	close(fd);
	return err;
}

/* A node that has gone is nobody's; nor is one whose number no device of sysfs has. */
static int device_of_node(const struct search *search, const struct descriptor *descriptor,
			  struct device_facts **out)
{
	struct stat status;
	char path[64];
	int err = stat_node(search, descriptor, &status);

	if (err)
		return sysfs_unless_absent(err);
	if ((!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) ||
	    (S_ISCHR(status.st_mode) && is_virtual(status.st_rdev)))
		return 0;
	snprintf(path, sizeof(path), "sys/dev/%s/%u:%u", S_ISCHR(status.st_mode) ? "char" : "block",
		 major(status.st_rdev), minor(status.st_rdev));
	return sysfs_unless_absent(device_behind(search, path, out));
}

static int device_of_resource(const struct search *search, const char *target,
			      struct device_facts **out)
{
	const char *last = strrchr(target, '/');

	if (strncmp(last + 1, "resource", strlen("resource")) != 0)
		return 0;
	return sysfs_unless_absent(device_behind(search, target + 1, out));
}

/* A process that has it open twice is told of once. */
static bool is_known(const struct device_facts *device, const char *name, const char *reason)
{
	for (size_t i = 0; i < device->use_count; i++) {
		if (device->uses[i].name && strcmp(device->uses[i].name, name) == 0 &&
		    device->uses[i].reason && strcmp(device->uses[i].reason, reason) == 0)
			return true;
	}
	return false;
}

static int device_of(const struct search *search, const struct descriptor *descriptor,
		     struct device_facts **out)
{
	if (!descriptor->name || strncmp(descriptor->target, "/sys/", 5) == 0)
		return device_of_resource(search, descriptor->target, out);
	return strstr(descriptor->target, "/dev/") ? device_of_node(search, descriptor, out) : 0;
}

static int look_at_descriptor(void *context, const struct descriptor *descriptor)
{
	const struct search *search = context;
	struct device_facts *device = NULL;
	char program[64], reason[128];
	int err = device_of(search, descriptor, &device);

	if (err)
		return note_unknown(search, NULL, "open descriptors", err);
	if (!device || (search->live && descriptor->pid == getpid()))
		return 0;
	process_name(descriptor, program, sizeof(program));
	snprintf(reason, sizeof(reason), "%s in %s (process %ld)",
		 descriptor->name ? "open" : "mapped", program, descriptor->pid);
	if (is_known(device, descriptor->target, reason))
		return 0;
	return add_use(device, "node", descriptor->target, "%s", reason);
}

int find_node_uses(const struct search *search)
{
	int hidden;
	int err = for_each_descriptor(search->root, "/", "/sys/devices/", look_at_descriptor,
				      (void *)(uintptr_t)search, &hidden);

	return err ? err : hidden;
}
