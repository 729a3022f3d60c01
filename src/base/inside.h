/* SPDX-License-Identifier: MIT */
/*
 * Files below a root that no symbolic link leads out of.
 *
 * A *root* is a descriptor of the directory that stands for "/": paths are relative to it, and a
 * link that begins with "/" begins there.
 */
#ifndef DMAOWN_BASE_INSIDE_H
#define DMAOWN_BASE_INSIDE_H

#include <sys/types.h>

/* Opens a path below the root, close-on-exec, and returns the descriptor, which the caller closes;
 * `mode` is for O_CREAT. Else -errno of openat2(2). */
int open_inside(int root, const char *path, int flags, mode_t mode);

#endif
