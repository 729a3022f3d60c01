/* SPDX-License-Identifier: MIT */
/*
 * The stateless engine, as its parts see it: what it is asked for, the execution at work, and the
 * nodes between its steps.
 *
 * Depth first. Threads stand before their points, so at each *node*, between two steps, it is known
 * what each would do next.
 *
 * The first steps are not a choice: each thread's way to its first point. They belong to no
 * schedule.
 */
#ifndef DMAOWN_EXPLORE_ENGINE_H
#define DMAOWN_EXPLORE_ENGINE_H

#include "locals.h"
#include "pace.h"
#include "rewind.h"
#include "stateless.h"
#include "trace.h"

#define NO_THREAD (-1)

/* Sets of threads, a bit each. */
struct node {
	uint8_t could;  /* go on */
	uint8_t asleep; /* inherited or tried */
	uint8_t to_try; /* those tried included */
	uint8_t ended;
	uint32_t preemptions; /* on the way here */
};

struct engine {
	const struct explore_options *options;
	enum reduction reduction;
	const struct execution_visitor *visitor;
	struct exploration *out;
	struct execution *execution;
	unsigned int threads;
	struct rewind rewind;
	struct trace trace;
	struct locals locals;
	struct node *nodes; /* before each step of the trace, and behind the latest */
	size_t node_room;
	uint32_t first; /* the node at which choices begin */
	struct pace pace;
	bool cut;  /* something was left out for the bound on preemptions */
	bool over; /* nothing more is to be tried */
};

static inline unsigned int bit_of(unsigned int thread)
{
	return 1u << thread;
}

static inline struct node *node_here(const struct engine *engine)
{
	return &engine->nodes[engine->trace.count];
}

/* The one whose step has led here. */
static inline int latest_thread(const struct engine *engine)
{
	const struct trace *trace = &engine->trace;

	return trace->count == engine->first ? NO_THREAD : trace->steps[trace->count - 1].thread;
}

/* Whether the thread would take the place of one that could go on. */
static inline bool would_preempt(const struct engine *engine, const struct node *node,
				 unsigned int thread)
{
	int latest = latest_thread(engine);

	return latest != NO_THREAD && latest != (int)thread && node->could >> latest & 1;
}

#endif
