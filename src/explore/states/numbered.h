/* SPDX-License-Identifier: MIT */
/*
 * Things that are each stored once and known by a number, from 0 on in the order in which they
 * came: pieces, which are bytes, and pairs of numbers. Two have one number if and only if they are
 * equal.
 */
#ifndef DMAOWN_EXPLORE_NUMBERED_H
#define DMAOWN_EXPLORE_NUMBERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers by hash: open addressing, at most two thirds full. Beside each number lies the upper half
 * of its hash, so that what it is the number of is looked at only when that is very likely right.
 */
struct numbers {
	struct slot *slots;
	size_t mask;
};

struct pairs {
	uint64_t *pair; /* by number */
	size_t count, room;
	struct numbers numbers;
};

struct piece {
	uint32_t size;
	unsigned char bytes[];
};

struct pieces {
	struct piece **piece; /* by number; in chunks */
	uint64_t *hash;
	size_t count, piece_room, hash_room;
	struct numbers numbers;
	unsigned char **chunks;
	size_t chunk_count, chunk_used;
};

/* Of one that is zeroed. -ENOMEM. Undone by pairs_release() and pieces_release(), also on failure.
 */
int pairs_init(struct pairs *pairs);
int pieces_init(struct pieces *pieces);

/* Stores it if it is not there. *fresh: it was not. -ENOMEM, also when there are 2^32 of them. */
int pairs_add(struct pairs *pairs, uint64_t pair, uint32_t *number, bool *fresh);
int pieces_add(struct pieces *pieces, const void *bytes, size_t size, uint32_t *number);

/* In bytes. */
size_t pairs_memory(const struct pairs *pairs);
size_t pieces_memory(const struct pieces *pieces);

void pairs_release(struct pairs *pairs);
void pieces_release(struct pieces *pieces);

#endif
