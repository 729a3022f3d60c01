/* SPDX-License-Identifier: MIT */
/*
 * The parts of the host as a machine: one reading of it, in the order in which they are called, and
 * its group files.
 */
#ifndef DMAOWN_LINUX_HOST_H
#define DMAOWN_LINUX_HOST_H

#include "linux_machine.h"
#include "list.h"
#include "locked_reads.h"
#include "pci_ids.h"
#include "workers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host {
	struct machine machine;
	int root;         /* the directory that stands for "/" */
	char *name;       /* "live", or that directory as it was given */
	bool live;        /* the root is our own */
	struct crew crew; /* its workers, for what waits for drivers */
};

static inline struct host *host_of(struct machine *machine)
{
	return container_of(machine, struct host, machine);
}

/* One reading of the machine; lives as long as the call. */
struct reading {
	int root;
	struct crew *crew;
	bool full;    /* machine_read(); else machine_glance() */
	bool part;    /* machine_read_part(): what a plan needs of each device */
	bool names;   /* look up what people call the devices */
	bool regions; /* read which groups firmware reserves regions for */
	struct facts *facts;
	struct pci_ids ids;
};

/* Each adds to reading->facts; -ENOMEM, -EIO and what else reading sysfs gives. What vanishes while
 * being read is left out. */

/* Every device of every bus, with its driver, override, names and group number, and, on a full
 * reading, its parent and what isolation depends on. */
int read_devices(struct reading *reading);

/* The same of the groups that the parts name, and of those of their devices that are in none. */
int read_devices_of(struct reading *reading, const struct machine_part *parts, size_t count);

/* Drivers of the buses that have devices: on a full reading all of them with their ids, else those
 * that are bound. Needs the devices. */
int read_drivers(struct reading *reading);

/* Adds one driver. -ENODEV: there is no such driver. */
int read_driver(struct reading *reading, const char *bus, const char *name);

/* Stores the module that a driver is in or, if it is built in, what its module would be called.
 * What reading its link gives: not known. */
int driver_module(const struct reading *reading, const struct driver_facts *driver, char *module,
		  size_t size);

/* Adds to every driver the ids that it binds. */
int read_driver_ids(struct reading *reading);

/* Groups of the devices, with type and, if it is the kernel, owner. Needs the devices and drivers.
 */
int read_groups(struct reading *reading);

/* Stores the path below the root of such a file. What reading the kernel's release gives. */
int module_file_path(const struct reading *reading, const char *name, char *path, size_t size);

/* Opens a file that depmod(8) or the build of the running kernel wrote, for reading; else -errno.
 */
int open_module_file(const struct reading *reading, const char *name);

/* Whether `path` is there; where the folder `around` it is not, or can't be looked at, that is not
 * known. */
struct answer exists_within(const struct reading *reading, const char *around, const char *path);

/* Stores an answer as the fact of that key, and notes what hid it. -ENOMEM. */
int set_fact(struct host_facts *host, const char *key, enum known *fact, struct answer answer);

/* The IOMMUs that the kernel runs, and whether they remap interrupts. Needs the host's facts. */
int read_iommus(struct reading *reading);

/* The modules that VFIO needs on this host. Needs its facts, and the devices. */
int read_modules(struct reading *reading);

/* What of the host itself handing out a group depends on, on a full reading. Needs the devices: the
 * modules that are looked at are those that VFIO needs for their buses. */
int read_host_facts(struct reading *reading);

/* The group, or NULL; it lives until a group is added. Groups are in ascending order. */
struct group_facts *reading_group(const struct reading *reading, int id);

/* Contracts of the operations of machine.h. */
int host_find_users(struct machine *machine, struct facts *facts);
int host_find_uses(struct machine *machine, struct facts *facts);
int host_load_driver(struct machine *machine, const char *driver);
int host_watch(struct machine *machine, struct machine_events **out);
int host_node(struct machine *machine, int group, struct group_node *out);
int host_set_node(struct machine *machine, int group, const struct group_node *node);
int host_await_node(struct machine *machine, int group, unsigned int milliseconds);

/* Opens the group's node, which must be what the kernel made; gives the descriptor, the caller's,
 * or what machine_open() gives. */
int host_open_node(const struct host *host, int group);

/* Contract of machine_open(). */
int vfio_open(const struct host *host, int group, struct group_file **out);

#endif
