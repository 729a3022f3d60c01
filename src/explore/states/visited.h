/* SPDX-License-Identifier: MIT */
/*
 * The states that have been seen, by their exact content, each stored once.
 *
 * A state is a row of *pieces*: the threads' stacks, then the heap's lines. Equal pieces are stored
 * once and known by a number, equal pairs of numbers likewise, and so on up a tree: what two
 * states have in common takes no room twice. The root's pair is the state, and states are numbered
 * in the order in which they were added. Nothing is forgotten and nothing is hashed away: two
 * states have one number if and only if their bytes are equal.
 *
 * There is a *current* row, from which states are added and into which they are put back.
 */
#ifndef DMAOWN_EXPLORE_VISITED_H
#define DMAOWN_EXPLORE_VISITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct visited;

/*
 * A row of pieces in three parts, all empty now. The less the values of two parts have to do with
 * each other the less memory a state takes: the threads' stacks; what changes; what hardly does.
 * -ENOMEM. Undone by visited_destroy().
 */
#define VISITED_PARTS 3
int visited_create(const size_t sizes[VISITED_PARTS], struct visited **out);
void visited_destroy(struct visited *visited);

/* Replaces a piece of the current row, each at most once until it is rolled back or loaded.
 * -ENOMEM: it is as before. */
int visited_set(struct visited *visited, size_t piece, const void *bytes, size_t size);
/* A piece of the current row; good until the next piece is stored. */
const void *visited_get(const struct visited *visited, size_t piece, size_t *size);

/* Puts the current row back to what it was when it was loaded. */
void visited_rollback(struct visited *visited);

/* Adds the current row. *fresh: it was not there. -ENOMEM, also when there are 2^32 of them. */
int visited_add(struct visited *visited, uint32_t *state, bool *fresh);

/*
 * Rolls back, then makes the current row that of a state; `changed` is told of each piece that is
 * another now.
 */
void visited_load(struct visited *visited, uint32_t state,
		  void (*changed)(void *context, size_t piece, const void *bytes, size_t size),
		  void *context);

uint64_t visited_count(const struct visited *visited);
/* In bytes, all told. */
size_t visited_memory(const struct visited *visited);

#endif
