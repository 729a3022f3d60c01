/* SPDX-License-Identifier: MIT */
/*
 * A machine: something with devices, drivers and IOMMU groups, on which one can bind, unbind, claim
 * and release. Two exist: the Linux host (src/linux) and the simulated machine (src/sim). The
 * host's kernel is the authority; the simulated machine gives the same errnos (mechanism.md,
 * section 3), and one conformance suite runs against both.
 *
 * Names: a device by its address, a driver by its name on the device's bus, a group by its id. A
 * *group file* is one user's open /dev/vfio/N: opening it is exclusive, claiming is SET_CONTAINER,
 * releasing is UNSET_CONTAINER or the end of the last descriptor.
 *
 * Every operation tries and reports; none decides from a copy of state. A machine that lacks an
 * operation answers -EOPNOTSUPP. Unless said otherwise operations may be called from several
 * threads at once; a group file is used by one thread at a time.
 */
#ifndef DMAOWN_MACHINE_MACHINE_H
#define DMAOWN_MACHINE_MACHINE_H

#include "facts.h"
#include "group_node.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;
struct machine_events;
struct group_file;

/* Where a scripted driver's bind is made to fail; the order is the order of the bind. */
enum bind_stage {
	STAGE_NONE,
	STAGE_SUPPLIERS,
	STAGE_OLD_RESOURCES,
	STAGE_PINS,
	STAGE_CONFIGURE, /* the bus's firmware step */
	STAGE_LINKS,
	STAGE_POWER,
	STAGE_PROBE,
	STAGE_ATTRIBUTES,
};

/* A driver that does as it is told; simulated machines only. Strings are copied. */
struct driver_script {
	const char *name, *bus;
	bool managed_dma;
	bool user;              /* a VFIO driver: its devices' groups can be opened */
	const char *const *ids; /* as in driver_facts */
	size_t id_count;
	enum bind_stage fail_at; /* STAGE_NONE: it never fails */
	int error;               /* the errno, positive, of that failure */
	unsigned int failures;   /* how often it fails before it works; 0: always */
	bool maps;               /* maps DMA in probe, unmaps it in remove */
	bool test_remove;        /* probe, remove, probe again at each bind */
	bool dma_after_remove;   /* a careless one: its device goes on doing DMA */
};

enum dma_direction { DMA_FROM_MEMORY, DMA_TO_MEMORY };

/* A part of a machine: the group of a device or, with `device` NULL, the group of that id. */
struct machine_part {
	const char *device;
	int group;
};

/* One change to one device. Strings are borrowed. */
enum change_kind { CHANGE_OVERRIDE, CHANGE_UNBIND, CHANGE_BIND };
struct change {
	enum change_kind kind;
	const char *device;
	const char *driver; /* to bind, or the override; NULL: no override */
	size_t place;       /* the caller's */
	/* A lock file, as a path below the machine's root: whoever makes the change holds a shared
	 * lock of its byte 1 meanwhile; NULL: none. */
	const char *guard;
	int result; /* as of machine_set_override(), machine_unbind(), machine_bind() */
};

/* The name of a driver; empty: none. */
struct driver_name {
	char text[256];
};

/* What an implementation gives; a NULL operation is one that it lacks. The contracts stand at the
 * functions below. */
struct machine_ops {
	void (*close)(struct machine *machine);
	int (*read)(struct machine *machine, struct facts *out);
	int (*glance)(struct machine *machine, struct facts *out);
	int (*find_group)(struct machine *machine, const struct machine_part *part, int *out);
	int (*read_part)(struct machine *machine, const struct machine_part *parts, size_t count,
			 struct facts *out);
	int (*read_driver)(struct machine *machine, const char *bus, const char *driver,
			   struct facts *facts);
	int (*find_users)(struct machine *machine, struct facts *facts);
	int (*find_uses)(struct machine *machine, struct facts *facts);
	int (*instance)(struct machine *machine, const char *device, uint64_t *out);
	int (*driver)(struct machine *machine, const char *device, struct driver_name *out);
	int (*override)(struct machine *machine, const char *device, struct driver_name *out);
	int (*load_driver)(struct machine *machine, const char *driver);
	void (*change_all)(struct machine *machine, struct change *changes, size_t count,
			   unsigned int milliseconds);
	int (*bind)(struct machine *machine, const char *device, const char *driver);
	int (*unbind)(struct machine *machine, const char *device);
	int (*probe)(struct machine *machine, const char *device);
	int (*set_override)(struct machine *machine, const char *device, const char *driver);
	int (*remove)(struct machine *machine, const char *device);
	int (*rescan)(struct machine *machine);
	int (*watch)(struct machine *machine, struct machine_events **out);
	int (*set_type)(struct machine *machine, int group, const char *type);
	int (*add_driver)(struct machine *machine, const struct driver_script *script);
	int (*remove_driver)(struct machine *machine, const char *bus, const char *driver);
	int (*reset)(struct machine *machine, const char *device, bool begin);
	int (*node)(struct machine *machine, int group, struct group_node *out);
	int (*set_node)(struct machine *machine, int group, const struct group_node *node);
	int (*await_node)(struct machine *machine, int group, unsigned int milliseconds);
	int (*open)(struct machine *machine, int group, struct group_file **out);
};

