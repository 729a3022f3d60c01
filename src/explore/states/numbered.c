/* SPDX-License-Identifier: MIT */
#include "numbered.h"
#include "array.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define NOBODY UINT32_MAX
#define CHUNK ((size_t)1 << 20)
#define FIRST_SLOTS 4096

struct slot {
	uint32_t number, tag;
};

static int numbers_init(struct numbers *numbers, size_t room)
{
	numbers->slots = malloc(room * sizeof(struct slot));
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
static int numbers_grow(struct numbers *numbers)
{
	struct numbers grown;
	int err = numbers_init(&grown, 2 * (numbers->mask + 1));

	if (err)
		return err;
	free(numbers->slots);
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

static int pairs_make_room(struct pairs *pairs)
{
	uint64_t *pair = array_with_place(pairs->pair, &pairs->room, pairs->count, sizeof(*pair));
	int err;

	if (!pair)
		return -ENOMEM;
	pairs->pair = pair;
	if (!numbers_full(&pairs->numbers, pairs->count))
		return 0;
	err = numbers_grow(&pairs->numbers);
	for (size_t i = 0; !err && i < pairs->count; i++)
		numbers_put(&pairs->numbers, pair_hash(pairs->pair[i]), (uint32_t)i);
	return err;
}

int pairs_add(struct pairs *pairs, uint64_t pair, uint32_t *number, bool *fresh)
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
	if (pairs->count == NOBODY || pairs_make_room(pairs))
		return -ENOMEM;
	numbers_put(&pairs->numbers, hash, (uint32_t)pairs->count);
	pairs->pair[pairs->count] = pair;
	*number = (uint32_t)pairs->count++;
	*fresh = true;
	return 0;
}

int pairs_init(struct pairs *pairs)
{
	return numbers_init(&pairs->numbers, FIRST_SLOTS);
}

static size_t numbers_memory(const struct numbers *numbers)
{
	return (numbers->mask + 1) * sizeof(struct slot);
}

size_t pairs_memory(const struct pairs *pairs)
{
	return pairs->room * sizeof(*pairs->pair) + numbers_memory(&pairs->numbers);
}

void pairs_release(struct pairs *pairs)
{
	free(pairs->pair);
	free(pairs->numbers.slots);
}

/* ---- pieces ---- */

static int pieces_make_room(struct pieces *pieces)
{
	struct piece **piece =
		array_with_place(pieces->piece, &pieces->piece_room, pieces->count, sizeof(*piece));
	uint64_t *hash;
	int err;

	if (!piece)
		return -ENOMEM;
	pieces->piece = piece;
	hash = array_with_place(pieces->hash, &pieces->hash_room, pieces->count, sizeof(*hash));
	if (!hash)
		return -ENOMEM;
	pieces->hash = hash;
	if (!numbers_full(&pieces->numbers, pieces->count))
		return 0;
	err = numbers_grow(&pieces->numbers);
	for (size_t i = 0; !err && i < pieces->count; i++)
		numbers_put(&pieces->numbers, pieces->hash[i], (uint32_t)i);
	return err;
}

static int add_chunk(struct pieces *pieces)
{
	unsigned char **chunks =
		array_with_room(pieces->chunks, pieces->chunk_count, sizeof(*chunks));

	if (!chunks)
		return -ENOMEM;
	pieces->chunks = chunks;
	chunks[pieces->chunk_count] = malloc(CHUNK);
	if (!chunks[pieces->chunk_count])
		return -ENOMEM;
	pieces->chunk_count++;
	pieces->chunk_used = 0;
	return 0;
}

static struct piece *new_piece(struct pieces *pieces, size_t size)
{
	size_t wanted = (sizeof(struct piece) + size + 7) / 8 * 8;
	bool full = pieces->chunk_count == 0 || pieces->chunk_used + wanted > CHUNK;
	struct piece *piece;

	if (wanted > CHUNK || (full && add_chunk(pieces)))
		return NULL;
	piece = (struct piece *)(pieces->chunks[pieces->chunk_count - 1] + pieces->chunk_used);
	pieces->chunk_used += wanted;
	piece->size = (uint32_t)size;
	return piece;
}

int pieces_add(struct pieces *pieces, const void *bytes, size_t size, uint32_t *number)
{
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
	if (pieces->count == NOBODY || pieces_make_room(pieces))
		return -ENOMEM;
	piece = new_piece(pieces, size);
	if (!piece)
		return -ENOMEM;
	memcpy(piece->bytes, bytes, size);
	numbers_put(&pieces->numbers, hash, (uint32_t)pieces->count);
	pieces->piece[pieces->count] = piece;
	pieces->hash[pieces->count] = hash;
	*number = (uint32_t)pieces->count++;
	return 0;
}

int pieces_init(struct pieces *pieces)
{
	return numbers_init(&pieces->numbers, FIRST_SLOTS);
}

size_t pieces_memory(const struct pieces *pieces)
{
	return pieces->piece_room * sizeof(*pieces->piece) +
	       pieces->hash_room * sizeof(*pieces->hash) + pieces->chunk_count * CHUNK +
	       numbers_memory(&pieces->numbers);
}

void pieces_release(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->chunk_count; i++)
		free(pieces->chunks[i]);
	free(pieces->chunks);
	free(pieces->piece);
	free(pieces->hash);
	free(pieces->numbers.slots);
}
