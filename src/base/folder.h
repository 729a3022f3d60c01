/* SPDX-License-Identifier: MIT */
/*
 * The entries of a folder, as the kernel gives them.
 *
 * There may be very many folders: the C library's way takes twice as many system calls for each,
 * and does not tell a folder that was removed from an empty one.
 */
#ifndef DMAOWN_BASE_FOLDER_H
#define DMAOWN_BASE_FOLDER_H

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

struct folder {
	int fd;
	ssize_t at, length;
	_Alignas(8) char entries[4096];
};

/* The descriptor, which is open for reading, stays the caller's. */
void folder_begin(struct folder *folder, int fd);

/*
 * Stores the next entry whose name does not begin with a dot, NULL behind the last one; it lives
 * until the next call. -ENOENT: the folder has been removed meanwhile; that, and what else
 * getdents64(2) gives: not all entries were shown.
 */
int folder_next(struct folder *folder, const struct dirent64 **out);

#endif
