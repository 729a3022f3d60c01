/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "own_nodes.h"
#include "blocks.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- a node in /dev ---- */

/* Takes the descriptor over, and gives it back if it is the block's. */
static int only_if_it_is(int fd, dev_t number)
{
	struct stat status;
	int err;

	if (fd < 0)
		return fd;
	err = fstat(fd, &status) ? -errno : 0;
	if (!err && S_ISBLK(status.st_mode) && status.st_rdev == number)
		return fd;
	close(fd);
	return err ? err : -ENOENT;
}

/* Looks before it opens: to open another device may do something to it. -ENOENT: there is no node
 * with that name and that number. */
static int open_in_dev(const struct survey *survey, const char *block, dev_t number, int flags)
{
	char path[128];
	int fd;

	if (!answer_is_yes(dev_is_ours(survey)))
		return -ENOENT;
	snprintf(path, sizeof(path), "dev/%s", block);
	fd = only_if_it_is(sysfs_open(survey->root, path, O_PATH), number);
	if (fd < 0)
		return sysfs_is_absent(fd) ? -ENOENT : fd;
	close(fd);
	return only_if_it_is(sysfs_open(survey->root, path, flags), number);
}

/* ---- a node of our own ---- */

int mount_nowhere(const char *type)
{
	int kind = fsopen(type, FSOPEN_CLOEXEC), folder;

	if (kind < 0)
		return -errno;
	folder = fsconfig(kind, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0
			 ? fsmount(kind, FSMOUNT_CLOEXEC, 0)
			 : -1;
	if (folder < 0)
		folder = -errno;
	close(kind);
	return folder;
}

static int open_own(struct own_nodes *nodes, dev_t number, int flags)
{
	char name[32];
	int fd;

	if (nodes->folder < 0) {
		int folder = mount_nowhere("tmpfs");

		if (folder < 0)
			return folder;
		nodes->folder = folder;
	}
	snprintf(name, sizeof(name), "%u:%u", major(number), minor(number));
	if (mknodat(nodes->folder, name, S_IFBLK | 0400, number) != 0 && errno != EEXIST)
		return -errno;
	fd = openat(nodes->folder, name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int open_block(const struct survey *survey, struct own_nodes *nodes, const char *block,
	       dev_t number, int flags)
{
	int fd = open_in_dev(survey, block, number, flags);

	return fd == -ENOENT ? open_own(nodes, number, flags) : fd;
}

/* ---- whether it is taken ---- */

/*
 * The kernel looks whether a block is taken before it asks the block's driver. So these errnos say
 * that it is not: -ENOMEDIUM: there is nothing in the drive; -ENXIO: the number is no block's any
 * more, or the disk is dead.
 */
static bool says_not_taken(int err)
{
	return err == -ENOMEDIUM || err == -ENXIO;
}

struct answer block_is_taken(const struct survey *survey, struct own_nodes *nodes,
			     const char *block, dev_t number)
{
	int fd = open_block(survey, nodes, block, number, O_RDONLY | O_EXCL | O_NONBLOCK);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || says_not_taken(fd))
		return answer_of(false);
	return fd == -EBUSY ? answer_of(true) : answer_hidden(fd);
}

void own_nodes_release(struct own_nodes *nodes)
{
	if (nodes->folder >= 0)
		close(nodes->folder);
	nodes->folder = -1;
}
