/* SPDX-License-Identifier: MIT */
#include "devices_behind.h"
#include "nvme_paths.h"

#include <limits.h>

int for_each_device_behind(const struct survey *survey, const char *path,
			   int (*visit)(void *context, struct device_facts *device), void *context)
{
	char target[PATH_MAX];
	struct device_facts *device;
	int err = survey_resolve(survey, path, target, sizeof(target));

	if (err)
		return err;
	device = device_on_path(survey, target);
	if (device)
		return visit(context, device);
	return for_each_nvme_path(survey, target, visit, context);
}
