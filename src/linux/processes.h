/* SPDX-License-Identifier: MIT */
/* What processes have open, by /proc, at the cost of a look at every descriptor of every process.
 */
#ifndef DMAOWN_LINUX_PROCESSES_H
#define DMAOWN_LINUX_PROCESSES_H

#include <sys/types.h>

/* One open descriptor, or one mapped file. Lives as long as the call that shows it. */
struct descriptor {
	int process;     /* the process's directory in /proc */
	int descriptors; /* its folder of descriptors; -1: mapped */
	long pid;
	const char *name;   /* in that folder; NULL: mapped */
	const char *target; /* what it is open on, as that process named it */
};

/*
 * Shows every descriptor whose target begins with `prefix` and, unless `mapped` is NULL, every file
 * that begins with that and is mapped (its descriptor may be closed), once for each piece of it;
 * until `visit` gives something else than 0, which is then the result. Processes that end meanwhile
 * have nothing open. What of others could not be inspected is passed over, and *hidden is the
 * -errno that hid it first, or 0: all were seen. -ENOMEM, and what reading /proc gives.
 */
int for_each_descriptor(int root, const char *prefix, const char *mapped,
			int (*visit)(void *context, const struct descriptor *descriptor),
			void *context, int *hidden);

/* Stores what a process calls itself, "?" if that can't be read. */
void process_name(const struct descriptor *descriptor, char *out, size_t size);

/* Reads a number that is all of what follows `prefix` in `text`; -1: it is something else. */
int number_after(const char *text, const char *prefix);

#endif
