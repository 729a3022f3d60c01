/* SPDX-License-Identifier: MIT */
/*
 * The parts of the host as a machine: one reading of it, in the order in which they are called, and
 * its group files.
 */
#ifndef DMAOWN_LINUX_HOST_H
#define DMAOWN_LINUX_HOST_H

#include "linux_machine.h"
#include "pci_ids.h"

#include <stdbool.h>
#include <stddef.h>

struct host {
	struct machine machine;
	int root;   /* the directory that stands for "/" */
	char *name; /* "live", or that directory as it was given */
};

/* A bus whose devices we know how to read. */
struct bus {
	const char *name;
	bool ungrouped; /* its devices are listed even without a group */
};

/* Ends with an entry whose name is NULL. */
extern const struct bus host_buses[];

/* One reading of the machine; lives as long as the call. */
struct reading {
	int root;
	bool full; /* machine_read(); else machine_glance() */
	struct facts *facts;
	struct pci_ids ids;
};

/* Each adds to reading->facts; -ENOMEM, -EIO and what else reading sysfs gives. What vanishes while
 * being read is left out. */

/* Every device of every bus, with its driver, override, names and group number, and, on a full
 * reading, its parent and what isolation depends on. */
int read_devices(struct reading *reading);

/* Drivers of the buses that have devices: on a full reading all of them with their ids, else those
 * that are bound. Needs the devices. */
int read_drivers(struct reading *reading);

/* Stores the module that a driver is in or, if it is built in, what its module would be called. */
void driver_module(const struct reading *reading, const struct driver_facts *driver, char *module,
		   size_t size);

/* Adds to every driver the ids that it binds. */
int read_driver_ids(struct reading *reading);

/* Groups of the devices, with type and owner. Needs the devices and drivers. */
int read_groups(struct reading *reading);

/* The group, or NULL; it lives until a group is added. Groups are in ascending order. */
struct group_facts *reading_group(const struct reading *reading, int id);

/* Finds who has the nodes of /dev/vfio open and makes them the owners of their groups. */
int read_users(struct reading *reading);

/* Opens /dev/vfio/GROUP below the root; contract of machine_open(). */
int vfio_open(int root, int group, struct group_file **out);

#endif
