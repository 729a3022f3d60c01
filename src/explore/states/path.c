/* SPDX-License-Identifier: MIT */
/*
 * The way to a violation: as few steps as there can be, and among those as few switches.
 *
 * Every state was found first from one a step nearer. The states from the beginning to the
 * violation are gone over again in that order, and for each it is noted, for each thread that may
 * have taken the last step, how few switches lead there and from where.
 */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How to get to a state with a given thread's step last. */
struct way {
	uint32_t from;
	uint16_t switches; /* UNREACHED: not in the fewest steps */
	uint8_t by;        /* the thread whose step came before; NO_THREAD at the beginning */
};
#define UNREACHED UINT16_MAX

struct ways_back {
	struct search *search;
	struct way *way; /* by state and last thread */
};

static struct way *way_to(const struct ways_back *back, uint32_t state, unsigned int last)
{
	return &back->way[(size_t)state * back->search->row.threads + last];
}

/* The fewest switches to `state` if `next` goes on from there, and the thread before it. */
static uint16_t switches_before(const struct ways_back *back, uint32_t state, unsigned int next,
				uint8_t *by)
{
	uint16_t fewest = UNREACHED;

	*by = NO_THREAD;
	if (state == 0)
		return 0;
	for (unsigned int last = 0; last < back->search->row.threads; last++) {
		uint16_t switches = way_to(back, state, last)->switches;

		if (switches == UNREACHED)
			continue;
		switches = (uint16_t)(switches + (last != next));
		if (switches < fewest) {
			fewest = switches;
			*by = (uint8_t)last;
		}
	}
	return fewest;
}

static void offer(const struct ways_back *back, uint32_t from, unsigned int thread, uint32_t to)
{
	struct way *way = way_to(back, to, thread);
	uint8_t by;
	uint16_t switches = switches_before(back, from, thread, &by);

	if (switches < way->switches)
		*way = (struct way) {from, switches, by};
}

static void go_over(const struct ways_back *back, uint32_t state)
{
	struct search *search = back->search;
	size_t depth = graph_depth(&search->graph, state);
	uint32_t to;

	for (unsigned int thread = 0; thread < search->row.threads; thread++)
		if (graph_follow(&search->graph, state, thread, &to) &&
		    graph_depth(&search->graph, to) == depth + 1)
			offer(back, state, thread, to);
}

/* Of the places the one with the fewest switches, and the last thread before it. */
static const struct place *best_place(const struct ways_back *back, uint8_t *last)
{
	const struct search *search = back->search;
	const struct place *best = &search->violations.places[0];
	uint16_t fewest = UNREACHED;

	for (size_t i = 0; i < search->violations.count; i++) {
		const struct place *place = &search->violations.places[i];
		uint8_t by;
		uint16_t switches = UNREACHED;

		if (place->thread != NO_THREAD) {
			switches = switches_before(back, place->state, place->thread, &by);
		} else {
			/* No step follows, so none costs a switch. */
			by = NO_THREAD;
			for (unsigned int t = 0; t < search->row.threads; t++)
				if (way_to(back, place->state, t)->switches < switches) {
					switches = way_to(back, place->state, t)->switches;
					by = (uint8_t)t;
				}
		}
		if (switches < fewest || i == 0) {
			fewest = switches;
			best = place;
			*last = by;
		}
	}
	return best;
}

static int trace_back(const struct ways_back *back)
{
	struct search *search = back->search;
	uint8_t last = NO_THREAD;
	const struct place *place = best_place(back, &last);
	size_t length = search->violations.depth, at = length;
	uint8_t *schedule = malloc(length + 1);
	uint32_t state = place->state;

	if (!schedule)
		return -ENOMEM;
	if (place->thread != NO_THREAD)
		schedule[--at] = place->thread;
	while (at > 0) {
		const struct way *way = way_to(back, state, last);

		schedule[--at] = last;
		state = way->from;
		last = way->by;
	}
	search->out->schedule = schedule;
	search->out->length = length;
	return 0;
}

/* Past this the schedule that was found first serves: what is left to win is a few switches. */
#define WAYS_LIMIT (UINT64_C(1) << 31)

static int take_first_path(struct search *search)
{
	const struct place *place = &search->violations.places[0];
	struct exploration *out = search->out;

	out->schedule = graph_first_way(&search->graph, place->state, 1, &out->length);
	if (!out->schedule)
		return -ENOMEM;
	if (place->thread != NO_THREAD)
		out->schedule[out->length++] = place->thread;
	return 0;
}

int path_find(struct search *search)
{
	struct ways_back back = {.search = search};
	uint64_t count = visited_count(search->row.visited) * search->row.threads;
	uint32_t end = 0;
	int err;

	if (count * sizeof(struct way) > WAYS_LIMIT)
		return take_first_path(search);
	back.way = malloc(count * sizeof(*back.way));
	if (!back.way)
		return take_first_path(search);
	for (uint64_t i = 0; i < count; i++)
		back.way[i] = (struct way) {0, UNREACHED, NO_THREAD};
	for (size_t i = 0; i < search->violations.count; i++)
		if (search->violations.places[i].state > end)
			end = search->violations.places[i].state;
	for (uint32_t state = 0; state < end && state < search->graph.expanded; state++)
		go_over(&back, state);
	err = trace_back(&back);
	free(back.way);
	return err;
}
