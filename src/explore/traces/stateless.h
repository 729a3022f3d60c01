/* SPDX-License-Identifier: MIT */
/* The stateless engine with other ways to choose what to try, to check them against each other. */
#ifndef DMAOWN_EXPLORE_STATELESS_H
#define DMAOWN_EXPLORE_STATELESS_H

#include "explore.h"

enum reduction {
	/* Tries what turns a race around, and what no sleep set says is a repetition. */
	REDUCTION_SOURCE_DPOR,
	/* Tries everything but repetitions. */
	REDUCTION_SLEEP_SETS,
	/* Tries everything: every schedule. */
	REDUCTION_NONE,
};

/*
 * Called where an execution ends, before it is torn down: all threads have ended, or those whose
 * bits are set in `blocked` can't go on. `trace` is the same for all schedules of its trace.
 */
struct execution_visitor {
	void (*visit)(void *context, unsigned int blocked, uint64_t trace);
	void *context;
};

/*
 * explore_traces() by a reduction, which a bound on preemptions makes REDUCTION_NONE: the one
 * schedule of a trace that another would try may be beyond the bound. The visitor may be NULL.
 */
int explore_schedules(const struct subject *subject, const struct explore_options *options,
		      enum reduction reduction, const struct execution_visitor *visitor,
		      struct exploration *out);

#endif
