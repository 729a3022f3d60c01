/* SPDX-License-Identifier: MIT */
/*
 * Takes steps of an execution back, latest first.
 *
 * A step changes its thread's stack and a few lines of heap. The journal has a copy of the heap as
 * it was before the step, and from it notes what those lines were; so what a step costs does not
 * depend on how large the state is.
 */
#ifndef DMAOWN_EXPLORE_JOURNAL_H
#define DMAOWN_EXPLORE_JOURNAL_H

#include "execution.h"

struct journal {
	struct execution *execution;
	unsigned char *heap, *copy; /* of the execution; of it before the step that is taken now */
	unsigned char *records;
	size_t end, room; /* of the records, in bytes */
	size_t begin;     /* of the latest record */
};

/* For the execution's present state, before which nothing can be taken back. -ENOMEM. */
int journal_init(struct journal *journal, struct execution *execution);

/* Before and after a thread's step. -ENOMEM: after it, the step can't be taken back any more. */
int journal_begin(struct journal *journal, unsigned int thread);
int journal_end(struct journal *journal);

/* Takes the latest step back that has not been. */
void journal_undo(struct journal *journal);

/* Makes the heap again what it was after the latest step, whatever has been done to it outside. */
void journal_restore_heap(struct journal *journal);

size_t journal_memory(const struct journal *journal);
void journal_release(struct journal *journal);

#endif
