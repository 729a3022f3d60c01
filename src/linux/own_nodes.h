/* SPDX-License-Identifier: MIT */
/*
 * Blocks, opened by their numbers.
 *
 * What lies in /dev is what somebody put there: a node may be missing, be called otherwise, or be
 * another block's. One is opened only if it has the number; else a node is made in a file system of
 * our own, in memory, that is mounted nowhere and goes with its descriptor.
 */
#ifndef DMAOWN_LINUX_OWN_NODES_H
#define DMAOWN_LINUX_OWN_NODES_H

#include "answer.h"
#include "uses.h"

#include <sys/types.h>

/* The file system, made when it is first needed. Begins as {.folder = -1}. */
struct own_nodes {
	int folder;
};

/* Makes a mount that is in no folder and goes with its descriptor, which is returned, and which the
 * caller closes; else -errno of fsopen(2) or fsmount(2). */
int mount_nowhere(const char *type);

/* Opens a block for reading without waiting for a medium, and returns the descriptor, which the
 * caller closes; else -errno of open(2) or of what making a node needs. */
int open_block(const struct survey *survey, struct own_nodes *nodes, const char *block,
	       dev_t number, int flags);

/*
 * Whether somebody has the block for himself: a file system, a swap, a device above it. The kernel
 * gives a block that any part of is taken to nobody, whoever has taken it, in whatever namespace,
 * and a disk that it gives has no part that is taken.
 */
struct answer block_is_taken(const struct survey *survey, struct own_nodes *nodes,
			     const char *block, dev_t number);

void own_nodes_release(struct own_nodes *nodes);

#endif
