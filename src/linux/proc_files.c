/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "proc_files.h"
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Whether a folder of the root is the root of a file system of that kind. */
static struct answer is_mount_of(int root, const char *folder, long kind)
{
	int fd = sysfs_open(root, folder, O_PATH | O_DIRECTORY), err;
	struct statfs status;

	if (fd < 0)
		return sysfs_is_absent(fd) ? answer_of(false) : answer_hidden(fd);
	err = fstatfs(fd, &status) ? -errno : 0;
	close(fd);
	return err ? answer_hidden(err) : answer_of(status.f_type == kind);
}

struct answer root_is_running(int root)
{
	return is_mount_of(root, "sys", SYSFS_MAGIC);
}

/* Every whole /proc has a list of file systems. */
static int absence_in_running(int root)
{
	struct answer kernels = is_mount_of(root, "proc", PROC_SUPER_MAGIC), whole;

	if (!answer_is_yes(kernels))
		return answer_is_no(kernels) ? -ENODATA : kernels.hidden_by;
	whole = sysfs_exists(root, "proc/filesystems");
	if (!answer_is_yes(whole))
		return answer_is_no(whole) ? -ENODATA : whole.hidden_by;
	return 0;
}

int proc_absence(int root)
{
	int fd = sysfs_open(root, "proc", O_PATH | O_DIRECTORY);
	struct answer running;

	if (fd < 0)
		return sysfs_is_absent(fd) ? -ENODATA : fd;
	close(fd);
	running = root_is_running(root);
	if (answer_is_yes(running))
		return absence_in_running(root);
	return answer_is_no(running) ? 0 : running.hidden_by;
}

int proc_for_each_line(int root, const char *path, int (*visit)(void *context, char *line),
		       void *context)
{
	int err = sysfs_for_each_line(root, path, visit, context);

	return sysfs_is_absent(err) ? proc_absence(root) : err;
}
