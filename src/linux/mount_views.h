/* SPDX-License-Identifier: MIT */
/* What mounts.c and mount_views.c have of each other. */
#ifndef DMAOWN_LINUX_MOUNT_VIEWS_H
#define DMAOWN_LINUX_MOUNT_VIEWS_H

#include "mounts.h"

/* Whether an errno says that a task has gone. One that ends just now has no namespace any more, and
 * its mountinfo is then invalid. */
bool task_has_gone(int err);

/* Notes the errno that hid a view, or a row of it; 0 is nothing. */
void mounts_hide(struct mounts *mounts, bool home, int err);

/* Adds the view of a task, whose folder is open; takes `view`'s root over. -ENOMEM. */
int mounts_add_view(struct mounts *mounts, int task, const struct mount_view *view);

/* Sorts them for mount_by_id(). -ENOMEM. */
int mounts_sort(struct mounts *mounts);

#endif
