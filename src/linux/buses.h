/* SPDX-License-Identifier: MIT */
/* The buses whose devices we know how to read. */
#ifndef DMAOWN_LINUX_BUSES_H
#define DMAOWN_LINUX_BUSES_H

#include <stdbool.h>

enum { PATH_SIZE = 512 };

struct bus {
	const char *name;
	bool ungrouped; /* its devices are listed even without a group */
};

/* Ends with an entry whose name is NULL. */
extern const struct bus host_buses[];

/* Stores the name of the bus that has the device. -ENODEV: none has; -EIO: there is no sysfs, and
 * so nothing is known; what else looking gives: not known. */
int find_bus(int root, const char *device, const char **bus);

#endif
