/* SPDX-License-Identifier: MIT */
/*
 * Groups of the host: those that the devices name.
 *
 * The kernel doesn't show a group's owner. It follows from what it does show: a group in which a
 * native driver is bound is the kernel's; one whose node under /dev/vfio a process holds open is
 * that process's; any other is nobody's.
 */
#define _GNU_SOURCE
#include "groups.h"
#include "parallel.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare_ids(const void *first, const void *second)
{
	const int *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/* Stores the groups that the devices name, each once and ascending; the caller frees. */
static int collect_ids(const struct facts *facts, int **out, size_t *count)
{
	int *ids = calloc(facts->device_count + 1, sizeof(*ids));
	size_t all = 0, unique = 0;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++) {
		if (facts->devices[i].group >= 0)
			ids[all++] = facts->devices[i].group;
	}
	qsort(ids, all, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < all; i++) {
		if (i == 0 || ids[i] != ids[i - 1])
			ids[unique++] = ids[i];
	}
	*out = ids;
	*count = unique;
	return 0;
}

/* One line per region: first and last address, then the kind; "direct" ones are mapped 1:1 for the
 * firmware and may not go, "direct-relaxable" ones may. */
static bool has_direct_region(const char *regions)
{
	static const char kind[] = " direct";

	for (const char *at = regions; (at = strstr(at, kind)); at++) {
		const char *end = at + strlen(kind);

		if (*end == '\n' || *end == '\0')
			return true;
	}
	return false;
}

/* A list that was cut off may have gone on with a region. */
static enum known direct_regions(const char *regions, size_t length, size_t size)
{
	if (has_direct_region(regions))
		return KNOWN_YES;
	return length + 1 < size ? KNOWN_NO : KNOWN_NOT;
}

/* VFIO gives its groups without an IOMMU a name. They have no default domain, so that their type is
 * "unknown". */
static int read_noiommu(int groups, struct group_facts *group)
{
	char path[64], name[64];
	int length;

	if (group->type && strcmp(group->type, "unknown") != 0) {
		group->noiommu = KNOWN_NO;
		return 0;
	}
	snprintf(path, sizeof(path), "%d/name", group->id);
	length = sysfs_read_path(groups, path, name, sizeof(name));
	if (length < 0 && !sysfs_is_absent(length))
		return length;
	group->noiommu = length > 0 && strcmp(name, "vfio-noiommu") == 0 ? KNOWN_YES : KNOWN_NO;
	return 0;
}

/* Reads from the directory of all groups. A kernel without the second attribute has it checked when
 * the group is claimed: nothing of it is no region. */
static int read_group(int groups, bool regions, struct group_facts *group)
{
	char path[64], text[8192]; /* an attribute has at most a page */
	int length, err;

	snprintf(path, sizeof(path), "%d/type", group->id);
	length = sysfs_read_path(groups, path, text, sizeof(text));
	if (length < 0 && !sysfs_is_absent(length))
		return length;
	if (length > 0) {
		group->type = strdup(text);
		if (!group->type)
			return -ENOMEM;
	}
	err = read_noiommu(groups, group);
	if (err || !regions)
		return err;
	snprintf(path, sizeof(path), "%d/reserved_regions", group->id);
	length = sysfs_read_path(groups, path, text, sizeof(text));
	if (length < 0 && !sysfs_is_absent(length))
		return length;
	group->direct_regions =
		length < 0 ? KNOWN_NO : direct_regions(text, (size_t)length, sizeof(text));
	return 0;
}

static int add_ids(struct facts *facts)
{
	struct group_facts *group;
	size_t count = 0;
	int *ids = NULL;
	int err = collect_ids(facts, &ids, &count);

	for (size_t i = 0; i < count && !err; i++) {
		err = facts_add_group(facts, &group);
		if (!err)
			group->id = ids[i];
	}
	free(ids);
	return err;
}

struct groups_reading {
	const struct reading *reading;
	int groups; /* the directory of all */
};

static int read_place(void *context, size_t place)
{
	const struct groups_reading *groups = context;
	const struct reading *reading = groups->reading;

	return read_group(groups->groups, reading->regions, &reading->facts->groups[place]);
}

static int add_groups(struct reading *reading)
{
	struct groups_reading groups = {.reading = reading};
	int err = add_ids(reading->facts);

	if (err)
		return err;
	groups.groups = sysfs_open(reading->root, "sys/kernel/iommu_groups", O_PATH | O_DIRECTORY);
	if (groups.groups < 0)
		return sysfs_unless_absent(groups.groups);
	err = parallel_for(reading->facts->group_count, read_place, &groups);
	close(groups.groups);
	return err;
}

static int compare_group(const void *key, const void *element)
{
	const struct group_facts *group = element;

	return compare_ids(key, &group->id);
}

/* The group, which is there. Groups are in ascending order. */
static struct group_facts *find_group(const struct facts *facts, int id)
{
	return bsearch(&id, facts->groups, facts->group_count, sizeof(*facts->groups),
		       compare_group);
}

/* Makes the kernel the owner where a native driver is bound. */
static void find_kernel_owners(struct reading *reading)
{
	const struct facts *facts = reading->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->group >= 0 && facts_native(facts, device))
			find_group(facts, device->group)->owner.kind = OWNER_KERNEL;
	}
}

int read_groups(struct reading *reading)
{
	int err = add_groups(reading);

	if (err)
		return err;
	find_kernel_owners(reading);
	return 0;
}
