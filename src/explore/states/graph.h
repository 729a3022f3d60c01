/* SPDX-License-Identifier: MIT */
/*
 * How states lead to each other: where each step led, where each state was found from first, and
 * how many steps it is from the beginning. For ways to a state, and around and back, without
 * running anything again.
 *
 * States are numbered in the order in which they were found, breadth first, and *expanded*, looked
 * at with all their steps, in the order of their numbers.
 */
#ifndef DMAOWN_EXPLORE_GRAPH_H
#define DMAOWN_EXPLORE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_THREAD UINT8_MAX

/* Where a state was found from first. */
struct origin {
	uint32_t from;
	uint8_t by;
} __attribute__((packed));

struct graph {
	struct origin *origins; /* by state */
	size_t origin_room;
	/* Where each step led, by state and then thread: `movers` has a bit for each thread that
	 * made one, `edges` as many states. */
	uint32_t *edges;
	size_t edge_count, edge_room;
	uint64_t *first_edge; /* of each 32nd state */
	uint8_t *movers;
	size_t mover_room, block_room;
	uint32_t expanded; /* how many states have been, or are being */
	uint32_t *levels;  /* the first state of each depth */
	size_t level_count, level_room;
	uint32_t next_level; /* states below it are no deeper than those expanded */
};

/* The states from next_level on, of which there are `count` so far, are a step deeper than those
 * before. -ENOMEM. */
int graph_begin_level(struct graph *graph, uint64_t count);

/* The next state is expanded. -ENOMEM. */
int graph_begin_state(struct graph *graph, uint32_t state);

/* A step of the state that is being expanded; those of a state come by thread. -ENOMEM. */
int graph_add_edge(struct graph *graph, uint32_t from, unsigned int thread, uint32_t to);

/* A state is found for the first time; by NO_THREAD: the beginning. -ENOMEM. */
int graph_add_state(struct graph *graph, uint32_t state, uint32_t from, uint8_t by);

/* Where a thread's step leads from an expanded state; false: it made none. */
bool graph_follow(const struct graph *graph, uint32_t state, unsigned int thread, uint32_t *to);

/* Steps from the beginning to a state. */
size_t graph_depth(const struct graph *graph, uint32_t state);

/* The schedule by which a state was found first, with room for `more` steps, which the caller
 * frees. NULL: no memory. */
uint8_t *graph_first_way(const struct graph *graph, uint32_t state, size_t more, size_t *length);

/* In bytes. */
size_t graph_memory(const struct graph *graph);

/* Leaves an empty one. */
void graph_release(struct graph *graph);

#endif
