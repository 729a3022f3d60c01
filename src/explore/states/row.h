/* SPDX-License-Identifier: MIT */
/*
 * Between the arena and the row of pieces that a state is kept as (visited.h): the threads' stacks,
 * then the heap's lines, those first that were seen to change.
 *
 * The arena and the current row are the same state, but between row_step() and what follows it.
 */
#ifndef DMAOWN_EXPLORE_ROW_H
#define DMAOWN_EXPLORE_ROW_H

#include "execution.h"
#include "visited.h"

struct row {
	struct execution *execution; /* borrowed */
	unsigned int threads;
	struct visited *visited;
	unsigned char *heap;
	size_t lines;       /* of the heap; a subject that comes to need more needs another row */
	uint32_t *piece_of; /* a line's place in the row */
	uint32_t *line_at;  /* and back */
	size_t hot;         /* how many lines come first */
	bool arranged;      /* those first that were seen to change */
	uint64_t hot_lines[EXECUTION_HEAP_MAX / EXECUTION_LINE / 64]; /* seen to change, ever */
};

/* Nothing is kept yet, and no line was seen to change. */
void row_init(struct row *row, struct execution *execution);

/*
 * Makes a row for the state in the arena, which is state 0: with twice the lines that are used now,
 * as many as the subject may yet come to need. -ENOMEM. Undone by row_release(), also on failure.
 */
int row_begin(struct row *row);

/* Forgets all states, and not which lines were seen to change. Harmless on one that was not begun.
 */
void row_release(struct row *row);

/* Whether the heap has come to have more lines than the row. */
bool row_is_too_small(const struct row *row);

/* Makes the arena that of a state, and it the one that steps begin at. */
void row_load(struct row *row, uint32_t state);

/* Lets a thread take a step in the arena. */
enum step_end row_step(struct row *row, unsigned int thread);

/* Adds the state that the thread's step has led to. *fresh: it was not there. -ENOMEM. */
int row_add(struct row *row, unsigned int thread, uint32_t *state, bool *fresh);

/* Undoes what the thread's step did, in the arena and in the row. */
void row_take_back(struct row *row, unsigned int thread);

#endif
