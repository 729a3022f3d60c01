/* SPDX-License-Identifier: MIT */
/*
 * What is explored: a few threads that share objects in one arena.
 *
 * A subject's code runs on fibers, one at a time, and is compiled with -fsanitize=thread, so that
 * every access it makes is seen (access.c). Threads can only meet at *points*: the functions below
 * and atomic accesses. What lies between two points of a thread is its *local code*. A *step* is
 * local code and the one point behind it; a *state* is all that there is right after a point.
 *
 * Whatever changes while threads run lies in the arena, from explored_allocate(), or on the
 * threads' stacks; `context` and what else a subject keeps outside of it is constant after set_up.
 */
#ifndef DMAOWN_EXPLORE_SUBJECT_H
#define DMAOWN_EXPLORE_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Also the number of columns that people can still read. */
#define EXPLORE_THREADS_MAX 8

/* How an explored thing is wrong. */
enum finding_kind {
	FINDING_NONE,
	FINDING_DEADLOCK,
	FINDING_LOST_WAKE_UP,
	FINDING_DATA_RACE,
	FINDING_USE_AFTER_FREE,
	FINDING_BAD_FREE,    /* of what is not allocated */
	FINDING_WILD_ACCESS, /* in the arena, in nothing that was ever allocated there */
	FINDING_LEAK,
	FINDING_LOCK_ORDER,
	FINDING_LOCK_MISUSE, /* taken by its holder, or dropped by another */
	FINDING_INVARIANT,
	FINDING_EXPECTATION,
	FINDING_ENDLESS,
};

#define FINDING_TEXT 240

/* `code` is where, in the program's text; `other_code` the other access of a race. NULL: nowhere.
 */
struct finding {
	enum finding_kind kind;
	char text[FINDING_TEXT];
	const void *code, *other_code;
};

/* "deadlock", "data race", ... Static. */
const char *finding_name(enum finding_kind kind);

struct subject {
	void *context;
	unsigned int thread_count;
	const char *const *thread_names;
	size_t heap_size; /* of the arena, in bytes; 0: enough for a few dozen objects */

	/* Makes the objects; alone, and no point switches. 0 or an errno. */
	int (*set_up)(void *context);
	/* A thread's program, on its fiber. */
	void (*run)(void *context, unsigned int thread);
	/*
	 * The following run outside of all threads, and change nothing, tear_down excepted. A
	 * subject leaves out what it has no use for.
	 */
	/* Looks at a state; false: it is wrong, and finding says how. */
	bool (*check)(void *context, struct finding *finding);
	/* Looks at the state in which all threads have ended. */
	bool (*check_end)(void *context, struct finding *finding);
	/* Frees all that set_up and the threads left; what is still allocated then has leaked. */
	void (*tear_down)(void *context);
	/* Writes what people want to see of a state, in one line without its end. */
	void (*describe)(void *context, FILE *out);
	/* Writes what a lock, an atomic or other memory of the arena is called. False: unknown. */
	bool (*name)(void *context, const void *object, FILE *out);
	/* What thread is about to do, or doing, in its program's words ("bind A e1000"); NULL:
	 * none. */
	const char *(*doing)(void *context, unsigned int thread);
};

/* ---- for a subject's code; every one of them but explored_fail() is a point ---- */

/* Zeroed. NULL only if the arena is full, which ends the exploration. */
void *explored_allocate(size_t size);
void explored_free(void *memory);

/* A mutex, free when zeroed. */
struct explored_lock {
	uint8_t holder; /* thread + 1 */
};
void explored_lock(struct explored_lock *lock);
bool explored_trylock(struct explored_lock *lock);
void explored_unlock(struct explored_lock *lock);

/*
 * A condition variable, without waiters when zeroed. A signal lets one of those that wait at that
 * time go on. A wait is three points: drop the lock and sleep; wake up; take the lock.
 */
struct explored_condition {
	uint8_t waiting, eligible; /* a bit a thread */
	uint8_t tokens;            /* how many of the eligible may wake up */
};
void explored_wait(struct explored_condition *condition, struct explored_lock *lock);
void explored_signal(struct explored_condition *condition);
void explored_broadcast(struct explored_condition *condition);

/* Nothing but a place to switch. */
void explored_reschedule(void);

/* The thread at work; -1 outside of all threads. */
int explored_thread(void);

/* The thread has seen something wrong; does not return. Outside of threads it does, and set_up
 * fails. */
void explored_fail(enum finding_kind kind, const char *text);

#endif
