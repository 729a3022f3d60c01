/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "nvme_paths.h"
#include "number.h"
#include "sysfs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct head {
	const struct survey *survey;
	unsigned int number; /* of the subsystem's folder */
	unsigned int subsystem, disk;
	size_t paths; /* of any device, in the facts or not */
	int (*visit)(void *context, struct device_facts *device);
	void *context;
};

static int show_device(struct head *head, const char *path)
{
	struct device_facts *device = NULL;
	int err = device_behind(head->survey, path, &device);

	if (err)
		return sysfs_unless_absent(err);
	head->paths++;
	return device ? head->visit(head->context, device) : 0;
}

static int look_at_block(void *context, int folder, const char *name)
{
	struct head *head = context;
	unsigned int subsystem, controller, disk;
	char path[300], end;

	if (sscanf(name, "nvme%uc%un%u%c", &subsystem, &controller, &disk, &end) != 3 ||
	    subsystem != head->subsystem || disk != head->disk)
		return 0;
	snprintf(path, sizeof(path), "sys/class/block/%.255s", name);
	return show_device(head, path);
}

/* The folder of a subsystem has a link to each of its controllers. */
static int look_at_controller(void *context, int folder, const char *name)
{
	struct head *head = context;
	char path[600];

	if (number_after(name, "nvme") < 0)
		return 0;
	snprintf(path, sizeof(path), "sys/class/nvme-subsystem/nvme-subsys%u/%.255s", head->number,
		 name);
	return show_device(head, path);
}

/* Where no path of a head is left, or their names are others, it may come back by any controller of
 * its subsystem. */
int for_each_nvme_path(const struct survey *survey, const char *target,
		       int (*visit)(void *context, struct device_facts *device), void *context)
{
	static const char folder[] = "/nvme-subsystem/nvme-subsys";
	struct head head = {.survey = survey, .visit = visit, .context = context};
	const char *at = strstr(target, folder);
	char path[128];
	int err;

	if (!at || (sscanf(at, "/nvme-subsystem/nvme-subsys%u/nvme%un%u", &head.number,
			   &head.subsystem, &head.disk) != 3 &&
		    sscanf(at, "/nvme-subsystem/nvme-subsys%u/ng%un%u", &head.number,
			   &head.subsystem, &head.disk) != 3))
		return 0;
	err = sysfs_for_each_entry_if_any(survey->root, "sys/class/block", look_at_block, &head);
	if (err || head.paths)
		return err;
	snprintf(path, sizeof(path), "sys/class/nvme-subsystem/nvme-subsys%u", head.number);
	return sysfs_for_each_entry_if_any(survey->root, path, look_at_controller, &head);
}
