/* SPDX-License-Identifier: MIT */
/*
 * One execution of every trace: source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas,
 * "Optimal dynamic partial order reduction", 2014).
 */
#include "stateless.h"
#include "choices.h"
#include "walk.h"

#include <errno.h>
#include <stdlib.h>

/* A look at the clock costs as much as a few steps. */
#define STEPS_BETWEEN_LOOKS 1024

/* ---- bounds and progress ---- */

/* The part of all that has been tried, as if whatever is not tried yet led to as much. */
static double estimate(const struct engine *engine)
{
	double seen = 0, part = 1;

	for (uint32_t i = engine->first; i < engine->trace.count; i++) {
		const struct node *node = &engine->nodes[i];
		int all = __builtin_popcount(node->to_try);
		int tried = __builtin_popcount(node->to_try & node->asleep);

		seen += part * (tried - 1) / all;
		part /= all;
	}
	return seen;
}

static uint64_t frontier(const struct engine *engine)
{
	uint64_t left = 0;

	for (uint32_t i = engine->first; i <= engine->trace.count; i++)
		left += (uint64_t)__builtin_popcount(engine->nodes[i].to_try &
						     ~engine->nodes[i].asleep);
	return left;
}

static void update(struct engine *engine)
{
	struct explore_progress *covered = &engine->out->covered;

	covered->depth = engine->trace.count - engine->first;
	covered->frontier = frontier(engine);
	covered->estimate = estimate(engine);
	covered->seconds = pace_seconds(&engine->pace);
	covered->memory = rewind_memory(&engine->rewind) + locals_memory(&engine->locals) +
			  engine->trace.room * sizeof(struct step) +
			  engine->node_room * sizeof(struct node);
}

static void look_around(struct engine *engine)
{
	const struct explore_progress *covered = &engine->out->covered;

	update(engine);
	pace_tell(&engine->pace, engine->options, covered);
	engine->out->bound = bound_reached(engine->options, covered);
	engine->over |= engine->out->bound != BOUND_NONE;
}

/* ---- all of it ---- */

static int walk_all(struct engine *engine)
{
	int err = walk_begin(engine);

	while (!err && !engine->over) {
		int thread = choices_next(engine);

		if (thread != NO_THREAD)
			err = walk_forward(engine, (unsigned int)thread);
		else if (engine->trace.count > engine->first)
			walk_back(engine);
		else
			break;
		if (engine->out->covered.transitions % STEPS_BETWEEN_LOOKS == 0 && !engine->over)
			look_around(engine);
	}
	return err;
}

/*
 * A step by execution_step() ends behind its point, so what breaks there needs no further step, and
 * what breaks in the local code behind it does: the schedule ends with the step that breaks.
 */
static void cut_schedule(struct engine *engine)
{
	struct exploration *out = engine->out;

	execution_restart(engine->execution);
	for (size_t i = 0; i < out->length; i++)
		if (execution_step(engine->execution, out->schedule[i]) != STEP_DONE)
			out->length = i + 1;
}

static void note_all_seen(struct engine *engine)
{
	if (engine->cut)
		engine->out->bound = BOUND_PREEMPTIONS;
	else
		engine->out->covered.estimate = 1;
}

static int explore(struct engine *engine)
{
	int err = rewind_init(&engine->rewind, engine->execution);

	for (unsigned int thread = 0; thread < EXPLORE_THREADS_MAX; thread++)
		engine->trace.latest[thread] = NO_STEP;
	if (!err)
		err = walk_all(engine);
	/* What has been covered when memory runs out is worth telling. */
	if (err == -ENOMEM && engine->out->covered.executions > 0) {
		engine->out->bound = BOUND_EXHAUSTED;
		err = 0;
	}
	if (err)
		return err;
	update(engine);
	if (!engine->over && !engine->out->bound)
		note_all_seen(engine);
	if (engine->out->schedule)
		cut_schedule(engine);
	return 0;
}

static void release(struct engine *engine)
{
	rewind_release(&engine->rewind);
	trace_release(&engine->trace);
	locals_release(&engine->locals);
	free(engine->nodes);
	execution_destroy(engine->execution);
}

int explore_schedules(const struct subject *subject, const struct explore_options *options,
		      enum reduction reduction, const struct execution_visitor *visitor,
		      struct exploration *out)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct engine engine = {.options = options,
				.reduction =
					options->max_preemptions < 0 ? reduction : REDUCTION_NONE,
				.visitor = visitor,
				.out = &found,
				.threads = subject->thread_count,
				.first = subject->thread_count};
	int err = execution_create(subject,
				   &(struct execution_options) {.spurious = options->spurious},
				   &engine.execution);

	pace_begin(&engine.pace);
	if (err)
		return err;
	err = explore(&engine);
	if (!err)
		err = exploration_note_locks(&found, engine.execution);
	release(&engine);
	if (err)
		exploration_release(&found);
	else
		*out = found;
	return err;
}

int explore_traces(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out)
{
	return explore_schedules(subject, options, REDUCTION_SOURCE_DPOR, NULL, out);
}
