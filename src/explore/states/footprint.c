/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include <stdlib.h>

#define WORDS (EXECUTION_HEAP_MAX / 64)

/* A bit a byte of heap; a word counts only if it is noted as touched. */
struct footprint {
	size_t end; /* of `touched`: there is nothing behind it */
	uint64_t touched[WORDS / 64];
	uint64_t written[WORDS], plain[WORDS];
};

struct footprints {
	struct footprint threads[EXPLORE_THREADS_MAX];
};

struct footprints *footprints_create(void)
{
	return calloc(1, sizeof(struct footprints));
}

static void touch(struct footprint *footprint, size_t word)
{
	uint64_t bit = UINT64_C(1) << (word % 64);

	if (word / 64 < footprint->end && footprint->touched[word / 64] & bit)
		return;
	while (footprint->end <= word / 64)
		footprint->touched[footprint->end++] = 0;
	footprint->touched[word / 64] |= bit;
	footprint->written[word] = 0;
	footprint->plain[word] = 0;
}

static void add(struct footprint *footprint, const struct access *access)
{
	size_t begin = access->offset, end = begin + access->size;

	while (begin < end) {
		size_t word = begin / 64, stop = (word + 1) * 64 < end ? (word + 1) * 64 : end;
		uint64_t bits = stop - begin == 64
					? UINT64_MAX
					: ((UINT64_C(1) << (stop - begin)) - 1) << (begin % 64);

		touch(footprint, word);
		if (access->write)
			footprint->written[word] |= bits;
		if (!access->atomic)
			footprint->plain[word] |= bits;
		begin = stop;
	}
}

void footprint_take(struct footprints *footprints, unsigned int thread,
		    const struct execution *execution)
{
	struct footprint *footprint = &footprints->threads[thread];
	size_t count;
	const struct access *accesses = execution_accesses(execution, &count);

	footprint->end = 0;
	for (size_t i = 0; i < count; i++)
		add(footprint, &accesses[i]);
}

static bool races(const struct footprint *one, const struct footprint *other)
{
	size_t end = one->end < other->end ? one->end : other->end;

	for (size_t i = 0; i < end; i++)
		for (uint64_t both = one->touched[i] & other->touched[i]; both; both &= both - 1) {
			size_t word = i * 64 + (size_t)__builtin_ctzll(both);

			if ((one->written[word] & other->plain[word]) |
			    (one->plain[word] & other->written[word]))
				return true;
		}
	return false;
}

bool footprint_race(const struct footprints *footprints, unsigned int threads, unsigned int *one,
		    unsigned int *other)
{
	for (*one = 0; *one + 1 < threads; ++*one)
		for (*other = *one + 1; *other < threads; ++*other)
			if (races(&footprints->threads[*one], &footprints->threads[*other]))
				return true;
	return false;
}

bool access_races(const struct access *one, const struct access *other)
{
	return one->offset < other->offset + other->size &&
	       other->offset < one->offset + one->size && (one->write || other->write) &&
	       !(one->atomic && other->atomic);
}
