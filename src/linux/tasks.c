/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tasks.h"
#include "sight.h"
#include "sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLAG_OF_KERNEL = 0x00200000 };

/* The kernel counts the threads of a process as folders of its `task`. */
enum threads_left count_threads(int processes, const char *name)
{
	char path[32];
	struct stat status;

	snprintf(path, sizeof(path), "%.20s/task", name);
	if (fstatat(processes, path, &status, 0) != 0)
		return errno == ENOENT || errno == ESRCH ? NO_THREAD : MORE_THREADS;
	return status.st_nlink == 3 ? ONE_THREAD : MORE_THREADS;
}

/* By what all may read: "7 (a name) Z ", five numbers and flags. */
static bool is_of_kernel_or_ended(int processes, const char *name)
{
	char path[32], text[512], state;
	const char *end;
	unsigned int flags;

	snprintf(path, sizeof(path), "%.20s/stat", name);
	if (sysfs_read_path(processes, path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
		return false;
	return flags & FLAG_OF_KERNEL ||
	       ((state == 'Z' || state == 'X') && count_threads(processes, name) != MORE_THREADS);
}

/*
 * Threads of the kernel, and what has ended but for its exit status, have no program, which a look
 * at one link tells. So has a process whose first thread has ended, but it has others. Who is kept
 * from that link is kept from all that the process has open.
 */
enum holder look_at_program(int processes, const char *name)
{
	char path[32], target[1];
	int err;

	snprintf(path, sizeof(path), "%.20s/exe", name);
	if (readlinkat(processes, path, target, sizeof(target)) >= 0)
		return MAY_HOLD;
	err = -errno;
	if (err == -ENOENT)
		return count_threads(processes, name) == MORE_THREADS ? MAY_HOLD : HOLDS_NOTHING;
	if (is_of_kernel_or_ended(processes, name))
		return HOLDS_NOTHING;
	return hidden_by_permission(err) ? IS_HIDDEN : MAY_HOLD;
}

bool process_holds_nothing(int processes, const char *name)
{
	return look_at_program(processes, name) == HOLDS_NOTHING;
}

bool task_has_gone(int err)
{
	return err == -ESRCH || err == -EINVAL || sysfs_is_absent(err);
}
