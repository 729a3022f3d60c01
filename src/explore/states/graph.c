/* SPDX-License-Identifier: MIT */
#include "graph.h"
#include "array.h"

#include <errno.h>

#define EDGE_BLOCK 32

/* ---- edges ---- */

static uint64_t first_edge(const struct graph *graph, uint32_t state)
{
	uint64_t edge = graph->first_edge[state / EDGE_BLOCK];

	for (uint32_t before = state / EDGE_BLOCK * EDGE_BLOCK; before < state; before++)
		edge += (unsigned int)__builtin_popcount(graph->movers[before]);
	return edge;
}

bool graph_follow(const struct graph *graph, uint32_t state, unsigned int thread, uint32_t *to)
{
	unsigned int movers = graph->movers[state];

	if (!(movers >> thread & 1))
		return false;
	*to = graph->edges[first_edge(graph, state) +
			   (unsigned int)__builtin_popcount(movers & ((1u << thread) - 1))];
	return true;
}

static int begin_block(struct graph *graph, size_t block)
{
	uint64_t *first =
		array_with_place(graph->first_edge, &graph->block_room, block, sizeof(*first));

	if (!first)
		return -ENOMEM;
	graph->first_edge = first;
	first[block] = graph->edge_count;
	return 0;
}

int graph_begin_state(struct graph *graph, uint32_t state)
{
	uint8_t *movers = array_with_place(graph->movers, &graph->mover_room, state, 1);

	if (!movers)
		return -ENOMEM;
	graph->movers = movers;
	movers[state] = 0;
	graph->expanded = state + 1;
	return state % EDGE_BLOCK == 0 ? begin_block(graph, state / EDGE_BLOCK) : 0;
}

int graph_add_edge(struct graph *graph, uint32_t from, unsigned int thread, uint32_t to)
{
	uint32_t *edges = array_with_place(graph->edges, &graph->edge_room, graph->edge_count,
					   sizeof(*edges));

	if (!edges)
		return -ENOMEM;
	graph->edges = edges;
	edges[graph->edge_count++] = to;
	graph->movers[from] |= (uint8_t)(1u << thread);
	return 0;
}

/* ---- levels and origins ---- */

int graph_begin_level(struct graph *graph, uint64_t count)
{
	uint32_t *levels = array_with_place(graph->levels, &graph->level_room, graph->level_count,
					    sizeof(*levels));

	if (!levels)
		return -ENOMEM;
	graph->levels = levels;
	levels[graph->level_count++] = graph->next_level;
	graph->next_level = (uint32_t)count;
	return 0;
}

size_t graph_depth(const struct graph *graph, uint32_t state)
{
	size_t depth = graph->level_count;

	if (state >= graph->next_level)
		return depth;
	while (graph->levels[depth - 1] > state)
		depth--;
	return depth - 1;
}

int graph_add_state(struct graph *graph, uint32_t state, uint32_t from, uint8_t by)
{
	struct origin *origins =
		array_with_place(graph->origins, &graph->origin_room, state, sizeof(*origins));

	if (!origins)
		return -ENOMEM;
	graph->origins = origins;
	origins[state] = (struct origin) {from, by};
	return 0;
}

uint8_t *graph_first_way(const struct graph *graph, uint32_t state, size_t more, size_t *length)
{
	size_t depth = graph_depth(graph, state), at = depth;
	uint8_t *schedule = malloc(depth + more + 1);

	if (!schedule)
		return NULL;
	while (at > 0) {
		schedule[--at] = graph->origins[state].by;
		state = graph->origins[state].from;
	}
	*length = depth;
	return schedule;
}

/* ---- all of it ---- */

size_t graph_memory(const struct graph *graph)
{
	return graph->origin_room * sizeof(*graph->origins) +
	       graph->edge_room * sizeof(*graph->edges) +
	       graph->block_room * sizeof(*graph->first_edge) + graph->mover_room +
	       graph->level_room * sizeof(*graph->levels);
}

void graph_release(struct graph *graph)
{
	free(graph->origins);
	free(graph->edges);
	free(graph->first_edge);
	free(graph->movers);
	free(graph->levels);
	*graph = (struct graph) {0};
}
