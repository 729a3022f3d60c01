/* SPDX-License-Identifier: MIT */
/*
 * Root directories made for tests: the part of /sys, /dev and /proc that the host is read from, as
 * the kernel lays it out. What can't be made ends the program, saying why.
 */
#ifndef DMAOWN_TESTS_LINUX_TREE_H
#define DMAOWN_TESTS_LINUX_TREE_H

#include <stddef.h>
#include <stdint.h>

struct tree {
	char path[256];
};

/* A new empty directory. Undone by tree_remove(). */
void tree_make(struct tree *tree);

/* The same at a given path, which must not exist yet. */
void tree_make_at(struct tree *tree, const char *path);
void tree_remove(struct tree *tree);

/* Makes a folder at a path below the tree, with those above it, unless it is there. */
void tree_folder(const struct tree *tree, const char *path);

/* Make a file or link at a path below the tree, with the directories above it; a file that is there
 * gets the new content. */
void tree_bytes(const struct tree *tree, const char *path, const void *bytes, size_t size);
void tree_text(const struct tree *tree, const char *path, const char *text);
void tree_link(const struct tree *tree, const char *path, const char *target);
void tree_unlink(const struct tree *tree, const char *path);

/* Reads what a file holds, which must be text shorter than `size`. */
void tree_read(const struct tree *tree, const char *path, char *text, size_t size);

/* A device as it lies in sysfs. NULL is "none"; group -1 too. */
struct tree_device {
	const char *bus; /* NULL: "pci" */
	const char *address;
	const char *above; /* the directories above it below sys/devices; NULL: "pci0000:00" */
	const char *modalias;
	const char *driver;
	const char *override;
	int group;
	const uint8_t *config;
	size_t config_size;
};

/* Makes the device with its links in bus, driver and group. */
void tree_device(const struct tree *tree, const struct tree_device *device);

/* Makes a driver that may have no device, in a module unless that is NULL. */
void tree_driver(const struct tree *tree, const char *bus, const char *driver, const char *module);

/* Makes a group's directory with the attributes `type` and `reserved_regions`. */
void tree_group(const struct tree *tree, int group, const char *type, const char *regions);

#endif
