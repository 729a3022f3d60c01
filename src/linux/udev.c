/* SPDX-License-Identifier: MIT */
/*
 * Whether udev is done with a group's node.
 *
 * Rules give a new node an owner, mode and access list some time after the kernel has made it. Most
 * of that is done before udev writes its file about the device; what a rule has it RUN, and
 * uaccess, come after, when the event is still queued. So udev is done with a node when its file is
 * newer than the node (numbers are used again, and the file of the last one may still be there) and
 * its queue was empty at some time after that. That is what libudev looks at, too, but only below
 * "/", and in the file's presence alone.
 *
 * Where no udev is running (/run/udev/control is its socket) nobody changes nodes.
 */
#define _GNU_SOURCE
#include "udev.h"
#include "clock.h"
#include "host.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { FIRST_PAUSE = 1, LONGEST_PAUSE = 50 }; /* milliseconds between two looks */

struct waiting {
	int root;
	int group;
	bool handled;       /* udev's file has been seen */
	struct statx queue; /* as it was then */
};

/* -ENOENT and what else opening gives. */
static int look_at(int root, const char *path, struct statx *out)
{
	int fd = sysfs_open(root, path, O_PATH | O_NOFOLLOW), err = 0;

	if (fd < 0)
		return sysfs_is_absent(fd) ? -ENOENT : fd;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, out) != 0)
		err = -errno;
	close(fd);
	return err;
}

static bool is_before(const struct statx_timestamp *a, const struct statx_timestamp *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* Whether udev has written its file about the node. A file system that does not tell when a node
 * was made has 0 there, before all files. */
static int look_for_file(const struct waiting *waiting, bool *handled)
{
	struct statx node, file;
	char path[64];
	int err;

	snprintf(path, sizeof(path), "dev/vfio/%d", waiting->group);
	err = look_at(waiting->root, path, &node);
	if (err)
		return err;
	snprintf(path, sizeof(path), "run/udev/data/c%u:%u", node.stx_rdev_major,
		 node.stx_rdev_minor);
	err = look_at(waiting->root, path, &file);
	*handled = !err && !is_before(&file.stx_mtime, &node.stx_btime);
	return err == -ENOENT ? 0 : err;
}

/* A queue that has come anew was gone in between. */
static bool same_queue(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && !is_before(&a->stx_ctime, &b->stx_ctime);
}

static int look(struct waiting *waiting, bool *done)
{
	bool first = !waiting->handled;
	struct statx queue;
	int err = first ? look_for_file(waiting, &waiting->handled) : 0;

	if (err || !waiting->handled)
		return err;
	err = look_at(waiting->root, "run/udev/queue", &queue);
	if (!err && first)
		waiting->queue = queue;
	*done = err == -ENOENT || (!err && !first && !same_queue(&waiting->queue, &queue));
	return err == -ENOENT ? 0 : err;
}

int host_await_node(struct machine *machine, int group, unsigned int milliseconds)
{
	struct waiting waiting = {.root = host_of(machine)->root, .group = group};
	long end = clock_now() + milliseconds, pause = FIRST_PAUSE;
	struct statx control;
	bool done = false;
	int err = look_at(waiting.root, "run/udev/control", &control);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (err = look(&waiting, &done); !err && !done; err = look(&waiting, &done)) {
		if (clock_now() + pause > end)
			return -ETIME;
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
	return err;
}
