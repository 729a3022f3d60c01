/* SPDX-License-Identifier: MIT */
#include "visited.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NOBODY UINT32_MAX
#define CHUNK (1u << 20)

/*
 * Numbers by hash: open addressing, at most two thirds full. Beside each number lies the upper half
 * of its hash, so that what it is the number of is looked at only when that is very likely right.
 */
struct slot {
	uint32_t number, tag;
};

struct numbers {
	struct slot *slots;
	size_t mask;
};

struct pairs {
	uint64_t *pair; /* by number */
	size_t count, room;
	struct numbers numbers;
};

struct piece {
	uint32_t size;
	unsigned char bytes[];
};

struct pieces {
	struct piece **piece; /* by number; in chunks */
	uint64_t *hash;
	size_t count, room;
	struct numbers numbers;
	unsigned char **chunks;
	size_t chunk_count, chunk_used;
};

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
	size_t memory;
};

/* ---- memory, which is counted ---- */

static void *resize(struct visited *visited, void *memory, size_t before, size_t after)
{
	void *resized = realloc(memory, after);

	if (resized)
		visited->memory += after - before;
	return resized;
}

static int numbers_init(struct visited *visited, struct numbers *numbers, size_t room)
{
	numbers->slots = resize(visited, NULL, 0, room * sizeof(struct slot));
	if (!numbers->slots)
		return -ENOMEM;
	numbers->mask = room - 1;
	memset(numbers->slots, 0xff, room * sizeof(struct slot));
	return 0;
}

static void numbers_put(struct numbers *numbers, uint64_t hash, uint32_t number)
{
	size_t slot = hash & numbers->mask;

	while (numbers->slots[slot].number != NOBODY)
		slot = (slot + 1) & numbers->mask;
	numbers->slots[slot] = (struct slot) {number, (uint32_t)(hash >> 32)};
}

/* An empty one of twice the size; the old one's slots are freed. */
static int numbers_grow(struct visited *visited, struct numbers *numbers)
{
	size_t room = numbers->mask + 1;
	struct numbers grown;
	int err = numbers_init(visited, &grown, 2 * room);

	if (err)
		return err;
	free(numbers->slots);
	visited->memory -= room * sizeof(struct slot);
	*numbers = grown;
	return 0;
}

static bool numbers_full(const struct numbers *numbers, size_t count)
{
	return count + 1 > (numbers->mask + 1) / 3 * 2;
}

/* ---- pairs ---- */

static uint64_t pair_hash(uint64_t pair)
{
	/* The finish of a well-known generator: every bit depends on every bit. */
	pair ^= pair >> 30;
	pair *= UINT64_C(0xbf58476d1ce4e5b9);
	pair ^= pair >> 27;
	pair *= UINT64_C(0x94d049bb133111eb);
	return pair ^ pair >> 31;
}

static int pairs_make_room(struct visited *visited, struct pairs *pairs)
{
	int err;

	if (pairs->count == pairs->room) {
		size_t room = pairs->room ? pairs->room + pairs->room / 2 : 1024;
		uint64_t *pair = resize(visited, pairs->pair, pairs->room * sizeof(*pair),
					room * sizeof(*pair));

		if (!pair)
			return -ENOMEM;
		pairs->pair = pair;
		pairs->room = room;
	}
	if (!numbers_full(&pairs->numbers, pairs->count))
		return 0;
	err = numbers_grow(visited, &pairs->numbers);
	for (size_t i = 0; !err && i < pairs->count; i++)
		numbers_put(&pairs->numbers, pair_hash(pairs->pair[i]), (uint32_t)i);
	return err;
}

static int pairs_add(struct visited *visited, struct pairs *pairs, uint64_t pair, uint32_t *number,
		     bool *fresh)
{
	const struct slot *slots = pairs->numbers.slots;
	uint64_t hash = pair_hash(pair);
	size_t slot = hash & pairs->numbers.mask;

	for (; slots[slot].number != NOBODY; slot = (slot + 1) & pairs->numbers.mask)
		if (slots[slot].tag == (uint32_t)(hash >> 32) &&
		    pairs->pair[slots[slot].number] == pair) {
			*number = slots[slot].number;
			*fresh = false;
			return 0;
		}
	if (pairs->count == NOBODY || pairs_make_room(visited, pairs))
		return -ENOMEM;
	numbers_put(&pairs->numbers, hash, (uint32_t)pairs->count);
	pairs->pair[pairs->count] = pair;
	*number = (uint32_t)pairs->count++;
	*fresh = true;
	return 0;
}

static int pairs_init(struct visited *visited, struct pairs *pairs)
{
	return numbers_init(visited, &pairs->numbers, 4096);
}

/* ---- pieces ---- */

