/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "file_kinds.h"

#include "clock.h"
#include "mounts.h"
#include "sysfs.h"
#include "workers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Milliseconds that one look by a worker is given, and what is no wait yet: who has descriptors by
 * the hundred thousand where servers answer uses up nobody's patience. */
enum { PATIENCE = 2000, NO_WAIT = 5 };

/* ---- where to look may wait ---- */

/* Those that nobody can mount, and those that stand on others and wait only if these do. */
static bool waits_by_itself(const char *type)
{
	static const char *const others[] = {"bdev",     "cpuset",    "dax",
					     "ecryptfs", "overlay",   "pipefs",
					     "resctrl",  "secretmem", "sockfs"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (strcmp(type, others[i]) == 0)
			return false;
	}
	return !mount_tells_kinds(&(struct mount) {.type = type});
}

/* "nodev\t9p", "\text4" */
static int look_at_type(void *context, char *line)
{
	const char *type = strrchr(line, '\t');

	(void)context;
	return waits_by_itself(type ? type + 1 : line);
}

struct answer looks_may_wait(int root)
{
	int found = sysfs_for_each_line(root, "proc/filesystems", look_at_type, NULL);

	return found < 0 ? answer_hidden(found) : answer_of(found > 0);
}

/* Whether what a link leads to lies where to look at it may wait, which its name may rule out:
 * nobody but root mounts what waits, and none of it below /dev. */
static bool may_be_kept_waiting(const struct walk *walk, const struct descriptor *descriptor)
{
	char target[8];
	ssize_t length;

	if (!walk->waits)
		return false;
	length = readlinkat(descriptor->folder, descriptor->link, target, sizeof(target));
	return length < 0 || (*target == '/' && (length < 5 || memcmp(target, "/dev/", 5) != 0));
}

static int look_at_information(void *context, char *line)
{
	int *id = context;

	return sscanf(line, "mnt_id: %d", id) == 1;
}

/* The mount that a descriptor's file is on, or any of a mapped file's file system, asking neither.
 * NULL: in no namespace of any process (it was detached). */
static int find_mount(const struct walk *walk, const struct descriptor *descriptor,
		      const struct mount **out)
{
	const struct mounts *mounts = walk->asked->mounts;
	char path[96];
	int id, found;

	*out = NULL;
	if (!descriptor->table) {
		for (size_t i = 0; i < mounts->count && !*out; i++)
			*out = mounts->all[i].number == descriptor->volume ? &mounts->all[i] : NULL;
		return 0;
	}
	snprintf(path, sizeof(path), "%sinfo/%s", descriptor->table, descriptor->link);
	found = sysfs_for_each_line(descriptor->process, path, look_at_information, &id);
	if (found > 0)
		*out = mount_by_id(mounts, id);
	return found > 0 ? 0 : found < 0 ? found : -EBADMSG;
}

/* Whether nothing that is open there is a node. By which mount a file was mapped is not known. */
static bool has_no_nodes(const struct descriptor *descriptor, const struct mount *mount)
{
	return descriptor->table && mount && mount->nodev;
}

/* ---- looking ---- */

/*
 * Whether a file of which the kernel could not say what it is can't be a node: of FUSE and network
 * file systems that fail, or of one that has been detached, what is open is a file. A local one
 * does not fail.
 */
static bool can_be_no_node(const struct descriptor *descriptor, const struct mount *mount, int err)
{
	if (err != -EIO && err != -ESTALE && err != -ENOTCONN)
		return false;
	return !mount || has_no_nodes(descriptor, mount) || !mount_is_local(mount);
}

static int look(const struct walk *walk, struct descriptor *descriptor)
{
	const struct mount *mount;
	struct statx status;
	int err;

	if (statx(descriptor->folder, descriptor->link, LOOK_FLAGS, 0, &status) == 0) {
		descriptor->mode = status.stx_mode;
		descriptor->volume = makedev(status.stx_dev_major, status.stx_dev_minor);
		descriptor->inode = status.stx_ino;
		descriptor->number = makedev(status.stx_rdev_major, status.stx_rdev_minor);
		return 0;
	}
	err = -errno;
	if (find_mount(walk, descriptor, &mount) != 0)
		return err;
	return can_be_no_node(descriptor, mount, err) ? 0 : err;
}

/* ---- looking by a worker ---- */

/* One silent server is enough: what a walk finds is not known as a whole then. */
static int send_worker(const struct walk *walk, const struct descriptor *descriptor,
		       struct file_look *out)
{
	struct crew *crew = walk->asked->crew;
	char path[160];
	struct errand errand = {
		.kind = ERRAND_LOOK, .path = path, .text = (char *)out, .size = sizeof(*out)};
	long begun = clock_now(), most = *walk->patience < PATIENCE ? *walk->patience : PATIENCE;
	int result = -ETIMEDOUT;
	long waited;

	snprintf(path, sizeof(path), "proc/%ld/%s%s%s", descriptor->pid,
		 descriptor->table ? descriptor->table : "", descriptor->table ? "/" : "",
		 descriptor->link);
	if (most > 0 && !crew_is_left_at(crew, path))
		result = crew_do(crew, &errand, most);
	waited = clock_now() - begun;
	if (waited > NO_WAIT)
		*walk->patience -= waited;
	if (result == -ETIMEDOUT) {
		*walk->patience = 0;
		return -EHOSTDOWN;
	}
	return result < 0 ? result : 0;
}

/* What fails for the worker itself says nothing of the file. */
static int look_by_worker(const struct walk *walk, struct descriptor *descriptor,
			  const struct mount *mount)
{
	struct file_look look;
	int err = send_worker(walk, descriptor, &look);

	if (err)
		return err;
	if (look.err)
		return can_be_no_node(descriptor, mount, look.err) ? 0 : look.err;
	descriptor->mode = (mode_t)look.mode;
	descriptor->volume = makedev(look.volume[0], look.volume[1]);
	descriptor->inode = look.inode;
	descriptor->number = makedev(look.number[0], look.number[1]);
	return 0;
}

int find_file_kind(const struct walk *walk, struct descriptor *descriptor)
{
	const struct mount *mount;
	int err;

	descriptor->mode = 0;
	if (!may_be_kept_waiting(walk, descriptor))
		return look(walk, descriptor);
	err = find_mount(walk, descriptor, &mount);
	if (err)
		return err;
	if (mount && mount_tells_kinds(mount))
		return look(walk, descriptor);
	return has_no_nodes(descriptor, mount) ? 0 : look_by_worker(walk, descriptor, mount);
}
