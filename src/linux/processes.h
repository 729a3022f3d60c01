/* SPDX-License-Identifier: MIT */
/*
 * What processes have open and mapped, by /proc, at the cost of a look at every descriptor of every
 * process.
 *
 * A *table* is a table of descriptors: the threads of a process share one, but any may have its
 * own, also when the process's first thread has ended. Where /proc is the kernel's, what a
 * descriptor is open on is asked of the kernel: names may be chosen by whoever has it open. In a
 * *recorded* /proc names are all there is.
 */
#ifndef DMAOWN_LINUX_PROCESSES_H
#define DMAOWN_LINUX_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One open descriptor, or one mapped file. Lives as long as the call that shows it. */
struct descriptor {
	int process; /* the process's directory in /proc */
	long pid;
	bool own; /* it is our own process */
	bool mapped;
	/* The link that leads to what it is open on; in a recorded /proc of descriptors only. */
	int folder;
	const char *link;
	const char *table;  /* the folder, from the process's: "task/7/fd"; NULL: it is mapped */
	const char *target; /* recorded: what it is open on, by name; NULL: the kernel says */
	/* What the kernel says. */
	mode_t mode;  /* its type; 0: a mapped file, of which only the next two are known */
	dev_t volume; /* the file system that it is on */
	ino_t inode;
	dev_t number; /* of a node */
};

/* What is asked of /proc. */
struct crew;
struct mounts;
struct descriptor_walk {
	int root;
	struct crew *crew;           /* its workers look where looking may wait */
	bool mappings;               /* mapped files too, their descriptors may be closed */
	const struct mounts *mounts; /* by which it is told where that is */
	int (*visit)(void *context, const struct descriptor *descriptor);
	void *context;
};

/*
 * Shows every node that a process has open, but terminals of programs and the like, and every file
 * of sysfs that can be written to; of a recorded /proc everything with a path; until `visit` gives
 * something else than 0, which is then the result. Processes that end meanwhile have nothing open.
 * What could not be inspected is passed over, and *hidden is the -errno that hid it first, or 0:
 * all were seen. -ENOMEM, and what reading /proc gives.
 */
int for_each_descriptor(const struct descriptor_walk *walk, int *hidden);

/* Stores what a process calls itself, "?" if that can't be read. */
void process_name(const struct descriptor *descriptor, char *out, size_t size);

/* Stores the name of what a descriptor is open on, as that process named it; "?" if that can't be
 * read. */
void descriptor_target(const struct descriptor *descriptor, char *out, size_t size);

#endif
