/* SPDX-License-Identifier: MIT */
/*
 * The accesses of one execution, to find two that nothing orders: a data race.
 *
 * Local code lies between two points of its thread, so an access is ordered before a step if the
 * thread's next point is. What a point itself touches counts as local code before it, because a
 * step may come to its point as soon as the code before it has run.
 */
#ifndef DMAOWN_EXPLORE_LOCALS_H
#define DMAOWN_EXPLORE_LOCALS_H

#include "trace.h"

/* An access, and how many steps its thread has taken before it. */
struct local {
	struct access access;
	uint32_t number;
	uint8_t thread;
};

/* A bit for each word of heap that is touched, modulo 64. */
struct words {
	uint64_t touched, written;
	uint64_t plain, plain_written; /* of them those that are not atomic */
};

/* Where a step's accesses end, and what the point itself touches and the local code behind it. */
struct local_step {
	size_t end;
	struct words own, behind;
};

struct locals {
	struct local *accesses;
	size_t room;
	struct local_step *steps;
	size_t step_room;
};

/*
 * Notes the accesses of the trace's latest step, which the execution has just taken, and forgets
 * those of steps that the trace has no more. -ENOMEM.
 */
int locals_take(struct locals *locals, const struct trace *trace,
		const struct execution *execution);

/* Looks for an access that races with one of the latest step's. */
bool locals_race(const struct locals *locals, const struct trace *trace, const struct local **one,
		 const struct local **other);

size_t locals_memory(const struct locals *locals);
void locals_release(struct locals *locals);

#endif