static int pieces_make_room(struct visited *visited, struct pieces *pieces)
{
	size_t room = pieces->room ? 2 * pieces->room : 1024;
	struct piece **piece;
	uint64_t *hash;
	int err;

	if (pieces->count == pieces->room) {
		piece = resize(visited, pieces->piece, pieces->room * sizeof(*piece),
			       room * sizeof(*piece));
		if (!piece)
			return -ENOMEM;
		pieces->piece = piece;
		hash = resize(visited, pieces->hash, pieces->room * sizeof(*hash),
			      room * sizeof(*hash));
		if (!hash)
			return -ENOMEM;
		pieces->hash = hash;
		pieces->room = room;
	}
	if (!numbers_full(&pieces->numbers, pieces->count))
		return 0;
	err = numbers_grow(visited, &pieces->numbers);
	for (size_t i = 0; !err && i < pieces->count; i++)
		numbers_put(&pieces->numbers, pieces->hash[i], (uint32_t)i);
	return err;
}

static struct piece *new_piece(struct visited *visited, size_t size)
{
	struct pieces *pieces = &visited->pieces;
	size_t wanted = (sizeof(struct piece) + size + 7) / 8 * 8;
	unsigned char **chunks;
	struct piece *piece;

	if (wanted > CHUNK)
		return NULL;
	if (pieces->chunk_count == 0 || pieces->chunk_used + wanted > CHUNK) {
		chunks = resize(visited, pieces->chunks, pieces->chunk_count * sizeof(*chunks),
				(pieces->chunk_count + 1) * sizeof(*chunks));
		if (!chunks)
			return NULL;
		pieces->chunks = chunks;
		chunks[pieces->chunk_count] = resize(visited, NULL, 0, CHUNK);
		if (!chunks[pieces->chunk_count])
			return NULL;
		pieces->chunk_count++;
		pieces->chunk_used = 0;
	}
	piece = (struct piece *)(pieces->chunks[pieces->chunk_count - 1] + pieces->chunk_used);
	pieces->chunk_used += wanted;
	piece->size = (uint32_t)size;
	return piece;
}

static int pieces_add(struct visited *visited, const void *bytes, size_t size, uint32_t *number)
{
	struct pieces *pieces = &visited->pieces;
	uint64_t hash = XXH3_64bits(bytes, size);
	size_t slot = hash & pieces->numbers.mask;
	struct piece *piece;

	for (; pieces->numbers.slots[slot].number != NOBODY;
	     slot = (slot + 1) & pieces->numbers.mask) {
		uint32_t found = pieces->numbers.slots[slot].number;

		if (pieces->numbers.slots[slot].tag != (uint32_t)(hash >> 32))
			continue;

		piece = pieces->piece[found];
		if (pieces->hash[found] == hash && piece->size == size &&
		    memcmp(piece->bytes, bytes, size) == 0) {
			*number = found;
			return 0;
		}
	}
	if (pieces->count == NOBODY || pieces_make_room(visited, pieces))
		return -ENOMEM;
	piece = new_piece(visited, size);
	if (!piece)
		return -ENOMEM;
	memcpy(piece->bytes, bytes, size);
	numbers_put(&pieces->numbers, hash, (uint32_t)pieces->count);
	pieces->piece[pieces->count] = piece;
	pieces->hash[pieces->count] = hash;
	*number = (uint32_t)pieces->count++;
	return 0;
}

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
	int err = pieces_add(visited, bytes, size, &number);

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

			if (pairs_add(visited, &visited->inner, children(visited, node), &number,
				      &fresh))
				return -ENOMEM;
			change_node(visited, node, number);
			visited->stale[word] &= ~(UINT64_C(1) << bit);
		}
	return 0;
}

int visited_add(struct visited *visited, uint32_t *state, bool *fresh)
{
	int err = refresh(visited);

	return err ? err : pairs_add(visited, &visited->states, children(visited, 0), state, fresh);
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
	return visited->memory;
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
	int err = pieces_add(visited, "", 0, &empty);

	for (size_t node = visited->node_count; !err && node-- > 1;)
		if (visited->nodes[node].left)
			err = pairs_add(visited, &visited->inner, children(visited, (uint32_t)node),
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
	err = numbers_init(visited, &visited->pieces.numbers, 4096);
	if (!err)
		err = pairs_init(visited, &visited->inner);
	if (!err)
		err = pairs_init(visited, &visited->states);
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
	for (size_t i = 0; i < visited->pieces.chunk_count; i++)
		free(visited->pieces.chunks[i]);
	free(visited->pieces.chunks);
	free(visited->pieces.piece);
	free(visited->pieces.hash);
	free(visited->pieces.numbers.slots);
	free(visited->inner.pair);
	free(visited->inner.numbers.slots);
	free(visited->states.pair);
	free(visited->states.numbers.slots);
	free(visited->nodes);
	free(visited->leaf);
	free(visited->stale);
	free(visited->journal);
	free(visited);
}
