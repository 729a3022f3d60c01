/* SPDX-License-Identifier: MIT */
/* Blocks over blocks that do not hold them: loops, and compressed memory. */
#define _GNU_SOURCE
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * Asks the kernel what a loop is over, whose file has no name here: that was removed, or is one in
 * another namespace. It asks the file, so it is done only where none could wait.
 */
static int ask_loop(struct storage *storage, const char *loop)
{
	struct loop_info64 info;
	char below[BLOCK_NAME];
	dev_t number;
	int fd, err = block_number(storage->survey, loop, &number);

	if (err)
		return hide_ties(storage, err);
	fd = open_block(storage->survey, &storage->nodes, loop, number, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return hide_ties(storage, fd);
	err = ioctl(fd, LOOP_GET_STATUS64, &info) ? -errno : 0;
	close(fd);
	if (err)
		return err == -ENXIO ? 0 : hide_ties(storage, err);
	if (!info.lo_rdevice)
		return 0;
	err = block_of_number(storage->survey, (dev_t)info.lo_rdevice, below);
	if (err)
		return hide_ties(storage, err);
	return *below ? add_tie(storage, below, loop, NULL) : 0;
}

/* A node that is called otherwise than its block lies in /dev all the same; any other path that
 * leads to no node is a file's. */
static int look_at_loop(struct storage *storage, const char *loop, const char *file)
{
	char below[BLOCK_NAME];
	int err = block_of_path(storage->survey, file, below);

	if (!err && *below)
		return add_tie(storage, below, loop, NULL);
	if (err != -ENOENT && err != -ELOOP)
		return hide_ties(storage, err);
	if (strncmp(file, "/dev/", strlen("/dev/")) != 0)
		return 0;
	return storage->survey->live ? ask_loop(storage, loop) : hide_ties(storage, err);
}

static int look_at_block(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	bool loop = strncmp(name, "loop", 4) == 0;
	char file[512];
	int err;

	if ((!loop && strncmp(name, "zram", 4) != 0) || strlen(name) >= BLOCK_NAME)
		return 0;
	err = block_attribute(storage->survey, name, loop ? "loop/backing_file" : "backing_dev",
			      file, sizeof(file));
	if (err)
		return hide_ties(storage, err);
	if (*file != '/')
		return 0;
	return loop ? look_at_loop(storage, name, file) : tie_to_path(storage, file, name, NULL);
}

int tie_loops(struct storage *storage)
{
	return hide_ties(storage,
			 sysfs_for_each_entry_if_any(storage->survey->root, "sys/class/block",
						     look_at_block, storage));
}
