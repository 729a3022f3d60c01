/* SPDX-License-Identifier: MIT */
/*
 * What the simulated IOMMU does in a second: one page mapped, DMA of 8 bytes through it, unmapped,
 * for two page sizes, in ascending and in random order; and what the TLB is worth.
 *
 * Each figure is the median of rounds, which run the whole table one after the other, so that all
 * rows see the same machine.
 */
#include "iommu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define PAGES 16384 /* far more than the TLB holds */
#define FEW 16      /* far fewer */
#define K4 UINT64_C(0x1000)
#define M2 UINT64_C(0x200000)
#define REQUESTER IOMMU_REQUESTER(0, 1, 0, 0)

enum operation { MAP, DMA_MISS, DMA_HIT, UNMAP, OPERATIONS };

static const struct row {
	const char *name;
	uint64_t page;
	enum iommu_kind kind;
	int shuffled;
} rows[] = {
	{"4 KiB, ascending", K4, IOMMU_UNMANAGED, 0},   {"4 KiB, random", K4, IOMMU_UNMANAGED, 1},
	{"2 MiB, ascending", M2, IOMMU_UNMANAGED, 0},   {"2 MiB, random", M2, IOMMU_UNMANAGED, 1},
	{"4 KiB, random, DMA-FQ", K4, IOMMU_DMA_FQ, 1},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct bench {
	struct memory *memory;
	struct iommu_unit *unit;
	uint64_t order[PAGES]; /* page numbers */
};

static void must(int err, const char *what)
{
	if (err) {
		fprintf(stderr, "iommu: %s: %s\n", what, strerror(-err));
		exit(1);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Fisher and Yates, the same order in every run. */
static void arrange(struct bench *bench, int shuffled)
{
	uint64_t state = 1;

	for (size_t i = 0; i < PAGES; i++)
		bench->order[i] = i;
	for (size_t i = PAGES - 1; shuffled && i > 0; i--) {
		size_t other = (state = state * UINT64_C(6364136223846793005) + 1) % (i + 1);
		uint64_t page = bench->order[i];

		bench->order[i] = bench->order[other];
		bench->order[other] = page;
	}
}

static void one(struct bench *bench, struct iommu_domain *domain, const struct row *row,
		enum operation operation, size_t i)
{
	uint64_t iova = bench->order[operation == DMA_HIT ? i % FEW : i] * row->page, word;

	switch (operation) {
	case MAP:
		must(iommu_map(domain, iova, iova, row->page, IOMMU_READ | IOMMU_WRITE), "map");
		break;
	case UNMAP:
		must(iommu_unmap(domain, iova, row->page, NULL), "unmap");
		break;
	default:
		must(iommu_dma(bench->unit, REQUESTER, iova, &word, sizeof(word), IOMMU_READ),
		     "dma");
	}
}

/* Stores seconds for each operation on all pages. */
static void run(struct bench *bench, const struct row *row, double *seconds)
{
	struct iommu_domain *domain;

	arrange(bench, row->shuffled);
	must(iommu_domain_create(bench->unit, row->kind, &domain), "create");
	must(iommu_attach(bench->unit, REQUESTER, domain), "attach");
	for (int operation = 0; operation < OPERATIONS; operation++) {
		double start = now();

		for (size_t i = 0; i < PAGES; i++)
			one(bench, domain, row, (enum operation)operation, i);
		seconds[operation] = now() - start;
	}
	must(iommu_attach(bench->unit, REQUESTER, NULL), "detach");
	must(iommu_domain_destroy(domain), "destroy");
}

static int ascending(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(const double (*rounds)[ROWS][OPERATIONS], size_t row, int operation)
{
	double sorted[ROUNDS];

	for (size_t round = 0; round < ROUNDS; round++)
		sorted[round] = rounds[round][row][operation];
	qsort(sorted, ROUNDS, sizeof(sorted[0]), ascending);
	return sorted[ROUNDS / 2];
}

int main(void)
{
	static struct bench bench;
	static double rounds[ROUNDS][ROWS][OPERATIONS];

	must(memory_create(&sim_alloc_libc, UINT64_C(1) << 40, &bench.memory), "memory");
	must(iommu_create(&sim_alloc_libc, bench.memory, &bench.unit), "unit");
	must(iommu_requester_add(bench.unit, REQUESTER), "requester");
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t row = 0; row < ROWS; row++)
			run(&bench, &rows[row], rounds[round][row]);

	printf("%-24s %10s %10s %10s %10s %8s\n", "thousands a second", "map", "unmap", "DMA, miss",
	       "DMA, hit", "hit:miss");
	for (size_t row = 0; row < ROWS; row++) {
		double rate[OPERATIONS];

		for (int operation = 0; operation < OPERATIONS; operation++)
			rate[operation] = PAGES / median(rounds, row, operation) / 1000;
		printf("%-24s %10.0f %10.0f %10.0f %10.0f %8.1f\n", rows[row].name, rate[MAP],
		       rate[UNMAP], rate[DMA_MISS], rate[DMA_HIT], rate[DMA_HIT] / rate[DMA_MISS]);
	}
	must(iommu_destroy(bench.unit), "unit");
	memory_destroy(bench.memory);
	return 0;
}
