/* SPDX-License-Identifier: MIT */
/*
 * Schedules that never end: ways around in the graph of states.
 *
 * Depth first over all states again, which is worth it only where some step led to no deeper state;
 * without such a step there is no way around. A way around that is *fair* lets every thread go on
 * that could; one that is not may only need a scheduler that is.
 */
#define _GNU_SOURCE
#include "loop.h"

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
static bool move_on(struct walk *walk)
{
	struct stop *stop = &walk->stops[walk->depth - 1];
	uint32_t to;

	if (stop->next == walk->search->row.threads) {
		walk->colour[stop->state] = CLOSED;
		walk->depth--;
		return false;
	}
	if (!graph_follow(&walk->search->graph, stop->state, stop->next++, &to) ||
	    walk->colour[to] == CLOSED)
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
	const struct search *search = walk->search;
	unsigned int moved = 0, idle = 0;
	FILE *out;

	for (size_t i = first; i < walk->depth; i++) {
		moved |= 1u << (walk->stops[i].next - 1);
		idle |= search->graph.movers[walk->stops[i].state];
	}
	idle &= ~moved;
	*finding = (struct finding) {.kind = FINDING_ENDLESS};
	out = fmemopen(finding->text, sizeof(finding->text) - 1, "w");
	if (!out)
		return;
	fprintf(out, "goes round for ever, %zu steps a round, ", walk->depth - first);
	fputs(idle ? "as long as nothing is done by" : "although every thread goes on that can",
	      out);
	for (unsigned int thread = 0; thread < search->row.threads; thread++)
		if (idle >> thread & 1)
			fprintf(out, " %s", search->subject->thread_names[thread]);
	fclose(out);
}

/* The schedule to the state that is reached again, and once around. */
static int store_loop(const struct walk *walk)
{
	struct exploration *out = walk->search->out;
	size_t first = 0, length;

	while (walk->stops[first].state != walk->back_to)
		first++;
	out->schedule =
		graph_first_way(&walk->search->graph, walk->back_to, walk->depth - first, &length);
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
	walk->colour[0] = OPEN;
	walk->stops[walk->depth++] = (struct stop) {0, 0};
	while (walk->depth > 0)
		if (move_on(walk))
			return store_loop(walk);
	return 0;
}

int loop_find(struct search *search)
{
	size_t count = visited_count(search->row.visited);
	struct walk walk = {.search = search,
			    .colour = calloc(count, 1),
			    .stops = calloc(count, sizeof(struct stop))};
	int err = walk.colour && walk.stops ? walk_all(&walk) : -ENOMEM;

	free(walk.colour);
	free(walk.stops);
	return err;
}
