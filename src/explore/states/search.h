/* SPDX-License-Identifier: MIT */
/*
 * A search over states: expanding one, and noting the violations that are nearest to the beginning.
 *
 * From a state every thread is tried: one that is blocked or has ended makes no step; where none
 * makes one all must have ended.
 *
 * Races: local code comes before its point, so if two accesses of two threads are not ordered, some
 * state has both in the local code that the two would run next. Every state is looked at for that,
 * also in the local code of blocked and ended threads. What a lock orders is never there at once,
 * so that where no race is found switching at points has shown all there is.
 */
#ifndef DMAOWN_EXPLORE_SEARCH_H
#define DMAOWN_EXPLORE_SEARCH_H

#include "explore.h"
#include "footprint.h"
#include "graph.h"
#include "row.h"

/* A state, and the thread whose step from it breaks something; NO_THREAD: the state is wrong. */
struct place {
	uint32_t state;
	uint8_t thread;
};

#define PLACES_MAX 1024

/* Where the first violation is, and all of its kind that are as near. */
struct violations {
	struct place places[PLACES_MAX];
	size_t count;
	size_t depth; /* steps from the beginning, to the violation */
};

struct search {
	const struct subject *subject; /* borrowed, as the next two */
	const struct explore_options *options;
	struct exploration *out;
	struct execution *execution;
	struct footprints *footprints;
	void *saved; /* room for execution_save() */
	struct row row;
	struct graph graph;
	struct violations violations;
	bool may_loop; /* some step has led to no deeper state */
};

/* As execution_create(). Undone by search_end(). */
int search_begin(struct search *search, const struct subject *subject,
		 const struct explore_options *options, struct exploration *out);

/* Makes the state in the arena state 0, and looks at it by itself. -ENOMEM. What was searched from
 * another one is forgotten. */
int search_begin_at(struct search *search);

/* Looks at the next state with all its steps, and adds the states that they lead to. -ENOMEM. */
int search_expand(struct search *search, uint32_t state);

void search_end(struct search *search);

#endif
