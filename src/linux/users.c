/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "users.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int add_user(struct group_facts *group, const struct descriptor *descriptor)
{
	struct owner_facts owner = {.kind = OWNER_USER, .pid = descriptor->pid, .uid = -1};
	char name[64];
	struct stat status;

	if (group->owner.kind == OWNER_USER)
		return 0;
	if (sysfs_read(descriptor->process, "comm", name, sizeof(name)) > 0) {
		owner.name = strdup(name);
		if (!owner.name)
			return -ENOMEM;
	}
	if (fstat(descriptor->process, &status) == 0)
		owner.uid = (long)status.st_uid;
	free(group->owner.name);
	group->owner = owner;
	return 0;
}

static int is_entry(void *context, int folder, const char *name)
{
	return 1;
}

static struct answer has_entries(const struct survey *survey, const char *path)
{
	int found = sysfs_for_each_entry_if_any(survey->root, path, is_entry, NULL);

	return found < 0 ? answer_hidden(found) : answer_of(found > 0);
}

struct answer groups_can_be_open(const struct survey *survey)
{
	struct answer groups;

	if (!survey->live)
		return answer_of(true);
	groups = has_entries(survey, "sys/class/vfio");
	return answer_is_no(groups) ? has_entries(survey, "sys/class/vfio-dev") : groups;
}

/* Whether a group has a node, or one of its devices has: neither says that anybody has it open. */
static struct answer has_node(const struct survey *survey, const struct group_facts *group)
{
	struct answer there = groups_can_be_open(survey);
	char path[320];

	if (!answer_is_yes(there) || !survey->live)
		return there;
	snprintf(path, sizeof(path), "sys/class/vfio/%d", group->id);
	there = sysfs_exists(survey->root, path);
	snprintf(path, sizeof(path), "sys/class/vfio/noiommu-%d", group->id);
	if (answer_is_no(there))
		there = sysfs_exists(survey->root, path);
	for (size_t i = 0; i < survey->facts->device_count && answer_is_no(there); i++) {
		const struct device_facts *device = &survey->facts->devices[i];

		snprintf(path, sizeof(path), "sys/bus/%s/devices/%.255s/vfio-dev", device->bus,
			 device->address);
		if (device->group == group->id)
			there = sysfs_exists(survey->root, path);
	}
	return there;
}

void settle_owners(const struct survey *survey, int hidden)
{
	for (size_t i = 0; i < survey->facts->group_count; i++) {
		struct group_facts *group = &survey->facts->groups[i];

		if (group->owner.kind != OWNER_NOT_KNOWN)
			continue;
		if (!hidden || answer_is_no(has_node(survey, group)))
			group->owner.kind = OWNER_NONE;
		else
			group->owner.hidden_by = hidden;
	}
}
