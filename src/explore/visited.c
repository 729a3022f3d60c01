/* SPDX-License-Identifier: MIT */
#include "visited.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NOBODY UINT32_MAX
#define CHUNK (1u << 20)

/* Numbers by hash: open addressing, at most three quarters full. */
struct numbers {
	uint32_t *slots;
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

/* A node that is not what it was when the row was loaded. */
struct change {
	size_t node;
	uint32_t before;
};

struct visited {
	struct pieces pieces;
	struct pairs inner, states;
	size_t leaves; /* a power of two */
	/* Numbers of the current row's nodes as a heap: the root's children are 2 and 3, a leaf i
	 * is leaves + i. `stale` has a bit for nodes above leaves that have changed. */
	uint32_t *node;
	uint64_t *stale;
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
	numbers->slots = resize(visited, NULL, 0, room * sizeof(uint32_t));
	if (!numbers->slots)
		return -ENOMEM;
	numbers->mask = room - 1;
	memset(numbers->slots, 0xff, room * sizeof(uint32_t));
	return 0;
}

static void numbers_put(struct numbers *numbers, uint64_t hash, uint32_t number)
{
	size_t slot = hash & numbers->mask;

	while (numbers->slots[slot] != NOBODY)
		slot = (slot + 1) & numbers->mask;
	numbers->slots[slot] = number;
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
	visited->memory -= room * sizeof(uint32_t);
	*numbers = grown;
	return 0;
}

static bool numbers_full(const struct numbers *numbers, size_t count)
{
	return count + 1 > (numbers->mask + 1) / 4 * 3;
}

/* ---- pairs ---- */

static uint64_t pair_hash(uint64_t pair)
{
	pair ^= pair >> 32;
	pair *= UINT64_C(0x9e3779b97f4a7c15);
	pair ^= pair >> 29;
	pair *= UINT64_C(0xbf58476d1ce4e5b9);
	return pair ^ pair >> 32;
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
	const uint32_t *slots = pairs->numbers.slots;
	size_t slot = pair_hash(pair) & pairs->numbers.mask;

	for (; slots[slot] != NOBODY; slot = (slot + 1) & pairs->numbers.mask)
		if (pairs->pair[slots[slot]] == pair) {
			*number = slots[slot];
			*fresh = false;
			return 0;
		}
	if (pairs->count == NOBODY || pairs_make_room(visited, pairs))
		return -ENOMEM;
	numbers_put(&pairs->numbers, pair_hash(pair), (uint32_t)pairs->count);
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

	for (; pieces->numbers.slots[slot] != NOBODY; slot = (slot + 1) & pieces->numbers.mask) {
		uint32_t found = pieces->numbers.slots[slot];

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

static void mark_stale(struct visited *visited, size_t leaf)
{
	for (size_t node = (visited->leaves + leaf) / 2; node > 1; node /= 2) {
		uint64_t bit = UINT64_C(1) << (node % 64);

		if (visited->stale[node / 64] & bit)
			return;
		visited->stale[node / 64] |= bit;
	}
}

static void change_node(struct visited *visited, size_t node, uint32_t number)
{
	visited->journal[visited->changes++] = (struct change) {node, visited->node[node]};
	visited->node[node] = number;
}

void visited_rollback(struct visited *visited)
{
	while (visited->changes > 0) {
		const struct change *change = &visited->journal[--visited->changes];

		visited->node[change->node] = change->before;
	}
	memset(visited->stale, 0, (visited->leaves + 63) / 64 * sizeof(*visited->stale));
}

int visited_set(struct visited *visited, size_t piece, const void *bytes, size_t size)
{
	uint32_t number;
	int err = pieces_add(visited, bytes, size, &number);

	if (err || visited->node[visited->leaves + piece] == number)
		return err;
	change_node(visited, visited->leaves + piece, number);
	mark_stale(visited, piece);
	return 0;
}

const void *visited_get(const struct visited *visited, size_t piece, size_t *size)
{
	const struct piece *found = visited->pieces.piece[visited->node[visited->leaves + piece]];

	*size = found->size;
	return found->bytes;
}

static uint64_t children(const struct visited *visited, size_t node)
{
	return (uint64_t)visited->node[2 * node] << 32 | visited->node[2 * node + 1];
}

/* The nodes from the last one up: a parent comes after its children. */
static int refresh(struct visited *visited)
{
	bool fresh;

	for (size_t word = (visited->leaves + 63) / 64; word-- > 0;)
		while (visited->stale[word]) {
			int bit = 63 - __builtin_clzll(visited->stale[word]);
			size_t node = word * 64 + (size_t)bit;

			uint32_t number;

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

	return err ? err : pairs_add(visited, &visited->states, children(visited, 1), state, fresh);
}

struct loading {
	struct visited *visited;
	void (*changed)(void *context, size_t piece, const void *bytes, size_t size);
	void *context;
};

static void load_node(const struct loading *loading, size_t node, uint32_t number)
{
	struct visited *visited = loading->visited;
	const struct piece *piece;
	uint64_t pair;

	if (visited->node[node] == number)
		return;
	visited->node[node] = number;
	if (node < visited->leaves) {
		pair = visited->inner.pair[number];
		load_node(loading, 2 * node, (uint32_t)(pair >> 32));
		load_node(loading, 2 * node + 1, (uint32_t)pair);
		return;
	}
	piece = visited->pieces.piece[number];
	loading->changed(loading->context, node - visited->leaves, piece->bytes, piece->size);
}

void visited_load(struct visited *visited, uint32_t state,
		  void (*changed)(void *context, size_t piece, const void *bytes, size_t size),
		  void *context)
{
	const struct loading loading = {visited, changed, context};
	uint64_t pair = visited->states.pair[state];

	visited_rollback(visited);
	load_node(&loading, 2, (uint32_t)(pair >> 32));
	load_node(&loading, 3, (uint32_t)pair);
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

/* The numbers of a row of empty pieces. */
static int init_row(struct visited *visited)
{
	uint32_t empty;
	bool fresh;
	int err = pieces_add(visited, "", 0, &empty);

	for (size_t i = 0; i < visited->leaves; i++)
		visited->node[visited->leaves + i] = empty;
	for (size_t node = visited->leaves; !err && node-- > 2;)
		err = pairs_add(visited, &visited->inner, children(visited, node),
				&visited->node[node], &fresh);
	return err;
}

static int visited_init(struct visited *visited, size_t pieces)
{
	int err;

	visited->leaves = 2;
	while (visited->leaves < pieces)
		visited->leaves *= 2;
	visited->node = calloc(2 * visited->leaves, sizeof(*visited->node));
	visited->stale = calloc(visited->leaves / 64 + 1, sizeof(*visited->stale));
	visited->journal = calloc(2 * visited->leaves, sizeof(*visited->journal));
	if (!visited->node || !visited->stale || !visited->journal)
		return -ENOMEM;
	err = numbers_init(visited, &visited->pieces.numbers, 4096);
	if (!err)
		err = pairs_init(visited, &visited->inner);
	if (!err)
		err = pairs_init(visited, &visited->states);
	return err ? err : init_row(visited);
}

int visited_create(size_t pieces, struct visited **out)
{
	struct visited *visited = calloc(1, sizeof(*visited));
	int err;

	if (!visited)
		return -ENOMEM;
	err = visited_init(visited, pieces);
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
	free(visited->node);
	free(visited->stale);
	free(visited->journal);
	free(visited);
}
