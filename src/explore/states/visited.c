/* SPDX-License-Identifier: MIT */
#include "visited.h"
#include "numbered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct node {
	uint32_t number;              /* of the current row's pair or piece */
	uint32_t parent, left, right; /* left 0: it is the leaf of piece `right` */
};

/* A node that is not what it was when the row was loaded. */
struct change {
	uint32_t node, before;
};

struct visited {
	struct pieces pieces;
	struct pairs inner, states;
	/* The tree: the root is node 0, children come after their parents, leaves hold pieces. */
	struct node *nodes;
	size_t node_count;
	uint32_t *leaf;         /* each piece's node */
	uint64_t *stale;        /* a bit for each node above a leaf that has changed */
	struct change *journal; /* of the row since it was loaded */
	size_t changes;
};

/* ---- the current row ---- */

static void mark_stale(struct visited *visited, uint32_t node)
{
	while (node != 0) {
		uint64_t bit;

		node = visited->nodes[node].parent;
		bit = UINT64_C(1) << (node % 64);
		if (visited->stale[node / 64] & bit)
			return;
		visited->stale[node / 64] |= bit;
	}
}

static void change_node(struct visited *visited, uint32_t node, uint32_t number)
{
	visited->journal[visited->changes++] = (struct change) {node, visited->nodes[node].number};
	visited->nodes[node].number = number;
}

void visited_rollback(struct visited *visited)
{
	while (visited->changes > 0) {
		const struct change *change = &visited->journal[--visited->changes];

		visited->nodes[change->node].number = change->before;
	}
	memset(visited->stale, 0, (visited->node_count + 63) / 64 * sizeof(*visited->stale));
}

int visited_set(struct visited *visited, size_t piece, const void *bytes, size_t size)
{
	uint32_t leaf = visited->leaf[piece], number;
	int err = pieces_add(&visited->pieces, bytes, size, &number);

	if (err || visited->nodes[leaf].number == number)
		return err;
	change_node(visited, leaf, number);
	mark_stale(visited, leaf);
	return 0;
}

const void *visited_get(const struct visited *visited, size_t piece, size_t *size)
{
	uint32_t number = visited->nodes[visited->leaf[piece]].number;
	const struct piece *found = visited->pieces.piece[number];

	*size = found->size;
	return found->bytes;
}

static uint64_t children(const struct visited *visited, uint32_t node)
{
	const struct node *parent = &visited->nodes[node];

	return (uint64_t)visited->nodes[parent->left].number << 32 |
	       visited->nodes[parent->right].number;
}

/* Nodes from the last one up: a parent comes after its children. The root's pair is the state. */
static int refresh(struct visited *visited)
{
	uint32_t number;
	bool fresh;

	visited->stale[0] &= ~UINT64_C(1);
	for (size_t word = (visited->node_count + 63) / 64; word-- > 0;)
		while (visited->stale[word]) {
			int bit = 63 - __builtin_clzll(visited->stale[word]);
			uint32_t node = (uint32_t)(word * 64) + (uint32_t)bit;

			if (pairs_add(&visited->inner, children(visited, node), &number, &fresh))
				return -ENOMEM;
			change_node(visited, node, number);
			visited->stale[word] &= ~(UINT64_C(1) << bit);
		}
	return 0;
}

int visited_add(struct visited *visited, uint32_t *state, bool *fresh)
{
	int err = refresh(visited);

	return err ? err : pairs_add(&visited->states, children(visited, 0), state, fresh);
}

struct loading {
	struct visited *visited;
	void (*changed)(void *context, size_t piece, const void *bytes, size_t size);
	void *context;
};

static void load_node(const struct loading *loading, uint32_t node, uint32_t number)
{
	struct visited *visited = loading->visited;
	struct node *self = &visited->nodes[node];
	const struct piece *piece;
	uint64_t pair;

	if (self->number == number)
		return;
	self->number = number;
	if (self->left) {
		pair = visited->inner.pair[number];
		load_node(loading, self->left, (uint32_t)(pair >> 32));
		load_node(loading, self->right, (uint32_t)pair);
		return;
	}
	piece = visited->pieces.piece[number];
	loading->changed(loading->context, self->right, piece->bytes, piece->size);
}

