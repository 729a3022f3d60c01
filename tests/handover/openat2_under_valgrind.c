/* SPDX-License-Identifier: MIT */
/* Debian 12's valgrind knows no openat2(2): there the linker sends open_inside() here, and what is
 * below the rig's root is opened by openat(2). Without valgrind it is the real one. */
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

int __real_open_inside(int root, const char *path, int flags, mode_t mode);
int __wrap_open_inside(int root, const char *path, int flags, mode_t mode);
int __wrap_open_inside(int root, const char *path, int flags, mode_t mode)
{
	int fd;

	if (!RUNNING_ON_VALGRIND)
		return __real_open_inside(root, path, flags, mode);
	fd = openat(root, path, flags | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}
