/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Tries at a path that is renamed in meanwhile; that many renames in a row are no accident. */
enum { MOST_TRIES = 128 };

/*
 * Where anything is renamed or mounted on the whole system at the wrong moment, the kernel can't be
 * sure that ".." stayed below the root, and says so with EAGAIN.
 */
int open_inside(int root, const char *path, int flags, mode_t mode)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	errno = EAGAIN;
	for (int tries = 0; fd < 0 && errno == EAGAIN && tries < MOST_TRIES; tries++)
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}
