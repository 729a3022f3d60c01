/* SPDX-License-Identifier: MIT */
/*
 * What devices are in use for: everything that hangs off a device and that somebody relies on.
 *
 * Each thing (an interface, a disk, a node) has a directory in sysfs, and belongs to the deepest
 * device of the facts on the way to it, unless a PCI device that is not in the facts is deeper.
 * What is idle is no use: a disk that is not mounted, an interface that is down, a node nobody has
 * open.
 *
 * What has just vanished is no use either (sysfs_is_absent()). What can't be looked at is not
 * known: note_unknown() notes that on the device that it may be about, or on all where nobody can
 * tell which. A device without uses is idle only if nothing is noted on it.
 */
#ifndef DMAOWN_LINUX_USES_H
#define DMAOWN_LINUX_USES_H

#include "facts.h"
#include "machine.h"
#include "mounts.h"
#include "workers.h"

#include <stdbool.h>

/* One search; lives as long as the call. */
struct search {
	int root;
	struct crew *crew;
	const char *root_path; /* the root's own, as the kernel names it; "" for "/" */
	bool live;             /* the root is the running system's: system calls tell of it too */
	struct facts *facts;
	const struct device_index *devices; /* search_device() */
	struct mounts *mounts;              /* search_mounts() */
	bool *mounts_read;
};

/* Stores all mounts, which are read for the first who asks; they live as long as the search.
 * -ENOMEM. What hid mounts is noted in them only. */
int search_mounts(const struct search *search, const struct mounts **out);

/* The device of the facts with that address; NULL: none. */
struct device_facts *search_device(const struct search *search, const char *address);

/* The deepest device of the facts that a path goes through; NULL: there is none, or a PCI device
 * that is not in the facts is deeper. */
struct device_facts *device_on_path(const struct search *search, const char *path);

/* Stores the device that a path of sysfs leads to, links being followed; NULL: none of the facts.
 * -ENOENT, and what else opening it gives: then it is not known whose it is. */
int device_behind(const struct search *search, const char *path, struct device_facts **out);

/*
 * Shows each device that a path of sysfs leads to, until `visit` gives something else than 0, which
 * is then the result: device_behind()'s or, of an NVMe disk with several paths, of a partition of
 * it and of its generic node, every controller by which the disk is reached. -ENOENT, and what else
 * looking gives: not all are known.
 */
int for_each_device_behind(const struct search *search, const char *path,
			   int (*visit)(void *context, struct device_facts *device), void *context);

/*
 * Notes that `about` is not known of the device, or of any with NULL, because of that errno; of 0
 * nothing. Where a thing that is not there is no use, give it sysfs_unless_absent(). -ENOMEM: it
 * could not be noted, and the search is over.
 */
int note_unknown(const struct search *search, struct device_facts *device, const char *about,
		 int err);

/* Adds a use. -ENOMEM: none was added. */
__attribute__((format(printf, 4, 5))) int add_use(struct device_facts *device, const char *kind,
						  const char *name, const char *format, ...);

/* Adds a use that no force takes: the machine stands on the device. */
__attribute__((format(printf, 4, 5))) int add_vital_use(struct device_facts *device,
							const char *kind, const char *name,
							const char *format, ...);

/* Says what frees the device of the use that was added last, and is vital. -ENOMEM. */
__attribute__((format(printf, 2, 3))) int say_remedy(struct device_facts *device,
						     const char *format, ...);

/* Each adds its uses to the devices of the facts. Whatever else than 0 it gives, it did not look at
 * everything, and what it looks for is not known of any device. */
int find_network_uses(const struct search *search);
int find_storage_uses(const struct search *search);
int find_display_uses(const struct search *search);
int find_console_uses(const struct search *search);
int find_keyboard_uses(const struct search *search);
int find_engine_uses(const struct search *search);   /* of the kernel itself */
int find_node_uses(const struct search *search);     /* and who holds groups */
int find_function_uses(const struct search *search); /* virtual functions and consumers */
int find_mediated_uses(const struct search *search);

/* Finds who holds groups, and nothing else, in less time. -ENOMEM. */
int find_users(const struct search *search);

/* Contracts of the operations of machine.h. */
int host_find_users(struct machine *machine, struct facts *facts);
int host_find_uses(struct machine *machine, struct facts *facts);

#endif
