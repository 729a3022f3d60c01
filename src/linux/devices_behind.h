/* SPDX-License-Identifier: MIT */
/* Every device that a thing is of: one, or, of an NVMe disk, each controller by which it is
 * reached. */
#ifndef DMAOWN_LINUX_DEVICES_BEHIND_H
#define DMAOWN_LINUX_DEVICES_BEHIND_H

#include "survey.h"

/*
 * Shows each device that a path of sysfs leads to, until `visit` gives something else than 0, which
 * is then the result: device_behind()'s or, of an NVMe disk with several paths, of a partition of
 * it and of its generic node, every controller by which the disk is reached. -ENOENT, and what else
 * looking gives: not all are known.
 */
int for_each_device_behind(const struct survey *survey, const char *path,
			   int (*visit)(void *context, struct device_facts *device), void *context);

#endif