void visited_load(struct visited *visited, uint32_t state,
		  void (*changed)(void *context, size_t piece, const void *bytes, size_t size),
		  void *context)
{
	const struct loading loading = {visited, changed, context};
	uint64_t pair = visited->states.pair[state];

	visited_rollback(visited);
	load_node(&loading, visited->nodes[0].left, (uint32_t)(pair >> 32));
	load_node(&loading, visited->nodes[0].right, (uint32_t)pair);
}

uint64_t visited_count(const struct visited *visited)
{
	return visited->states.count;
}

size_t visited_memory(const struct visited *visited)
{
	return pieces_memory(&visited->pieces) + pairs_memory(&visited->inner) +
	       pairs_memory(&visited->states);
}

/* ---- beginning and end ---- */

static uint32_t new_node(struct visited *visited, uint32_t parent)
{
	uint32_t node = (uint32_t)visited->node_count++;

	visited->nodes[node].parent = parent;
	return node;
}

/* A balanced tree over `count` pieces. */
static uint32_t grow(struct visited *visited, uint32_t parent, size_t first, size_t count)
{
	uint32_t node = new_node(visited, parent), left, right;

	if (count == 1) {
		visited->leaf[first] = node;
		visited->nodes[node].right = (uint32_t)first;
		return node;
	}
	left = grow(visited, node, first, count / 2);
	right = grow(visited, node, first + count / 2, count - count / 2);
	visited->nodes[node].left = left;
	visited->nodes[node].right = right;
	return node;
}

/* The first part on one side of the root, the others on the other. */
static void grow_tree(struct visited *visited, const size_t sizes[VISITED_PARTS])
{
	uint32_t root = new_node(visited, 0), others;

	visited->nodes[root].left = grow(visited, root, 0, sizes[0]);
	others = new_node(visited, root);
	visited->nodes[root].right = others;
	visited->nodes[others].left = grow(visited, others, sizes[0], sizes[1]);
	visited->nodes[others].right = grow(visited, others, sizes[0] + sizes[1], sizes[2]);
}

/* The numbers of a row of empty pieces. */
static int init_row(struct visited *visited)
{
	uint32_t empty;
	bool fresh;
	int err = pieces_add(&visited->pieces, "", 0, &empty);

	for (size_t node = visited->node_count; !err && node-- > 1;)
		if (visited->nodes[node].left)
			err = pairs_add(&visited->inner, children(visited, (uint32_t)node),
					&visited->nodes[node].number, &fresh);
		else
			visited->nodes[node].number = empty;
	return err;
}

static int visited_init(struct visited *visited, const size_t sizes[VISITED_PARTS])
{
	size_t pieces = sizes[0] + sizes[1] + sizes[2];
	int err;

	visited->leaf = calloc(pieces, sizeof(*visited->leaf));
	visited->nodes = calloc(2 * pieces + 2, sizeof(*visited->nodes));
	visited->stale = calloc(pieces / 32 + 2, sizeof(*visited->stale));
	visited->journal = calloc(2 * pieces + 2, sizeof(*visited->journal));
	if (!visited->leaf || !visited->nodes || !visited->stale || !visited->journal)
		return -ENOMEM;
	grow_tree(visited, sizes);
	err = pieces_init(&visited->pieces);
	if (!err)
		err = pairs_init(&visited->inner);
	if (!err)
		err = pairs_init(&visited->states);
	return err ? err : init_row(visited);
}

int visited_create(const size_t sizes[VISITED_PARTS], struct visited **out)
{
	struct visited *visited = calloc(1, sizeof(*visited));
	int err;

	if (!visited)
		return -ENOMEM;
	err = visited_init(visited, sizes);
	if (err)
		visited_destroy(visited);
	else
		*out = visited;
	return err;
}

void visited_destroy(struct visited *visited)
{
	if (!visited)
		return;
	pieces_release(&visited->pieces);
	pairs_release(&visited->inner);
	pairs_release(&visited->states);
	free(visited->nodes);
	free(visited->leaf);
	free(visited->stale);
	free(visited->journal);
	free(visited);
}
