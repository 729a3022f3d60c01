/* SPDX-License-Identifier: MIT */
/*
 * One survey of what devices are in use for: whose a thing is, and how a use, or what could not be
 * looked at, is noted on a device.
 */
#ifndef DMAOWN_LINUX_SURVEY_H
#define DMAOWN_LINUX_SURVEY_H

#include "facts.h"
#include "mounts.h"
#include "workers.h"

#include <stdbool.h>
#include <stddef.h>

/* One survey; lives as long as the call. */
struct survey {
	int root;
	struct crew *crew;
	const char *root_path; /* the root's own, as the kernel names it; "" for "/" */
	bool live;             /* the root is the running system's: system calls tell of it too */
	struct facts *facts;
	const struct device_index *devices; /* survey_device() */
	struct mounts *mounts;              /* survey_mounts() */
	bool *mounts_read;
};

/* Stores all mounts, which are read for the first who asks; they live as long as the survey.
 * -ENOMEM. What hid mounts is noted in them only. */
int survey_mounts(const struct survey *survey, const struct mounts **out);

/* Stores the path of the folder that is the root, as the kernel names it. */
int survey_name_root(int root, char *out, size_t size);

/* The device of the facts with that address; NULL: none. */
struct device_facts *survey_device(const struct survey *survey, const char *address);

/* Stores where a path of sysfs leads to, from the root, links being followed. -ENOENT, and what
 * else opening it gives: not known. */
int survey_resolve(const struct survey *survey, const char *path, char *out, size_t size);

/* The deepest device of the facts that a path goes through; NULL: there is none, or a PCI device
 * that is not in the facts is deeper. */
struct device_facts *device_on_path(const struct survey *survey, const char *path);

/* Stores the device that a path of sysfs leads to, links being followed; NULL: none of the facts.
 * -ENOENT, and what else opening it gives: then it is not known whose it is. */
int device_behind(const struct survey *survey, const char *path, struct device_facts **out);

/*
 * Notes that `about` is not known of the device, or of any with NULL, because of that errno; of 0
 * nothing. Where a thing that is not there is no use, give it sysfs_unless_absent(). -ENOMEM: it
 * could not be noted, and the survey is over.
 */
int note_unknown(const struct survey *survey, struct device_facts *device, const char *about,
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

#endif