struct machine_events_ops {
	void (*close)(struct machine_events *events);
	int (*fd)(const struct machine_events *events);
	void (*drain)(struct machine_events *events);
};

struct group_file_ops {
	void (*close)(struct group_file *file);
	int (*viable)(struct group_file *file, bool *viable);
	int (*claim)(struct group_file *file);
	int (*release)(struct group_file *file);
	int (*attach)(struct group_file *file);
	int (*detach)(struct group_file *file);
	int (*map)(struct group_file *file, uint64_t iova, uint64_t size);
	int (*unmap)(struct group_file *file, uint64_t iova, uint64_t size);
	int (*open_device)(struct group_file *file, const char *device);
	int (*close_device)(struct group_file *file, const char *device);
	int (*dma)(struct group_file *file, const char *device, enum dma_direction direction,
		   uint64_t iova, uint64_t size, bool *reached);
};

/* First member of every implementation. */
struct machine {
	const struct machine_ops *ops;
};
struct machine_events {
	const struct machine_events_ops *ops;
};
struct group_file {
	const struct group_file_ops *ops;
};

/* Ends the machine and frees it; its group files must have been closed. NULL is harmless. */
void machine_close(struct machine *machine);

/*
 * Reads the whole machine as it is now into *out, which the caller releases with facts_release().
 * -ENOMEM; -EIO and what else reading gives: *out untouched. On a host, devices that vanish while
 * being read are left out, and who holds groups is a question of its own: machine_find_users().
 */
int machine_read(struct machine *machine, struct facts *out);

/*
 * As machine_read(), for those who need only what a list shows: `parent`, `pci`, `direct_regions`
 * and the ids of drivers may be left out, and so may drivers that are not bound. On a host this is
 * several times faster.
 */
int machine_glance(struct machine *machine, struct facts *out);

/* Stores the id of the group that a part names, -1 for a device without one. -ENODEV: no such
 * device; -ENOENT: no such group. */
int machine_find_group(struct machine *machine, const struct machine_part *part, int *out);

/*
 * As machine_glance(), of nothing but the groups that the parts name, with their `direct_regions`
 * and without devices' names: the cost does not grow with the machine, though a machine may give
 * more than was asked for. Parts that the machine does not have are left out; a device without a
 * group is given alone.
 */
int machine_read_part(struct machine *machine, const struct machine_part *parts, size_t count,
		      struct facts *out);

/* Adds a registered driver to the facts, if they have it not. -ENODEV: there is no such driver. */
int machine_read_driver(struct machine *machine, const char *bus, const char *driver,
			struct facts *facts);

/* Makes whoever has a group of the facts open its owner. A machine that knows owners anyway has
 * nothing to add. -ENOMEM. */
int machine_find_users(struct machine *machine, struct facts *facts);

/*
 * Finds what the devices of the facts, which may be a part of the machine, are in use for, and
 * replaces their `uses`; and, as machine_find_users(), who holds groups. A machine that can't look
 * leaves them as they are and gives 0; the simulated one keeps those that it was made with, of
 * devices that are still on the driver of then.
 * -ENOMEM, -EIO: uses may be incomplete.
 */
int machine_find_uses(struct machine *machine, struct facts *facts);

