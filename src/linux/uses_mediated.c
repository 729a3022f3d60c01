/* SPDX-License-Identifier: MIT */
/* Mediated devices: a driver makes several of its device, and they go with it. Each is in a group
 * of its own; who has that open is found among the nodes (uses_nodes.c). */
#define _GNU_SOURCE
#include "sysfs.h"
#include "uses.h"

#include <stdint.h>
#include <stdio.h>

static int look_at_mediated_device(void *context, int folder, const char *name)
{
	const struct survey *survey = context;
	struct device_facts *device = NULL;
	char path[300];
	int err;

	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%.255s", name);
	err = device_behind(survey, path, &device);
	if (err || !device)
		return note_unknown(survey, NULL, name, sysfs_unless_absent(err));
	return add_use(device, "mediated-device", name, "is made of it");
}

int find_mediated_uses(const struct survey *survey)
{
	return sysfs_for_each_entry_if_any(survey->root, "sys/bus/mdev/devices",
					   look_at_mediated_device, (void *)(uintptr_t)survey);
}
