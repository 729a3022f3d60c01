/* SPDX-License-Identifier: MIT */
/*
 * Exploring a subject: every state (stateful), or one execution of every trace (stateless).
 *
 * A *schedule* is the threads that took each step, from the beginning on. A *trace* is a set of
 * schedules that differ only in the order of steps that do not depend on each other.
 */
#ifndef DMAOWN_EXPLORE_EXPLORE_H
#define DMAOWN_EXPLORE_EXPLORE_H

#include "execution.h"

/* What ended an exploration before it had seen all. */
enum explore_bound {
	BOUND_NONE,
	BOUND_STATES,
	BOUND_PREEMPTIONS,
	BOUND_MEMORY,
	BOUND_EXHAUSTED, /* there was no memory left to be had */
	BOUND_TIME,
	BOUND_ARENA,       /* the subject needs more memory than its arena has */
	BOUND_INTERRUPTED, /* explore_options.stop */
};

/* "states", "memory", ...: what the option is called that sets it. Static. */
const char *explore_bound_name(enum explore_bound bound);

struct explore_progress {
	uint64_t states, transitions, executions, frontier;
	uint64_t redundant; /* executions that were cut short, as nothing new came of them */
	unsigned int depth; /* steps from the beginning to what is looked at now */
	double estimate;    /* the part of all that has been seen, 0 to 1; negative: unknown */
	double seconds;
	size_t memory; /* in bytes, by the exploration itself */
};

struct explore_options {
	uint64_t max_states; /* 0: no bound, as the following */
	int max_preemptions; /* negative: no bound */
	size_t max_memory;   /* in bytes */
	double max_seconds;
	bool spurious;             /* sleepers may wake up without a signal */
	bool keep_going;           /* a violation does not end it; the first is what is reported */
	const volatile bool *stop; /* set by somebody else to end it; may be NULL */
	/* Called about once a second; may be NULL. */
	void (*progress)(void *context, const struct explore_progress *progress);
	void *context;
};

/* What has been found. */
struct exploration {
	struct explore_progress covered;
	enum explore_bound bound; /* NONE: everything has been seen, or the finding ended it */
	struct finding finding;   /* FINDING_NONE: no violation in what was covered */
	uint64_t ends;            /* states in which all threads have ended */
	uint8_t *schedule;        /* leads to the finding; NULL: none */
	size_t length;
	size_t loop; /* of ENDLESS: where in the schedule its loop begins */
	struct lock_pair *lock_pairs;
	size_t lock_pair_count;
};

/* A lock was taken while another was held, by a thread at some time. Owns its names. */
struct lock_pair {
	char *held, *taken;
};

/*
 * Breadth first over states, so that the schedule found is a shortest one, and among those one with
 * the fewest switches. -EBUSY, -EINVAL: as execution_create(), -ENOMEM: before anything was
 * covered; later it is BOUND_EXHAUSTED. *out is released with exploration_release().
 */
int explore_states(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out);

/*
 * Takes the steps of a schedule and says what is wrong after them, if anything. -EINVAL: they can't
 * be taken: *why, which the caller frees, says which; else as explore_states().
 */
int explore_schedule(const struct subject *subject, const struct explore_options *options,
		     const uint8_t *schedule, size_t length, struct exploration *out, char **why);

/* One execution of every trace, by source-DPOR with sleep sets. As explore_states(). */
int explore_traces(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out);

/* Notes the locks that were taken under others, by name, at the end of an exploration; leaves the
 * execution at its beginning. -ENOMEM. */
int exploration_note_locks(struct exploration *exploration, struct execution *execution);

void exploration_release(struct exploration *exploration);

#endif
