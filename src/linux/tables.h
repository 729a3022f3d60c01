/* SPDX-License-Identifier: MIT */
/* What the walk over processes (processes.c) asks of each: what is in a table of descriptors, and
 * what is mapped (tables.c). */
#ifndef DMAOWN_LINUX_TABLES_H
#define DMAOWN_LINUX_TABLES_H

#include "processes.h"

/* One walk; lives as long as the call. */
struct walk {
	const struct descriptor_walk *asked;
	bool running;   /* /proc is the kernel's; else it is recorded */
	bool same_pids; /* its numbers of processes are those that system calls take */
	long self;      /* our own there; 0: not known, or we are not there */
	dev_t *sysfs;   /* sysfs, one file system for each network, ascending; owned */
	size_t sysfs_count;
	dev_t nodes; /* the file system at dev */
	bool waits;  /* there may be file systems where to look at a file waits for somebody */
	int *hidden;
	long *patience; /* milliseconds that are left for them */
};

/* Adds a sysfs to the walk; all are sorted before anything is shown. -ENOMEM. */
int add_sysfs(struct walk *walk, dev_t volume);
void sort_sysfs(struct walk *walk);

/* Notes why something could not be inspected, unless it is that it has gone. */
void pass_over(const struct walk *walk, int err);

/* Each shows what is behind a path in the process's directory, "fd" or "task/7/fd", "maps" or
 * "task/7/maps", through the descriptor, whose process, pid and own are filled in. What the visitor
 * gives, or -ENOMEM. */
int show_table(const struct walk *walk, struct descriptor *descriptor, const char *path);

/* *any: whether anything at all was mapped. */
int show_mappings(const struct walk *walk, struct descriptor *descriptor, const char *path,
		  bool *any);

#endif
