/* SPDX-License-Identifier: MIT */
/*
 * The interfaces of other network namespaces, as far as a task is in one or a mount keeps it.
 *
 * A namespace that only a descriptor holds is not found.
 */
#ifndef DMAOWN_LINUX_NET_NAMESPACES_H
#define DMAOWN_LINUX_NET_NAMESPACES_H

#include "mounts.h"

/* Lives as long as the call that shows it. */
struct link_elsewhere {
	const char *name;   /* of the interface, as it is called there */
	const char *parent; /* the device that it is of, by its name on its bus; NULL: none */
	int lower;          /* index of the interface of our namespace that it stands on; 0: none */
	const char *where;  /* which namespace it is: "of sleep (process 12)", "/run/netns/blue" */
};

/*
 * Shows each interface of every other network namespace, until `visit` gives something else than 0,
 * which is then the result. The mounts are of the root, whose /proc is the running system's;
 * `visit` is called in another thread, for which the caller waits. What could not be looked at is
 * passed over, and *hidden is the -errno that hid it first, or 0. -ENOMEM, -EAGAIN, and what
 * reading /proc gives.
 */
int for_each_link_elsewhere(int root, const struct mounts *mounts,
			    int (*visit)(void *context, const struct link_elsewhere *link),
			    void *context, int *hidden);

#endif
