/* SPDX-License-Identifier: MIT */
/*
 * Every state, breadth first.
 *
 * States are looked at in the order in which they were found, so all those n steps from the
 * beginning come before those n + 1 steps from it, and the first violation is a nearest one.
 */
#include "loop.h"
#include "pace.h"
#include "path.h"
#include "search.h"

#include <errno.h>

/* A search that goes on past this many states begins anew, with the lines that change together. */
#define ARRANGE_AFTER 2000

/* A look at the clock costs as much as a state; the bounds but time and memory are exact. */
#define STATES_BETWEEN_LOOKS 256

/* A search from the beginning to the end. */
struct flood {
	struct search search;
	struct pace pace;
	uint64_t widest; /* frontier so far */
	bool anew;       /* it is to begin again, with another row */
};

/* ---- what has been covered ---- */

static uint64_t states_found(const struct flood *flood)
{
	return visited_count(flood->search.row.visited);
}

static void update(struct flood *flood, uint32_t state)
{
	const struct search *search = &flood->search;
	struct explore_progress *covered = &search->out->covered;

	covered->states = states_found(flood);
	covered->frontier = covered->states - state - 1;
	covered->depth = (unsigned int)search->graph.level_count - 1;
	covered->seconds = pace_seconds(&flood->pace);
	covered->memory = visited_memory(search->row.visited) + graph_memory(&search->graph);
	/* The frontier grows and then shrinks; nothing is known before it shrinks. */
	if (covered->frontier > flood->widest)
		flood->widest = covered->frontier;
	covered->estimate = covered->frontier < flood->widest / 2
				    ? 1 - (double)covered->frontier / (double)covered->states
				    : -1;
}

/* All violations that are as near as the first have been found. */
static bool found_all_nearest(const struct search *search, uint32_t state)
{
	return search->violations.count > 0 && !search->options->keep_going &&
	       graph_depth(&search->graph, state) >= search->violations.depth;
}

/* Whether the search goes on after what was seen so far. */
static bool goes_on(struct flood *flood, uint32_t state)
{
	const struct search *search = &flood->search;
	struct exploration *out = search->out;

	flood->anew =
		row_is_too_small(&search->row) || (!search->row.arranged && state == ARRANGE_AFTER);
	if (state % STATES_BETWEEN_LOOKS == 0 || out->bound) {
		update(flood, state);
		pace_tell(&flood->pace, search->options, &out->covered);
	}
	out->covered.states = states_found(flood);
	if (!out->bound)
		out->bound = bound_reached(search->options, &out->covered);
	return !flood->anew && !out->bound && !found_all_nearest(search, state);
}

/* ---- all of them ---- */

static int run_through(struct flood *flood)
{
	struct search *search = &flood->search;
	uint32_t state = 0;
	int err = 0;

	while (!err && state < states_found(flood)) {
		if (state == search->graph.next_level)
			err = graph_begin_level(&search->graph, states_found(flood));
		if (!err)
			err = search_expand(search, state);
		if (!err && !goes_on(flood, state))
			break;
		state++;
	}
	update(flood, state < states_found(flood) ? state : state - 1);
	return err;
}

static int begin_anew(struct flood *flood)
{
	struct search *search = &flood->search;

	search->out->covered = (struct explore_progress) {0};
	search->out->ends = 0;
	flood->widest = 0;
	flood->anew = false;
	execution_restart(search->execution);
	return search_begin_at(search);
}

/* What led to what was found, or that some way never ends. */
static int look_back(struct search *search)
{
	struct exploration *out = search->out;

	if (search->violations.count > 0)
		return path_find(search);
	return search->may_loop && !out->bound ? loop_find(search) : 0;
}

static int search_all(struct flood *flood)
{
	struct search *search = &flood->search;
	int err;

	do {
		err = begin_anew(flood);
		if (err)
			return err;
		err = run_through(flood);
	} while (!err && flood->anew);
	/* What has been covered when memory runs out is worth telling. */
	if (err == -ENOMEM) {
		search->out->bound = BOUND_EXHAUSTED;
		err = 0;
	}
	return err ? err : look_back(search);
}

int explore_states(const struct subject *subject, const struct explore_options *options,
		   struct exploration *out)
{
	struct exploration found = {.bound = BOUND_NONE};
	struct flood flood = {.widest = 0};
	int err;

	pace_begin(&flood.pace);
	err = search_begin(&flood.search, subject, options, &found);
	if (err)
		return err;
	err = search_all(&flood);
	if (!err)
		err = exploration_note_locks(&found, flood.search.execution);
	search_end(&flood.search);
	if (err)
		exploration_release(&found);
	else
		*out = found;
	return err;
}