/*
 * Stores which of the devices that were ever at that address is there now: a device that goes and
 * comes back is another one. 0: the machine can't tell. -ENODEV: there is none, as is known of a
 * bus that could be looked at; any other errno: not known. Needs no memory.
 */
int machine_instance(struct machine *machine, const char *device, uint64_t *out);

/*
 * Reads the driver that the device has now, and its override. -ENODEV: no such device;
 * -EOPNOTSUPP: its bus has no overrides. Only the second waits for a bind or unbind that is under
 * way, and not for long: -ETIMEDOUT: it has not ended. Need no memory.
 */
int machine_driver(struct machine *machine, const char *device, struct driver_name *out);
int machine_override(struct machine *machine, const char *device, struct driver_name *out);

/* Has the module of that driver loaded, if whoever asks may: look for the driver afterwards.
 * -ENOENT: there is none, or it can't be loaded; -ETIMEDOUT: it is being loaded for a minute, and
 * what the kernel is at goes on. */
int machine_load_driver(struct machine *machine, const char *driver);

/*
 * Makes several changes to different devices and stores the result of each, several at once where
 * that pays. Returns when all are done or the time is over: a change that is not done then is
 * -ETIMEDOUT and goes on by itself, even after the end of the process, and one that was not begun
 * is -ECANCELED. Needs no memory; -EAGAIN is the result where the machine had no room for a change.
 * One thread at a time. Overrides must be alone: a driver_override that is written during a bind is
 * a use after free in kernels before 7.0 (testbed.md).
 */
void machine_change_all(struct machine *machine, struct change *changes, size_t count,
			unsigned int milliseconds);

/*
 * Binds the named driver to the device, as writing its address to the driver's `bind`.
 * -ENODEV: no such device or driver, or they do not match; -EBUSY: already bound, or the group is
 * in a user's hands and the driver is native; -EAGAIN: the probe was deferred; else what the probe
 * gave. Undone by machine_unbind(). (mechanism.md, section 3, "Bind")
 */
int machine_bind(struct machine *machine, const char *device, const char *driver);

/* Unbinds whatever driver the device has. -ENODEV: no such device, or it has none. May block while
 * a user has the device itself open (testbed.md); the simulated machine is then -EWOULDBLOCK, as
 * for machine_remove(), and nothing has changed. */
int machine_unbind(struct machine *machine, const char *device);

/* Lets the bus find a driver for the device, as writing to drivers_probe: 0 also when none was
 * found. -ENODEV: no such device; -EINVAL: a driver was found and refused before its probe. */
int machine_probe(struct machine *machine, const char *device);

/* Sets driver_override, or clears it with NULL. -ENODEV: no such device; -EOPNOTSUPP: the bus has
 * no such thing. */
int machine_set_override(struct machine *machine, const char *device, const char *driver);

/* Takes the device off the machine, its driver being unbound first. -ENODEV; -ENOTRECOVERABLE: the
 * kernel that is simulated crashes there, and nothing was done. Brought back by machine_rescan(),
 * without a driver_override. */
int machine_remove(struct machine *machine, const char *device);

/* Brings back every device that was removed; each joins its group and is probed. */
int machine_rescan(struct machine *machine);

/*
 * Begins to listen for changes of the machine: of devices, drivers, overrides and types, and of who
 * has a group's node open. -EOPNOTSUPP: the machine tells of none; -ENOMEM, -EMFILE and what else
 * listening gives. *out is ended with machine_events_close(), and before the machine.
 */
int machine_watch(struct machine *machine, struct machine_events **out);

/* The descriptor, which stays the events', that can be read from (POLLIN) once something may have
 * changed. It says no more than that: what has changed is to be looked for. */
int machine_events_fd(const struct machine_events *events);

/* Takes away what was told so far, so that the descriptor is quiet until the next change. Whoever
 * then looks at the machine misses none: what changes during the look is told again. */
void machine_events_drain(struct machine_events *events);

/* NULL is harmless. */
void machine_events_close(struct machine_events *events);

/* Changes the group's default domain type: "DMA", "DMA-FQ", "identity" or "auto". -EINVAL: no such
 * type; -ENODEV: no such group; -EPERM: count above 0. Kernels before 6.4 (mechanism.md, section
 * 7): -EINVAL: not a group of one device; -EBUSY: a driver is bound to it. (section 3, "Change
 * ...") */
int machine_set_type(struct machine *machine, int group, const char *type);

