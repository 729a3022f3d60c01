/* SPDX-License-Identifier: MIT */
/*
 * What devices are in use for: everything that hangs off a device and that somebody relies on.
 *
 * Each thing (an interface, a disk, a node) has a directory in sysfs, and belongs to the deepest
 * device of the facts on the way to it, unless a PCI device that is not in the facts is deeper.
 * What is idle is no use: a disk that is not mounted, an interface that is down, a node nobody has
 * open.
 *
 * Nothing here fails for what can't be read or has just vanished.
 */
#ifndef DMAOWN_LINUX_USES_H
#define DMAOWN_LINUX_USES_H

#include "facts.h"

#include <stdbool.h>

/* One search; lives as long as the call. */
struct search {
	int root;
	bool live; /* the root is our own: system calls tell of it too */
	struct facts *facts;
};

/* The device that a path of sysfs leads to, links being followed; NULL: none of the facts. */
struct device_facts *device_behind(const struct search *search, const char *path);

/* Adds a use. -ENOMEM: none was added. */
__attribute__((format(printf, 4, 5))) int add_use(struct device_facts *device, const char *kind,
						  const char *name, const char *format, ...);

/* Each adds its uses to the devices of the facts. -ENOMEM. */
int find_network_uses(const struct search *search);
int find_storage_uses(const struct search *search);
int find_display_uses(const struct search *search); /* displays and consoles */
int find_node_uses(const struct search *search);
int find_function_uses(const struct search *search); /* virtual functions and consumers */

#endif
