/* SPDX-License-Identifier: MIT */
/*
 * The live execution, as the parts that run on its fibers see it.
 *
 * The heap begins with what is known of it and is part of the state: which granules are allocated,
 * and which locks each thread holds. Blocks are placed at the lowest address that has room, and
 * freed memory is zeroed, so that equal states have equal bytes whatever led to them.
 */
#ifndef DMAOWN_EXPLORE_LIVE_H
#define DMAOWN_EXPLORE_LIVE_H

#include "execution.h"

#define GRANULE 16
#define HELD_MAX 8
#define STACK_SIZE ((size_t)64 << 10)
#define CHANGED_WORDS ((size_t)EXECUTION_HEAP_MAX / EXECUTION_LINE / 64)

/* A step with more accesses than this reaches no point any more. */
#define STEP_ACCESSES_MAX (1u << 20)
/* Many more than pairs of locks that a stage has. */
#define LOCK_PAIRS 4096
#define STEP_LOG_MAX (1u << 14)

struct heap {
	uint32_t held[EXPLORE_THREADS_MAX][HELD_MAX]; /* offsets of locks, oldest first */
	uint8_t held_count[EXPLORE_THREADS_MAX];
	uint64_t allocated[]; /* a bit a granule */
};
_Static_assert(sizeof(struct heap) == EXECUTION_HEAD, "engines pass over the beginning");

/* Before each block, so that a free knows its end and a leak its beginning. */
struct block {
	const void *code;
	uint32_t size; /* with this header, in bytes */
	uint32_t asked;
};
_Static_assert(sizeof(struct block) == GRANULE, "a block's memory begins at a granule");

struct thread {
	void *stack; /* where it has left */
	struct point point;
	bool waiting; /* stands before its point (execution_advance) */
	bool ended;
};

struct execution {
	const struct subject *subject;
	struct execution_options options;
	unsigned char *memory; /* heap, then the stacks */
	size_t memory_size, heap_size, used;
	int current;        /* the thread that runs, or -1 */
	bool before;        /* stop before points (execution_advance), not behind them */
	bool spurious_wake; /* in the latest step */
	void *engine;       /* its stack */
	enum step_end end;
	struct finding finding;
	uintptr_t low;             /* how far down the running thread's stack was used */
	unsigned int access_count; /* to any memory */
	size_t logged;
	struct access *log; /* STEP_LOG_MAX */
	uint64_t changed[CHANGED_WORDS];
	struct thread threads[EXPLORE_THREADS_MAX];
	void *initial; /* execution_save() of the beginning */
	/* Which lock was taken under which, ever: offsets, the one held in the upper half; a set
	 * with open addressing. No state's, but the whole exploration's. */
	uint64_t lock_pairs[LOCK_PAIRS];
	size_t lock_pair_count;
};

/* The one that there is; the compiler's calls (access.c, atomics.c) have no other way to it. */
extern struct execution *live;

static inline struct heap *heap_of(const struct execution *execution)
{
	return (struct heap *)execution->memory;
}

static inline unsigned char *stack_top(const struct execution *execution, unsigned int thread)
{
	return execution->memory + execution->heap_size + (thread + 1) * STACK_SIZE;
}

static inline size_t stack_size(const struct execution *execution, unsigned int thread)
{
	return (size_t)(stack_top(execution, thread) -
			(unsigned char *)execution->threads[thread].stack);
}

/* leave.c: back to the engine, which may come back or not. */
void leave_thread(enum step_end end);
_Noreturn void leave_broken(enum finding_kind kind, const char *text, const void *code);
/* Fails inside a thread, else only notes it. */
void broken(enum finding_kind kind, const char *text, const void *code);
/* Notes it as what is wrong in the latest step. */
void note_finding(enum finding_kind kind, const char *text, const void *code);

/* points.c: before and behind what happens at a point. */
void point_begin(const struct point *point);
void point_end(void);
bool point_passable(const struct execution *execution, unsigned int thread,
		    const struct point *point);

/* points.c: as those of subject.h, for a call from `code`. */
void *point_allocate(size_t size, const void *code);
void point_free(void *memory, const void *code);
void point_lock(struct explored_lock *lock, const void *code);
void point_unlock(struct explored_lock *lock, const void *code);
void point_reschedule(const void *code);

/* heap.c: NULL: no room. */
void *heap_allocate(struct execution *execution, size_t size, const void *code);
void heap_free(struct execution *execution, void *memory, const void *code);
/* Bytes that were asked for; 0: it is not allocated. */
size_t heap_size_of(const struct execution *execution, const void *memory);
void heap_init(struct execution *execution);
/* The first block that is still allocated; NULL: there is none. */
const struct block *heap_leaked(const struct execution *execution);

/* access.c: notes what a part itself does to the arena. */
void note_access(const void *address, size_t size, bool write, bool atomic, const void *code);
/* Notes a plain access of explored code; fails where nothing is allocated, or on the stack of
 * another thread. */
void note_plain(const void *address, size_t size, bool write, const void *code);
/* Fails if nothing is allocated there. */
void check_place(const struct execution *execution, size_t offset, const void *code);

#endif
