/* SPDX-License-Identifier: MIT */
/*
 * What uses blocks without being among their holders: loops and compressed memory over them, and
 * what gives them to others. Most of these would share a block with anybody, so that no exclusive
 * open shows them.
 */
#define _GNU_SOURCE
#include "array.h"
#include "storage.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- ties ---- */

int hide_ties(struct storage *storage, int err)
{
	if (!err || err == -ENOMEM)
		return err;
	if (!storage->ties.hidden)
		storage->ties.hidden = err;
	return 0;
}

int add_tie(struct storage *storage, const char *below, const char *above, const char *words)
{
	struct ties *ties = &storage->ties;
	struct tie *more = array_with_room(ties->all, ties->count, sizeof(*more));
	struct tie tie = {.words = NULL};

	if (!more)
		return -ENOMEM;
	ties->all = more;
	snprintf(tie.below, sizeof(tie.below), "%s", below);
	snprintf(tie.above, sizeof(tie.above), "%s", above);
	if (words) {
		tie.words = strdup(words);
		if (!tie.words)
			return -ENOMEM;
	}
	ties->all[ties->count++] = tie;
	return 0;
}

int tie_to_path(struct storage *storage, const char *path, const char *above, const char *words)
{
	char below[BLOCK_NAME];
	int err = block_of_path(storage->search, path, below);

	if (err)
		return hide_ties(storage, err);
	return *below ? add_tie(storage, below, above, words) : 0;
}

/* ---- blocks over blocks ---- */

/*
 * Asks the kernel what a loop is over, whose file has no name here: that was removed, or is one in
 * another namespace. It asks the file, so it is done only where none could wait.
 */
static int ask_loop(struct storage *storage, const char *loop)
{
	struct loop_info64 info;
	char below[BLOCK_NAME];
	dev_t number;
	int fd, err = block_number(storage->search, loop, &number);

	if (err)
		return hide_ties(storage, err);
	fd = open_block(storage->search, &storage->nodes, loop, number, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return hide_ties(storage, fd);
	err = ioctl(fd, LOOP_GET_STATUS64, &info) ? -errno : 0;
	close(fd);
	if (err)
		return err == -ENXIO ? 0 : hide_ties(storage, err);
	if (!info.lo_rdevice)
		return 0;
	err = block_of_number(storage->search, (dev_t)info.lo_rdevice, below);
	if (err)
		return hide_ties(storage, err);
	return *below ? add_tie(storage, below, loop, NULL) : 0;
}

/* A node that is called otherwise than its block lies in /dev all the same; any other path that
 * leads to no node is a file's. */
static int look_at_loop(struct storage *storage, const char *loop, const char *file)
{
	char below[BLOCK_NAME];
	int err = block_of_path(storage->search, file, below);

	if (!err && *below)
		return add_tie(storage, below, loop, NULL);
	if (err != -ENOENT && err != -ELOOP)
		return hide_ties(storage, err);
	if (strncmp(file, "/dev/", strlen("/dev/")) != 0)
		return 0;
	return storage->search->live ? ask_loop(storage, loop) : hide_ties(storage, err);
}

static int look_at_block(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	bool loop = strncmp(name, "loop", 4) == 0;
	char file[512];
	int err;

	if ((!loop && strncmp(name, "zram", 4) != 0) || strlen(name) >= BLOCK_NAME)
		return 0;
	err = block_attribute(storage->search, name, loop ? "loop/backing_file" : "backing_dev",
			      file, sizeof(file));
	if (err)
		return hide_ties(storage, err);
	if (*file != '/')
		return 0;
	return loop ? look_at_loop(storage, name, file) : tie_to_path(storage, file, name, NULL);
}

/* ---- all of it ---- */

/* A block that is exported over RDMA has a link of its own. */
static int look_at_rdma(void *context, int folder, const char *name)
{
	struct storage *storage = context;
	char link[300], below[BLOCK_NAME];
	int err;

	snprintf(link, sizeof(link), "%.255s/block_dev", name);
	err = sysfs_link_name(folder, link, below, sizeof(below));
	if (err)
		return hide_ties(storage, sysfs_unless_absent(err));
	return add_tie(storage, below, "", "exported by rnbd");
}

int read_ties(struct storage *storage)
{
	int root = storage->search->root, err;

	if (storage->ties.read)
		return 0;
	storage->ties.read = true;
	err = hide_ties(storage, sysfs_for_each_entry_if_any(root, "sys/class/block", look_at_block,
							     storage));
	if (!err)
		err = hide_ties(storage, sysfs_for_each_entry_if_any(
						 root, "sys/class/rnbd-server/ctl/devices",
						 look_at_rdma, storage));
	return err ? err : tie_exports(storage);
}
