/* SPDX-License-Identifier: MIT */
/*
 * Schedules that never end: ways around in the graph of states.
 *
 * Depth first over all states again, which is worth it only where some step led to no deeper state;
 * without such a step there is no way around. A way around that is *fair* lets every thread go on
 * that could; one that is not may only need a scheduler that is.
 */
#include "search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { UNSEEN, OPEN, CLOSED };

/* A state on the way, and the thread that is tried next. */
struct stop {
	uint32_t state;
	uint8_t next;
};

struct walk {
	struct search *search;
	uint8_t *colour; /* by state */
	struct stop *stops;
	size_t depth;
	uint32_t back_to; /* the state that is reached again */
};

/* Moves on from the last stop. True: a way around is closed, by its latest thread. */
static bool move_on(struct walk *walk, int *err)
{
	struct stop *stop = &walk->stops[walk->depth - 1];
	enum step_end end;
	uint32_t to;

	if (stop->next == walk->search->threads) {
		walk->colour[stop->state] = CLOSED;
		walk->depth--;
		return false;
	}
	search_load(walk->search, stop->state);
	*err = search_follow(walk->search, stop->next++, &end, &to);
	if (*err || end != STEP_DONE || walk->colour[to] == CLOSED)
		return false;
	walk->back_to = to;
	if (walk->colour[to] == OPEN)
		return true;
	walk->colour[to] = OPEN;
	walk->stops[walk->depth++] = (struct stop) {to, 0};
	return false;
}

/* Names the threads that could go on and never do, on the stops from `first` on. */
static void describe(const struct walk *walk, size_t first, struct finding *finding)
{
	struct search *search = walk->search;
	unsigned int moved = 0, could = 0;
	enum step_end end;
	uint32_t to;
	size_t used;

	for (size_t i = first; i < walk->depth; i++) {
		moved |= 1u << (walk->stops[i].next - 1);
		search_load(search, walk->stops[i].state);
		for (unsigned int thread = 0; thread < search->threads; thread++)
			if (search_follow(search, thread, &end, &to) == 0 && end == STEP_DONE)
				could |= 1u << thread;
	}
	*finding = (struct finding) {.kind = FINDING_ENDLESS};
	used = (size_t)snprintf(finding->text, sizeof(finding->text),
				"goes round for ever, %zu steps a round", walk->depth - first);
	if (!(could & ~moved)) {
		snprintf(finding->text + used, sizeof(finding->text) - used,
			 ", although every thread goes on that can");
		return;
	}
	used += (size_t)snprintf(finding->text + used, sizeof(finding->text) - used,
				 ", as long as nothing is done by");
	for (unsigned int thread = 0; thread < search->threads; thread++)
		if ((could & ~moved) >> thread & 1 && used < sizeof(finding->text))
			used += (size_t)snprintf(finding->text + used, sizeof(finding->text) - used,
						 " %s", search->subject->thread_names[thread]);
}

/* The schedule to the state that is reached again, and once around. */
static int store_loop(const struct walk *walk)
{
	struct exploration *out = walk->search->out;
	size_t first = 0, length;

	while (walk->stops[first].state != walk->back_to)
		first++;
	out->schedule =
		search_first_path(walk->search, walk->back_to, walk->depth - first, &length);
	if (!out->schedule)
		return -ENOMEM;
	out->loop = length;
	for (size_t i = first; i < walk->depth; i++)
		out->schedule[length++] = (uint8_t)(walk->stops[i].next - 1);
	out->length = length;
	describe(walk, first, &out->finding);
	return 0;
}

static int walk_all(struct walk *walk)
{
	int err = 0;

	walk->colour[0] = OPEN;
	walk->stops[walk->depth++] = (struct stop) {0, 0};
	while (walk->depth > 0 && !err)
		if (move_on(walk, &err))
			return store_loop(walk);
	return err;
}

int search_find_loop(struct search *search)
{
	size_t count = visited_count(search->visited);
	struct walk walk = {.search = search,
			    .colour = calloc(count, 1),
			    .stops = calloc(count, sizeof(struct stop))};
	int err = walk.colour && walk.stops ? walk_all(&walk) : -ENOMEM;

	free(walk.colour);
	free(walk.stops);
	return err;
}
