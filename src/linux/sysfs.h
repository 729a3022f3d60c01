/* SPDX-License-Identifier: MIT */
/*
 * Attributes and links of sysfs, below a root.
 *
 * A *root* is an O_PATH descriptor of the directory that stands for "/": paths are relative to it
 * ("sys/bus/pci"), and no symbolic link leads out of it. A *directory* is a descriptor of one sysfs
 * directory, in which a plain name is looked up without following links.
 *
 * Nothing here takes "could not look" for "is not there". sysfs_is_absent() lists the errnos that
 * mean "no"; whoever reads "none" from an errno asks it, or says why another means no as well.
 */
#ifndef DMAOWN_LINUX_SYSFS_H
#define DMAOWN_LINUX_SYSFS_H

#include "answer.h"

#include <stdbool.h>
#include <stddef.h>

/* Opens a path below the root, close-on-exec, and returns the descriptor, which the caller closes;
 * else -errno of openat2(2). */
int sysfs_open(int root, const char *path, int flags);

/*
 * Whether an errno of a look-up says that the thing is not there, rather than that it could not be
 * looked at. -ENOENT: the folder, which could be read, has no such name; -ENOTDIR: what would be
 * its folder is none; -ENODEV: sysfs's answer for an attribute whose device has just gone.
 */
bool sysfs_is_absent(int err);

/* The errno, but 0 for one that says so: for whom what is not there is none. */
int sysfs_unless_absent(int err);

/* Whether there is such a path. */
struct answer sysfs_exists(int root, const char *path);

/* Whether a name can be a single entry of a directory, so that a path made of it stays there. */
bool sysfs_is_entry(const char *name);

/*
 * Reads an attribute into `out`, terminated, without the newline at its end, and returns its
 * length; what does not fit is cut off. -ENOENT: no such attribute; -ENODEV: its device is just
 * going.
 */
int sysfs_read(int directory, const char *name, char *out, size_t size);
int sysfs_read_path(int root, const char *path, char *out, size_t size);

/* Writes the value in one write and returns 0 or the errno with which the kernel answers it;
 * -ENOENT: no such attribute. */
int sysfs_write_path(int root, const char *path, const char *value);

/* Stores the last component of what a symbolic link names; -ENOENT: no such link; -EINVAL: not a
 * link; -ENAMETOOLONG. */
int sysfs_link_name(int directory, const char *name, char *out, size_t size);

/*
 * Shows each entry of a folder, with a descriptor of it, until `visit` gives something else than 0,
 * which is then the result. -ENOENT: there is no such folder; -ENOMEM, and what else opening and
 * reading it gives: not all entries were shown.
 */
int sysfs_for_each_entry(int root, const char *path,
			 int (*visit)(void *context, int folder, const char *name), void *context);

/* The same of a folder that may not be there, and is then empty. */
int sysfs_for_each_entry_if_any(int root, const char *path,
				int (*visit)(void *context, int folder, const char *name),
				void *context);

/* Shows each line of a file, without its newline and the visitor's to change; likewise. */
int sysfs_for_each_line(int root, const char *path, int (*visit)(void *context, char *line),
			void *context);

/* The same of a file that may not be there, and then has no lines. */
int sysfs_for_each_line_if_any(int root, const char *path, int (*visit)(void *context, char *line),
			       void *context);

#endif
