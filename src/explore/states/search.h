/* SPDX-License-Identifier: MIT */
/*
 * A breadth-first search, as its parts see it: stateful.c goes from state to state, path.c finds
 * the way to what was found, loop.c schedules that never end.
 */
#ifndef DMAOWN_EXPLORE_SEARCH_H
#define DMAOWN_EXPLORE_SEARCH_H

#include "explore.h"
#include "footprint.h"
#include "visited.h"

/* A state, and the thread whose step from it breaks something; NO_THREAD: the state is wrong. */
struct place {
	uint32_t state;
	uint8_t thread;
};
#define NO_THREAD UINT8_MAX

/* Where a state was found from first. */
struct origin {
	uint32_t from;
	uint8_t by;
} __attribute__((packed));

#define PLACES_MAX 1024

struct search {
	const struct subject *subject;
	const struct explore_options *options;
	struct exploration *out;
	struct execution *execution;
	struct visited *visited;
	struct footprints *footprints;
	unsigned int threads;
	size_t lines;       /* of heap in a row; a subject that comes to need more begins anew */
	uint32_t *piece_of; /* a line's place in the row; those that change come first */
	uint32_t *line_at;  /* and back */
	size_t hot;         /* how many were seen to change in a first, short search */
	unsigned char *heap;
	void *saved; /* room for execution_save() */

	struct origin *origins; /* by state */
	size_t origin_room;
	/* Where each step led, by state and then thread; `movers` has a bit for each thread that
	 * made one, `edges` as many states. For ways around and back, without running anything
	 * again. */
	uint32_t *edges;
	size_t edge_count, edge_room;
	uint64_t *first_edge; /* of each 32nd state */
	uint8_t *movers;
	uint32_t expanded; /* states that have been, or are being */
	size_t mover_room, block_room;
	uint32_t *levels; /* the first state of each depth */
	size_t level_count, level_room;
	uint32_t next_level; /* states below it are no deeper than those looked at */

	/* All of the first violation's kind that are as near as it. */
	struct place places[PLACES_MAX];
	size_t place_count;
	size_t violation_depth;

	double begin, told; /* seconds of a clock; when progress was told last */
	uint64_t widest;    /* frontier so far */
	uint64_t hot_lines[EXECUTION_HEAP_MAX / EXECUTION_LINE / 64];
	bool arranged; /* the row is, by them */
	bool may_loop; /* some step has led to no deeper state */
	bool outgrown; /* the heap has got more lines than the row */
};

/* ---- stateful.c ---- */

/* Makes the arena that of a state, and it the one that steps begin at. */
void search_load(struct search *search, uint32_t state);

/* Where a thread's step leads from a state that has been looked at; false: it made none. */
bool search_follow(const struct search *search, uint32_t state, unsigned int thread, uint32_t *to);

/* Depth of a state that has been noted. */
size_t search_depth(const struct search *search, uint32_t state);

/* ---- path.c ---- */

/* Stores the schedule to one of the places, a shortest one, with the fewest switches. -ENOMEM. */
int search_find_path(struct search *search);
/* The schedule by which a state was found first, with room for `more`. NULL: no memory. */
uint8_t *search_first_path(const struct search *search, uint32_t state, size_t more,
			   size_t *length);

/* ---- loop.c ---- */

/* Everything has been seen: looks for a way around, and reports it. -ENOMEM. */
int search_find_loop(struct search *search);

#endif