/* Registers a scripted driver, which probes the devices that it matches; takes it away again, its
 * devices being unbound. -EEXIST, -ENODEV. */
int machine_add_driver(struct machine *machine, const struct driver_script *script);
int machine_remove_driver(struct machine *machine, const char *bus, const char *driver);

/* Begins or ends a reset of the device, during which its DMA is blocked (not on 6.1). -ENODEV;
 * -EINVAL: begun twice or ended without a begin. */
int machine_reset(struct machine *machine, const char *device, bool begin);

/*
 * Reads the node of a group. A node is made with the first device of the group that a user driver
 * binds, as root's alone, and goes with the last. -ENOENT: the group has none; -ENXIO: what lies at
 * its path is something else; -E2BIG: its access list has more than NODE_ACL_MOST entries.
 */
int machine_node(struct machine *machine, int group, struct group_node *out);

/*
 * Makes the group's node exactly that (`path` is not read), so that at no moment anybody has more
 * access than he had before or will have, and looks whether it has become so. As machine_node();
 * -EOPNOTSUPP: it can't have an access list, for its file system has none; -EINVAL: the kernel
 * takes none like that; -EKEYREJECTED: it is something else than it was made, for somebody changes
 * it too; -ESTALE: another node has its path by now. On failure it is as it was, or open to nobody
 * but root and, where it is about to be his, its owner.
 */
int machine_set_node(struct machine *machine, int group, const struct group_node *node);

/*
 * Waits until what gives new nodes their owner and mode (udev) is done with the group's, so that
 * nobody changes it after us. -ENOENT: the group has none; -ETIME: not known whether it is
 * done.
 */
int machine_await_node(struct machine *machine, int group, unsigned int milliseconds);

/*
 * Opens the group as a user would. -ENOENT: no such group, or none of its devices has a user
 * driver; -EBUSY: it is open already; -ENXIO: its node is missing, or what has the node's path is
 * something else. *out is closed with group_file_close().
 */
int machine_open(struct machine *machine, int group, struct group_file **out);

/* Closes devices and group and frees the file, releasing what was claimed. */
void group_file_close(struct group_file *file);

/* The advisory flag of GET_STATUS. */
int group_file_viable(struct group_file *file, bool *viable);

/* Takes the group: SET_CONTAINER. -EPERM: a native driver is bound in it, or someone owns it;
 * -EINVAL: this file has it already, or firmware regions forbid it; -ENOTRECOVERABLE: the kernel
 * that is simulated crashes there. Undone by group_file_release().
 */
int group_file_claim(struct group_file *file);

/* Gives the group back: UNSET_CONTAINER. -EINVAL: not claimed; -EBUSY: a device is open. */
int group_file_release(struct group_file *file);

/* Puts the group on the user's own address space (SET_IOMMU), and back on the blocking domain.
 * attach: -EINVAL: not claimed, or done already. detach: -EINVAL: not attached. The Linux host
 * has no detach of its own: -EOPNOTSUPP. */
int group_file_attach(struct group_file *file);
int group_file_detach(struct group_file *file);

/* Maps fresh zeroed memory of `size` bytes at `iova` for reading and writing; unmaps every mapping
 * that lies within. Both in bytes, multiples of 4096. -EINVAL: not attached, not aligned, or
 * unmapping would cut a mapping; -EEXIST: overlaps; -ENOENT: nothing there; -ENOMEM. */
int group_file_map(struct group_file *file, uint64_t iova, uint64_t size);
int group_file_unmap(struct group_file *file, uint64_t iova, uint64_t size);

/* Opens the device through the group (GET_DEVICE_FD), and closes it. -EINVAL: the group has no
 * address space yet; -ENODEV: the device has no user driver or is not of this group; -EBUSY: open
 * already. */
int group_file_open_device(struct group_file *file, const char *device);
int group_file_close_device(struct group_file *file, const char *device);

/*
 * Makes the device, which must be open and an edu, copy `size` bytes (at most 4096) between its
 * buffer and `iova`, and stores whether the DMA reached memory. -EINVAL: not open or too large;
 * -EOPNOTSUPP: not a device that does DMA when told.
 */
int group_file_dma(struct group_file *file, const char *device, enum dma_direction direction,
		   uint64_t iova, uint64_t size, bool *reached);

#endif
