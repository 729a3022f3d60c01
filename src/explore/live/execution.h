/* SPDX-License-Identifier: MIT */
/*
 * One live instance of a subject: its arena, its fibers, and the thread that takes a step.
 *
 * An *engine* (states, traces) stands outside: it lets a thread take a step, looks at what
 * came of it, saves the state, puts another one back. The arena's used part and every fiber's live
 * stack, which has the registers on top, are all of a state.
 *
 * A step stops right behind its point (execution_step) or right before it (execution_advance). The
 * two must not be mixed between two execution_restart()s.
 *
 * Not thread-safe, and one at a time in a process: the compiler's calls for accesses carry no
 * context (access.c, atomics.c).
 */
#ifndef DMAOWN_EXPLORE_EXECUTION_H
#define DMAOWN_EXPLORE_EXECUTION_H

#include "subject.h"

enum point_kind {
	POINT_NONE,
	POINT_LOCK,
	POINT_TRYLOCK,
	POINT_UNLOCK,
	POINT_SLEEP, /* in explored_wait(): drops the lock */
	POINT_WAKE,
	POINT_SIGNAL,
	POINT_BROADCAST,
	POINT_LOAD,
	POINT_STORE,
	POINT_CHANGE, /* an atomic read and write */
	POINT_ALLOCATE,
	POINT_FREE,
	POINT_RESCHEDULE,
};

/* "lock", "unlock", ... Static. */
const char *point_name(enum point_kind kind);

/* What a thread does at a point. */
struct point {
	enum point_kind kind;
	const void
		*object;  /* the lock, condition, atomic or memory; NULL: none, or not yet known */
	const void *lock; /* of SLEEP */
	size_t size;      /* of an atomic, or of what is allocated or freed */
	const void *code; /* where it is, a return address */
	const void *caller; /* where the function of that was called; only with options.callers */
};

enum step_end {
	STEP_DONE,
	STEP_BLOCKED, /* its point can't be passed now; the local code before it has run */
	STEP_ENDED,   /* there was no further point */
	STEP_BROKEN,  /* execution_finding() says how */
	STEP_FULL,    /* the arena has no room left */
};

/* One plain or atomic access of the latest step. */
struct access {
	uint32_t offset, size; /* in the arena's heap */
	bool write, atomic;
	const void *code;
};

struct execution_options {
	bool spurious; /* sleepers may wake up without a signal */
	bool callers;  /* note who called the function that a point is in */
};

struct execution;

/*
 * Makes the arena and runs the subject's set_up. -EBUSY: there is one already; -ENOMEM; -EINVAL:
 * too many threads; or what set_up gave. Undone by execution_destroy().
 */
int execution_create(const struct subject *subject, const struct execution_options *options,
		     struct execution **out);
void execution_destroy(struct execution *execution);

const struct subject *execution_subject(const struct execution *execution);

/* Back to the state after set_up, in which no thread has run. */
void execution_restart(struct execution *execution);

/*
 * Lets a thread run its local code and pass its next point. Only after STEP_DONE the state is one;
 * otherwise an earlier one must be put back before any other call, but for execution_check_end().
 */
enum step_end execution_step(struct execution *execution, unsigned int thread);

/*
 * Lets a thread pass the point before which it stands, if any, and run to before its next one.
 * STEP_BLOCKED: it can't pass now; nothing has changed.
 */
enum step_end execution_advance(struct execution *execution, unsigned int thread);

/* The latest point of the thread: passed, or the one before which it stands or is blocked. */
const struct point *execution_point(const struct execution *execution, unsigned int thread);

/* Whether execution_advance() would pass the thread's point now. */
bool execution_can_pass(const struct execution *execution, unsigned int thread);

/* Whether the latest step was to wake up without a signal. */
bool execution_was_spurious(const struct execution *execution);

/* What was wrong in the latest step. */
const struct finding *execution_finding(const struct execution *execution);

/* The accesses to the heap in the latest step, points' own included, in their order. */
const struct access *execution_accesses(const struct execution *execution, size_t *count);

/* Address of a heap offset. */
const void *execution_address(const struct execution *execution, uint32_t offset);

/* The locks that the thread holds, oldest first; returns how many there are, up to `room`. */
unsigned int execution_locks(const struct execution *execution, unsigned int thread,
			     const void **locks, unsigned int room);

/*
 * Calls `visit` for each pair of locks of which one was taken while the other was held, in any
 * execution since this was created; their places are those of the beginning.
 */
void execution_for_lock_pairs(const struct execution *execution,
			      void (*visit)(void *context, const void *held, const void *taken),
			      void *context);

/* Whether the subject finds the state right, by its check. False: execution_finding(). */
bool execution_check(struct execution *execution);

/*
 * Every thread has ended: runs what is left of each, then check_end, tear_down and the search for
 * leaks. False: execution_finding(). The state is no longer one.
 */
bool execution_check_end(struct execution *execution);

/* ---- saving and putting back ---- */

/*
 * The parts of a state: `stack` of each thread from its top down to where the registers lie, and
 * the heap. `changed` has a bit for each 64 bytes of heap written since execution_clear_changed().
 */
struct execution_parts {
	unsigned char *heap;
	size_t heap_size; /* used at most so far; grows while threads run, never shrinks */
	struct {
		unsigned char *low;
		size_t size;
	} stacks[EXPLORE_THREADS_MAX];
};
void execution_parts(struct execution *execution, struct execution_parts *out);

/* Tells how much of a thread's stack is live, before its bytes are put back. */
void execution_set_stack(struct execution *execution, unsigned int thread, size_t size);

#define EXECUTION_LINE ((size_t)64)
#define EXECUTION_HEAP_MAX (256u << 10)
/* The heap begins with who holds which locks; the subject's accesses lie behind that. */
#define EXECUTION_HEAD ((size_t)EXPLORE_THREADS_MAX * 33)
const uint64_t *execution_changed(const struct execution *execution);
void execution_clear_changed(struct execution *execution);

/* Bytes that execution_save() would write now, and at most. */
size_t execution_save_size(const struct execution *execution);
size_t execution_save_max(const struct execution *execution);
/* Copies the whole state, and puts it back. */
size_t execution_save(const struct execution *execution, void *buffer);
void execution_load(struct execution *execution, const void *buffer);

/* The same for what a step changes beyond the heap: the thread's own stack, and where it stands. */
size_t execution_thread_size(const struct execution *execution, unsigned int thread);
void execution_save_thread(const struct execution *execution, unsigned int thread, void *buffer);
void execution_load_thread(struct execution *execution, unsigned int thread, const void *buffer);

#endif
