/* SPDX-License-Identifier: MIT */
/* Registers of PCI functions that programs map by files of sysfs, which are known by their inodes:
 * those are the same wherever sysfs is mounted, and whatever the file is called there. */
#define _GNU_SOURCE
#include "array.h"
#include "folder.h"
#include "nodes.h"
#include "sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct register_file {
	ino_t inode;
	struct device_facts *device;
	char name[24];
};

struct registers {
	struct register_file *files;
	size_t count;
};

bool is_register_file(const char *name)
{
	static const char prefix[] = "resource";

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	name += strlen(prefix);
	if (!isdigit((unsigned char)*name))
		return false;
	name += strspn(name, "0123456789");
	return !*name || strcmp(name, "_wc") == 0;
}

static int add_file(struct registers *registers, struct device_facts *device, ino_t inode,
		    const char *name)
{
	struct register_file *more =
		array_with_room(registers->files, registers->count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	registers->files = more;
	more[registers->count] = (struct register_file) {.inode = inode, .device = device};
	snprintf(more[registers->count++].name, sizeof(more->name), "%.23s", name);
	return 0;
}

static int read_files(struct registers *registers, struct device_facts *device, int fd)
{
	const struct dirent64 *entry;
	struct folder folder;
	int err;

	folder_begin(&folder, fd);
	do {
		err = folder_next(&folder, &entry);
		if (!err && entry && is_register_file(entry->d_name))
			err = add_file(registers, device, entry->d_ino, entry->d_name);
	} while (!err && entry);
	return err;
}

static int read_device(const struct survey *survey, struct registers *registers,
		       struct device_facts *device)
{
	char path[300];
	int fd, err;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.255s", device->address);
	fd = sysfs_open(survey->root, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return sysfs_unless_absent(fd);
	err = read_files(registers, device, fd);
	close(fd);
	return sysfs_unless_absent(err);
}

static int read_registers(struct nodes *nodes)
{
	struct facts *facts = nodes->survey->facts;
	struct registers *registers = calloc(1, sizeof(*registers));
	int err = registers ? 0 : -ENOMEM;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		if (strcmp(facts->devices[i].bus, "pci") == 0)
			err = read_device(nodes->survey, registers, &facts->devices[i]);
	}
	if (err)
		registers_release(registers);
	else
		nodes->registers = registers;
	return err;
}

void registers_release(struct registers *registers)
{
	if (registers)
		free(registers->files);
	free(registers);
}

/* Names the file by the way to its device. */
static void name_file(const struct survey *survey, const struct register_file *file,
		      struct node *node)
{
	char path[300], way[PATH_MAX];
	const char *devices;
	ssize_t length;
	int folder = sysfs_open(survey->root, "sys/bus/pci/devices", O_PATH | O_DIRECTORY);

	if (folder < 0)
		return;
	snprintf(path, sizeof(path), "%.255s", file->device->address);
	length = readlinkat(folder, path, way, sizeof(way) - 1);
	close(folder);
	if (length < 0)
		return;
	way[length] = '\0';
	devices = strstr(way, "/devices/");
	if (devices)
		snprintf(node->name, sizeof(node->name), "/sys%.200s/%s", devices, file->name);
}

int registers_identify(struct nodes *nodes, struct node *node)
{
	int err = nodes->registers ? 0 : read_registers(nodes);

	for (size_t i = 0; !err && i < nodes->registers->count; i++) {
		const struct register_file *file = &nodes->registers->files[i];

		if (file->inode != node->inode)
			continue;
		node->kind = NODE_OF_DEVICE;
		node->device = file->device;
		name_file(nodes->survey, file, node);
		break;
	}
	return err;
}
