/* SPDX-License-Identifier: MIT */
/*
 * Each blind spot is told by what the kernel shows everybody, not by how we think we were started:
 *
 * - process 1 of any /proc can be read by all (`stat`), unless /proc hides other users' processes;
 * - process 2 is a thread of the kernel in the first pid namespace and in no other;
 * - /proc/version is missing in a /proc that has been mounted for processes alone;
 * - process 1 is in the first namespaces; who may look at its descriptors may look at those too.
 */
#define _GNU_SOURCE
#include "sight.h"
#include "answer.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FLAG_OF_KERNEL = 0x00200000 };

/* What was asked for is seen, or why it is not. */
enum { SEEN = 0 };

static int is_mounted(int root)
{
	int fd = sysfs_open(root, "proc", O_PATH | O_DIRECTORY), err;
	struct statfs status;

	if (fd < 0)
		return fd;
	err = fstatfs(fd, &status) ? -errno : 0;
	close(fd);
	if (err)
		return err;
	return status.f_type == PROC_SUPER_MAGIC ? SEEN : -ENOENT;
}

static int can_be_read(int root, const char *path)
{
	int fd = sysfs_open(root, path, O_RDONLY);

	if (fd < 0)
		return fd;
	close(fd);
	return SEEN;
}

static int shows_other_users(int root)
{
	int err = can_be_read(root, "proc/1/stat");

	return sysfs_is_absent(err) ? -EACCES : err;
}

static int shows_all_files(int root)
{
	return can_be_read(root, "proc/version");
}

static int is_first_of_processes(int root)
{
	char text[512];
	const char *end;
	unsigned int flags;
	int length = sysfs_read_path(root, "proc/2/stat", text, sizeof(text));

	if (length < 0)
		return sysfs_is_absent(length) || length == -ESRCH ? -EPERM : length;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return -EIO;
	return flags & FLAG_OF_KERNEL ? SEEN : -EPERM;
}

static int link_of(int root, const char *process, const char *namespace, char *out, size_t size)
{
	char path[32];
	int folder, err;

	snprintf(path, sizeof(path), "proc/%s/ns", process);
	folder = sysfs_open(root, path, O_PATH | O_DIRECTORY);
	if (folder < 0)
		return folder;
	err = sysfs_link_name(folder, namespace, out, size);
	close(folder);
	return err;
}

/* Whether we are in the same namespace as process 1. A kernel without such namespaces has but one.
 */
static int is_first(int root, const char *namespace)
{
	char first[64], own[64];
	int err = link_of(root, "1", namespace, first, sizeof(first));

	if (err)
		return hidden_by_permission(err) ? SEEN : sysfs_unless_absent(err);
	err = link_of(root, "self", namespace, own, sizeof(own));
	if (err)
		return err;
	return strcmp(first, own) == 0 ? SEEN : -EPERM;
}

static int is_first_of_mounts(int root)
{
	return is_first(root, "mnt");
}

static int is_first_of_networks(int root)
{
	return is_first(root, "net");
}

/* Where one of the first three is blind, the others can't tell. */
static const struct {
	const char *about;
	int (*look)(int root);
	bool last;
} spots[] = {
	{"processes (/proc is not mounted)", is_mounted, true},
	{"processes of other users (/proc is mounted with hidepid)", shows_other_users, true},
	{"processes outside of this pid namespace", is_first_of_processes, true},
	{"what /proc tells beside processes (it is mounted with subset=pid)", shows_all_files,
	 false},
	{"mounts and nodes outside of this mount namespace", is_first_of_mounts, false},
	{"interfaces outside of this network namespace", is_first_of_networks, false},
};

int for_each_blind_spot(int root, int (*visit)(void *context, const char *about, int err),
			void *context)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(spots) / sizeof(*spots); i++) {
		int blind = spots[i].look(root);

		if (!blind)
			continue;
		err = visit(context, spots[i].about, blind);
		if (spots[i].last)
			break;
	}
	return err;
}
