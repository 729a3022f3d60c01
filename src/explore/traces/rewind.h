/* SPDX-License-Identifier: MIT */
/*
 * Takes steps of an execution back, latest first.
 *
 * A step changes its thread's stack and a few lines of heap. The rewind has a copy of the heap as
 * it was before the step, and from it notes what those lines were; so what a step costs does not
 * depend on how large the state is.
 */
#ifndef DMAOWN_EXPLORE_REWIND_H
#define DMAOWN_EXPLORE_REWIND_H

#include "execution.h"

struct rewind {
	struct execution *execution;
	unsigned char *heap, *copy; /* of the execution; of it before the step that is taken now */
	unsigned char *records;
	size_t end, room; /* of the records, in bytes */
	size_t begin;     /* of the latest record */
};

/* For the execution's present state, before which nothing can be taken back. -ENOMEM. */
int rewind_init(struct rewind *rewind, struct execution *execution);

/* Before and after a thread's step. -ENOMEM: after it, the step can't be taken back any more. */
int rewind_begin(struct rewind *rewind, unsigned int thread);
int rewind_end(struct rewind *rewind);

/* Takes the latest step back that has not been. */
void rewind_undo(struct rewind *rewind);

/* Makes the heap again what it was after the latest step, whatever has been done to it outside. */
void rewind_restore_heap(struct rewind *rewind);

size_t rewind_memory(const struct rewind *rewind);
void rewind_release(struct rewind *rewind);

#endif
