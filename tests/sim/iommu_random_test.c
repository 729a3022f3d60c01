/* SPDX-License-Identifier: MIT */
/* iommu_random_test SEED: random operations against the model. */
#include "iommu_shadow.h"

#include <stdio.h>
#include <stdlib.h>

#define LENGTH 6000 /* about 1500 operations */

/* xorshift64*: the same bytes everywhere. */
static uint8_t random_byte(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint8_t)(*state * UINT64_C(0x2545f4914f6cdd1d) >> 56);
}

static int run(unsigned long seed)
{
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	uint8_t bytes[LENGTH];
	const char *broken;
	size_t operation;

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = random_byte(&state);
	broken = iommu_shadow_run(bytes, LENGTH, &operation);
	printf("seed %lu: %zu operations: %s\n", seed, operation, broken ? broken : "agree");
	return broken ? 1 : 0;
}

int main(int argc, char **argv)
{
	return argc == 2 ? run(strtoul(argv[1], NULL, 10)) : 2;
}
