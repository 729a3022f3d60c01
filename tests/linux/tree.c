/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tree.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

void tree_make(struct tree *tree)
{
	const char *directory = getenv("TMPDIR");

	snprintf(tree->path, sizeof(tree->path), "%s/dmaown-tree.XXXXXX",
		 directory ? directory : "/tmp");
	if (!mkdtemp(tree->path))
		err(1, "%s", tree->path);
}

void tree_make_at(struct tree *tree, const char *path)
{
	snprintf(tree->path, sizeof(tree->path), "%s", path);
	if (mkdir(path, 0755) != 0)
		err(1, "%s", path);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

void tree_remove(struct tree *tree)
{
	if (nftw(tree->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		err(1, "%s", tree->path);
}

/* Stores the whole path, having made the directories above it. */
static void prepare(const struct tree *tree, const char *path, char *whole)
{
	snprintf(whole, PATH_SIZE, "%s/%s", tree->path, path);
	for (char *at = whole + strlen(tree->path) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(whole, 0755) != 0 && errno != EEXIST)
			err(1, "%s", whole);
		*at = '/';
	}
}

void tree_folder(const struct tree *tree, const char *path)
{
	char whole[PATH_SIZE];

	prepare(tree, path, whole);
	if (mkdir(whole, 0755) != 0 && errno != EEXIST)
		err(1, "%s", whole);
}

void tree_bytes(const struct tree *tree, const char *path, const void *bytes, size_t size)
{
	char whole[PATH_SIZE];
	int fd;

	prepare(tree, path, whole);
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || (size && write(fd, bytes, size) != (ssize_t)size) || close(fd) != 0)
		err(1, "%s", whole);
}

void tree_text(const struct tree *tree, const char *path, const char *text)
{
	tree_bytes(tree, path, text, strlen(text));
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	char whole[PATH_SIZE];

	prepare(tree, path, whole);
	if (symlink(target, whole) != 0 && errno != EEXIST)
		err(1, "%s", whole);
}

void tree_unlink(const struct tree *tree, const char *path)
{
	char whole[PATH_SIZE];

	prepare(tree, path, whole);
	if (unlink(whole) != 0)
		err(1, "%s", whole);
}

void tree_read(const struct tree *tree, const char *path, char *text, size_t size)
{
	char whole[PATH_SIZE];
	ssize_t length;
	int fd;

	prepare(tree, path, whole);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, size - 1);
	if (length < 0)
		err(1, "%s", whole);
	text[length] = '\0';
	close(fd);
}

/* Makes a link to a path of the tree, relative as sysfs has them. */
static void link_within(const struct tree *tree, const char *path, const char *to)
{
	char target[PATH_SIZE] = "";

	for (const char *at = path; (at = strchr(at, '/')); at++)
		strcat(target, "../");
	strcat(target, to);
	tree_link(tree, path, target);
}

void tree_driver(const struct tree *tree, const char *bus, const char *driver, const char *module)
{
	char path[PATH_SIZE], to[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s/bind", bus, driver);
	tree_text(tree, path, "");
	if (!module)
		return;
	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s/module", bus, driver);
	snprintf(to, sizeof(to), "sys/module/%s", module);
	link_within(tree, path, to);
	snprintf(path, sizeof(path), "sys/module/%s/taint", module);
	tree_text(tree, path, "\n");
}

void tree_group(const struct tree *tree, int group, const char *type, const char *regions)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/type", group);
	tree_text(tree, path, type);
	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/reserved_regions", group);
	tree_text(tree, path, regions);
}

static void write_uevent(const struct tree *tree, const char *directory,
			 const struct tree_device *device)
{
	char path[PATH_SIZE], uevent[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/uevent", directory);
	snprintf(uevent, sizeof(uevent), "%s%s%s%s%s%s", device->driver ? "DRIVER=" : "",
		 device->driver ? device->driver : "", device->driver ? "\n" : "",
		 device->modalias ? "MODALIAS=" : "", device->modalias ? device->modalias : "",
		 device->modalias ? "\n" : "");
	tree_text(tree, path, uevent);
	if (!device->modalias)
		return;
	snprintf(path, sizeof(path), "%s/modalias", directory);
	snprintf(uevent, sizeof(uevent), "%s\n", device->modalias);
	tree_text(tree, path, uevent);
}

static void link_driver(const struct tree *tree, const char *bus, const char *directory,
			const struct tree_device *device)
{
	char path[PATH_SIZE], to[PATH_SIZE];

	tree_driver(tree, bus, device->driver, NULL);
	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s/unbind", bus, device->driver);
	tree_text(tree, path, "");
	snprintf(path, sizeof(path), "%s/driver", directory);
	snprintf(to, sizeof(to), "sys/bus/%s/drivers/%s", bus, device->driver);
	link_within(tree, path, to);
}

static void link_group(const struct tree *tree, const char *directory,
		       const struct tree_device *device)
{
	char path[PATH_SIZE], to[64];

	snprintf(to, sizeof(to), "sys/kernel/iommu_groups/%d", device->group);
	snprintf(path, sizeof(path), "%s/iommu_group", directory);
	link_within(tree, path, to);
	snprintf(path, sizeof(path), "%s/devices/%s", to, device->address);
	link_within(tree, path, directory);
}

void tree_device(const struct tree *tree, const struct tree_device *device)
{
	const char *bus = device->bus ? device->bus : "pci";
	char directory[PATH_SIZE / 2], path[PATH_SIZE];

	snprintf(directory, sizeof(directory), "sys/devices/%s/%s",
		 device->above ? device->above : "pci0000:00", device->address);
	write_uevent(tree, directory, device);
	snprintf(path, sizeof(path), "%s/driver_override", directory);
	tree_text(tree, path, device->override ? device->override : "(null)\n");
	if (device->config) {
		snprintf(path, sizeof(path), "%s/config", directory);
		tree_bytes(tree, path, device->config, device->config_size);
	}
	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", bus, device->address);
	link_within(tree, path, directory);
	if (device->driver)
		link_driver(tree, bus, directory, device);
	if (device->group >= 0)
		link_group(tree, directory, device);
}
