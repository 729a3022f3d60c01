/* SPDX-License-Identifier: MIT */
/*
 * Blocks: disks and partitions, as sysfs has them, each by its name in sys/class/block.
 *
 * Others name them by paths (a loop its file, a swap, an export). A path is a block's if it has the
 * block's name in /dev or, in /dev/mapper, that of device-mapper, or is a node with its number,
 * whatever it is called.
 */
#ifndef DMAOWN_LINUX_BLOCKS_H
#define DMAOWN_LINUX_BLOCKS_H

#include "uses.h"

#include <stddef.h>
#include <sys/types.h>

enum { BLOCK_NAME = 64 };

/* Reads an attribute ("dm/name") of a block into `out`, "" if it has none such. */
int block_attribute(const struct survey *survey, const char *block, const char *attribute,
		    char *out, size_t size);

/* Stores the number of a block; 0: it is hidden, and nobody can open it, or it has gone. */
int block_number(const struct survey *survey, const char *block, dev_t *out);

/* Stores which block has the number, "" for none. */
int block_of_number(const struct survey *survey, dev_t number, char *out);

/*
 * Stores which block a path names, "" for a file; that of a node which has been removed since
 * ("/dev/sda (deleted)") too. -ENOENT: there is nothing of that name, and nobody knows what it was;
 * -ELOOP: it leads over links; what else looking gives.
 */
int block_of_path(const struct survey *survey, const char *path, char *out);

/* Whether /dev is in memory: then nobody else is asked about what is in it. */
struct answer dev_is_ours(const struct survey *survey);

/* "dm-0 (vg-root)" for what device-mapper has a name of. */
void describe_block(const struct survey *survey, const char *block, char *out, size_t size);

#endif
