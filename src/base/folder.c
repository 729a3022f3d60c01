/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "folder.h"

#include <errno.h>

void folder_begin(struct folder *folder, int fd)
{
	folder->fd = fd;
	folder->at = folder->length = 0;
}

int folder_next(struct folder *folder, const struct dirent64 **out)
{
	const struct dirent64 *entry;

	do {
		if (folder->at == folder->length) {
			folder->at = 0;
			folder->length = getdents64(folder->fd, (void *)folder->entries,
						    sizeof(folder->entries));
		}
		if (folder->length <= 0) {
			int err = folder->length < 0 ? -errno : 0;

			folder->length = 0;
			*out = NULL;
			return err;
		}
		entry = (const void *)(folder->entries + folder->at);
		folder->at += entry->d_reclen;
	} while (entry->d_name[0] == '.');
	*out = entry;
	return 0;
}
