/* SPDX-License-Identifier: MIT */
/*
 * NVMe disks that are reached by several controllers.
 *
 * The *head*, nvme0n1 or, for the same disk, the generic node ng0n1, is what is used. It is no
 * controller's: it lies in the folder of its subsystem, sys/devices/virtual/nvme-subsystem/…. A
 * *path* to it, nvme0c2n1, is a hidden disk of controller nvme2: nobody can use it by itself.
 */
#ifndef DMAOWN_LINUX_NVME_PATHS_H
#define DMAOWN_LINUX_NVME_PATHS_H

#include "survey.h"

/* for_each_device_behind() of what `target`, the whole path of a folder of sysfs, is of a head; of
 * anything else nothing is shown. */
int for_each_nvme_path(const struct survey *survey, const char *target,
		       int (*visit)(void *context, struct device_facts *device), void *context);

#endif
