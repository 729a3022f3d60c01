/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc that tell of the whole system, below a root.
 *
 * A root is *running* where its sys is the kernel's own sysfs: what is read there is of this
 * moment, and system calls tell of it too. Any other root was recorded or made: what matters was
 * put there, and a file that its /proc lacks says "none". A running root's /proc must be the
 * kernel's as well, and whole: one that was mounted with subset=pid has no /proc/swaps, and that
 * says nothing of swaps. A root without a /proc tells nothing of either.
 */
#ifndef DMAOWN_LINUX_PROC_FILES_H
#define DMAOWN_LINUX_PROC_FILES_H

#include "answer.h"

/* Whether the root is the running system's. */
struct answer root_is_running(int root);

/*
 * What it means that a file of /proc is not there. 0: there is none of what it would list;
 * -ENODATA: the root has no /proc, or one that does not tell; what else looking gives: it is not
 * known either.
 */
int proc_absence(int root);

/* Shows each line of a file of /proc as sysfs_for_each_line() does; one that is not there is
 * answered by proc_absence(). */
int proc_for_each_line(int root, const char *path, int (*visit)(void *context, char *line),
		       void *context);

#endif
