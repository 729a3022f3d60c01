/* SPDX-License-Identifier: MIT */
/* The walk over all tasks for the views that they have of what is mounted. */
#ifndef DMAOWN_LINUX_MOUNT_VIEWS_H
#define DMAOWN_LINUX_MOUNT_VIEWS_H

#include "mounts.h"

/* Reads them below a root into zeroed `out`; processes that end meanwhile have no view. -ENOMEM:
 * *out is good for mounts_release() only. */
int mounts_read(int root, struct mounts *out);

#endif
