/* SPDX-License-Identifier: MIT */
/*
 * The steps of one execution, which of them happen before which, and what could be turned around.
 *
 * A step *happens before* another if it comes earlier and depends on it, or the same thread takes
 * both, or a third one is between them in this sense. Schedules with the same happens-before are
 * the same trace. A step's clock counts, for each thread, how many of its steps happen before it or
 * are it.
 *
 * Two steps *race* if they depend on each other, nothing else orders them, and the later one could
 * have been taken before the earlier one. A lock that is dropped and then taken is no race: what
 * can be turned around are the two takings. Likewise a thread that wakes up races with the latest
 * step on the condition before which it could have woken up.
 */
#ifndef DMAOWN_EXPLORE_TRACE_H
#define DMAOWN_EXPLORE_TRACE_H

#include "effect.h"

struct clock {
	uint32_t of[EXPLORE_THREADS_MAX];
};

struct step {
	struct point point;
	struct effect effect;
	struct clock clock;
	uint32_t number;   /* among its thread's steps, from 1 on */
	uint32_t previous; /* of its thread; NO_STEP: none */
	uint8_t thread;
	uint8_t could; /* a bit for each thread that could have taken this step's place */
};
#define NO_STEP UINT32_MAX

struct trace {
	struct step *steps;
	uint32_t count;
	size_t room;
	uint32_t latest[EXPLORE_THREADS_MAX]; /* of each thread; NO_STEP: none */
};

/* Steps that race with one point, and its clock without the orders that would be turned around. */
struct races {
	uint32_t with[EXPLORE_THREADS_MAX];
	unsigned int count;
	struct clock clock;
	/* A step that uses memory which the point frees, or the other way, in no order; or NO_STEP.
	 */
	uint32_t misuse;
};

/* Makes room for one more step. -ENOMEM. */
int trace_reserve(struct trace *trace);

/*
 * Adds a step, for which there is room, and tells what it races with. Undone by trace_pop().
 */
void trace_push(struct trace *trace, unsigned int thread, const struct point *point,
		unsigned int could, struct races *races);
void trace_pop(struct trace *trace);

/* What a point races with that its thread waits at, and that is not passed in this execution. */
void trace_pending(const struct trace *trace, unsigned int thread, const struct point *point,
		   struct races *races);

/*
 * The threads, a bit each, that can go first where all that does not happen after step `with`
 * comes instead of it, and the thread's point last.
 */
unsigned int trace_initials(const struct trace *trace, uint32_t with, unsigned int thread,
			    const struct clock *clock);

/* The clock of the thread's latest step. */
struct clock trace_clock(const struct trace *trace, unsigned int thread);

/* The same for all schedules of one trace. */
uint64_t trace_digest(const struct trace *trace);

void trace_release(struct trace *trace);

static inline bool clock_covers(const struct clock *clock, const struct step *step)
{
	return clock->of[step->thread] >= step->number;
}

static inline void clock_join(struct clock *clock, const struct clock *other)
{
	for (unsigned int i = 0; i < EXPLORE_THREADS_MAX; i++)
		if (other->of[i] > clock->of[i])
			clock->of[i] = other->of[i];
}

#endif
