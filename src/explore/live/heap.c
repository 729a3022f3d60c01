/* SPDX-License-Identifier: MIT */
/* The arena's heap: lowest place first, zeroed when freed (live.h). */
#include "live.h"

#include <string.h>

static size_t granules(const struct execution *execution)
{
	return execution->heap_size / GRANULE;
}

static bool is_allocated(const struct execution *execution, size_t granule)
{
	return heap_of(execution)->allocated[granule / 64] >> (granule % 64) & 1;
}

static void mark(struct execution *execution, size_t first, size_t count, bool allocated)
{
	struct heap *heap = heap_of(execution);

	for (size_t granule = first; granule < first + count; granule++) {
		uint64_t bit = UINT64_C(1) << (granule % 64);
		uint64_t *word = &heap->allocated[granule / 64];

		*word = allocated ? *word | bit : *word & ~bit;
		note_access(word, sizeof(*word), true, true, NULL);
	}
}

void heap_init(struct execution *execution)
{
	size_t bitmap = (granules(execution) + 63) / 64 * sizeof(uint64_t);
	size_t head = (sizeof(struct heap) + bitmap + EXECUTION_LINE - 1) / EXECUTION_LINE *
		      EXECUTION_LINE;

	memset(execution->memory, 0, execution->heap_size);
	mark(execution, 0, head / GRANULE, true);
	execution->used = head;
}

/* The first of `count` free granules in a row; granules(): there are none. */
static size_t find_room(const struct execution *execution, size_t count)
{
	size_t end = granules(execution), run = 0;

	for (size_t granule = 0; granule < end; granule++) {
		run = is_allocated(execution, granule) ? 0 : run + 1;
		if (run == count)
			return granule + 1 - count;
	}
	return end;
}

void *heap_allocate(struct execution *execution, size_t size, const void *code)
{
	size_t count = (size + sizeof(struct block) + GRANULE - 1) / GRANULE;
	size_t first =
		size < execution->heap_size ? find_room(execution, count) : granules(execution);
	struct block *block;

	if (first == granules(execution))
		return NULL;
	mark(execution, first, count, true);
	block = (struct block *)(execution->memory + first * GRANULE);
	*block = (struct block) {code, (uint32_t)(count * GRANULE), (uint32_t)size};
	/* Whom the allocator gives what is its own business: two do not race for it. */
	note_access(block, block->size, true, true, code);
	if ((first + count) * GRANULE > execution->used)
		execution->used = (first + count) * GRANULE;
	return block + 1;
}

static bool is_block(const struct execution *execution, const struct block *block)
{
	size_t first = (size_t)((const unsigned char *)block - execution->memory) / GRANULE;

	return first < granules(execution) && is_allocated(execution, first) && block->size;
}

size_t heap_size_of(const struct execution *execution, const void *memory)
{
	const struct block *block = (const struct block *)memory - 1;

	return is_block(execution, block) ? block->asked : 0;
}

void heap_free(struct execution *execution, void *memory, const void *code)
{
	struct block *block = (struct block *)memory - 1;
	size_t first = (size_t)((unsigned char *)block - execution->memory) / GRANULE;

	if (!is_block(execution, block)) {
		broken(FINDING_BAD_FREE, "frees what is not allocated", code);
		return;
	}
	note_access(block, block->size, true, false, code);
	mark(execution, first, block->size / GRANULE, false);
	memset(block, 0, block->size);
}

const struct block *heap_leaked(const struct execution *execution)
{
	size_t words = (granules(execution) + 63) / 64;
	size_t head = (sizeof(struct heap) + words * sizeof(uint64_t) + EXECUTION_LINE - 1) /
		      EXECUTION_LINE * EXECUTION_LINE / GRANULE;

	for (size_t word = head / 64; word < words; word++) {
		uint64_t bits = heap_of(execution)->allocated[word];

		if (word == head / 64)
			bits &= UINT64_MAX << (head % 64);
		if (bits)
			return (const struct block *)(execution->memory +
						      (word * 64 + (size_t)__builtin_ctzll(bits)) *
							      GRANULE);
	}
	return NULL;
}
