/* SPDX-License-Identifier: MIT */
/* What is mapped is what DMA reaches, and nothing else; what can not be mapped changes nothing. */
#include "iommu_rig.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const struct map_refusal {
	const char *name;
	uint64_t iova, phys, size;
	unsigned int permissions;
	int err;
} map_refusals[] = {
	{"map@iova-unaligned-einval", 1, 0, 4096, RW, -EINVAL},
	{"map@phys-unaligned-einval", 0, 2048, 4096, RW, -EINVAL},
	{"map@size-unaligned-einval", 0, 0, 4097, RW, -EINVAL},
	{"map@size-zero-einval", 0, 0, 0, RW, -EINVAL},
	{"map@iova-beyond-width-einval", TOP, 0, 4096, RW, -EINVAL},
	{"map@end-beyond-width-einval", TOP - 4096, 0, 8192, RW, -EINVAL},
	{"map@iova-wraps-einval", UINT64_MAX - 4095, 0, 8192, RW, -EINVAL},
	{"map@size-wraps-einval", 4096, 0, UINT64_MAX - 4095, RW, -EINVAL},
	{"map@phys-beyond-52-bits-einval", 0, UINT64_C(1) << 52, 4096, RW, -EINVAL},
	{"map@no-permissions-einval", 0, 0, 4096, 0, -EINVAL},
	{"map@unknown-permission-einval", 0, 0, 4096, 4, -EINVAL},
	{"map@same-page-eexist", 64 * K4, 0, 4096, RW, -EEXIST},
	{"map@end-overlaps-eexist", 60 * K4, 0, 5 * K4, RW, -EEXIST},
	{"map@begin-overlaps-eexist", 64 * K4, 0, M2, RW, -EEXIST},
	{"map@around-eexist", 0, 0, G1, RW, -EEXIST},
	{"map@within-a-large-page-eexist", 2 * G1 + 5 * K4, 0, 4096, RW, -EEXIST},
	{"map@last-page-of-the-width", TOP - 4096, 0, 4096, IOMMU_READ, 0},
	{"map@last-page-of-the-bus", G1, (UINT64_C(1) << 52) - 4096, 4096, IOMMU_WRITE, 0},
};

/* A refused map takes no frame; with page 64 and the large page at 2 GiB mapped before. */
static void map_refused(void **state)
{
	const struct map_refusal *row = *state;
	struct iommu_domain *domain;
	struct fixture fixture;
	size_t frames;
	uint64_t phys;

	open_fixture(&fixture);
	domain = domain_with(&fixture, IOMMU_UNMANAGED, nic);
	assert_int_equal(iommu_map(domain, 64 * K4, 0, K4, RW), 0);
	assert_int_equal(iommu_map(domain, 2 * G1, 0, M2, RW), 0);
	frames = memory_frames(fixture.memory);
	assert_int_equal(iommu_map(domain, row->iova, row->phys, row->size, row->permissions),
			 row->err);
	if (row->err)
		assert_int_equal(memory_frames(fixture.memory), frames);
	assert_int_equal(iommu_iova_to_phys(domain, 64 * K4 + 9, &phys), 0);
	assert_int_equal(phys, 9);
	assert_int_equal(iommu_iova_to_phys(domain, 65 * K4, &phys), -ENOENT);
	end(&fixture, domain, nic);
	close_fixture(&fixture);
}

static const struct page_case {
	const char *name;
	uint64_t iova, phys, size;
	size_t tables; /* below the root */
} page_cases[] = {
	{"pages@one-4k", K4, 2 * K4, K4, 3},
	{"pages@one-2m", M2, 2 * M2, M2, 2},
	{"pages@one-1g", G1, 2 * G1, G1, 1},
	{"pages@phys-not-2m-aligned", M2, K4, M2, 3},
	{"pages@phys-not-1g-aligned", G1, M2, G1, 2},
	{"pages@iova-not-2m-aligned", K4, 0, M2, 4},
	{"pages@2m-between-4k", M2 - K4, M2 - K4, M2 + 2 * K4, 4},
	{"pages@512g-are-1g-pages", 512 * G1, 0, 512 * G1, 1},
	{"pages@whole-width", 0, 0, TOP, 512},
	{"pages@across-512g", 512 * G1 - K4, 0, 2 * K4, 6},
};

/* The number of tables tells which page sizes were taken; every address is where it belongs. */
static void pages(void **state)
{
	const struct page_case *row = *state;
	struct iommu_domain *domain;
	struct fixture fixture;
	uint64_t phys, unmapped;
	size_t frames;

	open_fixture(&fixture);
	domain = domain_with(&fixture, IOMMU_DMA, nic);
	frames = memory_frames(fixture.memory);
	assert_int_equal(iommu_map(domain, row->iova, row->phys, row->size, RW), 0);
	assert_int_equal(memory_frames(fixture.memory) - frames, row->tables);
	for (uint64_t at = 0; at < row->size; at += row->size / 8 + 1) {
		assert_int_equal(iommu_iova_to_phys(domain, row->iova + at, &phys), 0);
		assert_int_equal(phys, row->phys + at);
	}
	assert_int_equal(iommu_iova_to_phys(domain, row->iova - 1, &phys), -ENOENT);
	assert_int_equal(iommu_iova_to_phys(domain, row->iova + row->size, &phys), -ENOENT);
	assert_int_equal(iommu_unmap(domain, row->iova, row->size, &unmapped), 0);
	assert_int_equal(unmapped, row->size);
	assert_int_equal(memory_frames(fixture.memory), frames);
	end(&fixture, domain, nic);
	close_fixture(&fixture);
}

static const struct unmap_case {
	const char *name;
	uint64_t iova, size, unmapped;
	int err;
} unmap_cases[] = {
	{"unmap@iova-unaligned-einval", 1, K4, 0, -EINVAL},
	{"unmap@size-unaligned-einval", 0, 1, 0, -EINVAL},
	{"unmap@size-zero-einval", 0, 0, 0, -EINVAL},
	{"unmap@beyond-width-einval", TOP - K4, 2 * K4, 0, -EINVAL},
	{"unmap@nothing-there-enoent", 4 * K4, K4, 0, -ENOENT},
	{"unmap@begins-in-a-large-page-einval", M2 + K4, M2, 0, -EINVAL},
	{"unmap@ends-in-a-large-page-einval", 0, M2 + K4, 0, -EINVAL},
	{"unmap@within-a-large-page-einval", M2 + K4, K4, 0, -EINVAL},
	{"unmap@one-page", K4, K4, K4, 0},
	{"unmap@range-with-holes", 0, M2, 2 * K4, 0},
	{"unmap@several-mappings", 0, 2 * M2, 2 * K4 + M2, 0},
	{"unmap@everything", 0, TOP, 2 * K4 + M2, 0},
};

/* Out of 4 KiB pages at 1 and 3 and a 2 MiB page at 2 MiB. */
static void unmap(void **state)
{
	const struct unmap_case *row = *state;
	struct iommu_domain *domain;
	struct fixture fixture;
	uint64_t unmapped = 0, rest = 0;

	open_fixture(&fixture);
	domain = domain_with(&fixture, IOMMU_DMA, nic);
	assert_int_equal(iommu_map(domain, K4, 0, K4, RW), 0);
	assert_int_equal(iommu_map(domain, 3 * K4, 0, K4, RW), 0);
	assert_int_equal(iommu_map(domain, M2, 0, M2, RW), 0);
	assert_int_equal(iommu_unmap(domain, row->iova, row->size, &unmapped), row->err);
	assert_int_equal(unmapped, row->unmapped);
	iommu_unmap(domain, 0, TOP, &rest);
	assert_int_equal(unmapped + rest, 2 * K4 + M2);
	end(&fixture, domain, nic);
	close_fixture(&fixture);
}

static const struct dma_case {
	const char *name;
	enum iommu_kind kind;
	uint64_t iova;
	unsigned int direction;
	int err;
	enum iommu_fault_reason reason;
} dma_cases[] = {
	{"dma@blocked-read", IOMMU_BLOCKED, 0, IOMMU_READ, -EFAULT, IOMMU_FAULT_BLOCKED},
	{"dma@blocked-write", IOMMU_BLOCKED, 0, IOMMU_WRITE, -EFAULT, IOMMU_FAULT_BLOCKED},
	{"dma@identity-write", IOMMU_IDENTITY, 2 * K4, IOMMU_WRITE, 0, 0},
	{"dma@identity-wide", IOMMU_IDENTITY, TOP, IOMMU_READ, -EFAULT, IOMMU_FAULT_ADDRESS_WIDTH},
	{"dma@identity-beyond-memory-eio", IOMMU_IDENTITY, 4 * G1, IOMMU_READ, -EIO, 0},
	{"dma@read-only-read", IOMMU_DMA, K4, IOMMU_READ, 0, 0},
	{"dma@read-only-write", IOMMU_DMA, K4, IOMMU_WRITE, -EFAULT, IOMMU_FAULT_NO_WRITE},
	{"dma@write-only-write", IOMMU_DMA, 2 * K4, IOMMU_WRITE, 0, 0},
	{"dma@write-only-read", IOMMU_DMA, 2 * K4, IOMMU_READ, -EFAULT, IOMMU_FAULT_NO_READ},
	{"dma@not-mapped", IOMMU_DMA, 3 * K4, IOMMU_READ, -EFAULT, IOMMU_FAULT_NOT_PRESENT},
	{"dma@fq-not-mapped", IOMMU_DMA_FQ, 3 * K4, IOMMU_READ, -EFAULT, IOMMU_FAULT_NOT_PRESENT},
	{"dma@unmanaged-write", IOMMU_UNMANAGED, 2 * K4, IOMMU_WRITE, 0, 0},
	{"dma@wide", IOMMU_DMA, UINT64_MAX - 1, IOMMU_READ, -EFAULT, IOMMU_FAULT_ADDRESS_WIDTH},
	{"dma@mapped-beyond-memory-eio", IOMMU_DMA, M2, IOMMU_WRITE, -EIO, 0},
	{"dma@no-direction-einval", IOMMU_IDENTITY, 0, 0, -EINVAL, 0},
	{"dma@both-directions-einval", IOMMU_IDENTITY, 0, RW, -EINVAL, 0},
};

static void dma_by_kind(void **state)
{
	const struct dma_case *row = *state;
	struct iommu_domain *domain;
	struct fixture fixture;
	struct iommu_fault fault;

	open_fixture(&fixture);
	domain = domain_with(&fixture, row->kind, nic);
	if (row->kind != IOMMU_IDENTITY && row->kind != IOMMU_BLOCKED) {
		assert_int_equal(iommu_map(domain, K4, 0, K4, IOMMU_READ), 0);
		assert_int_equal(iommu_map(domain, 2 * K4, 0, K4, IOMMU_WRITE), 0);
		assert_int_equal(iommu_map(domain, M2, 8 * G1, K4, RW), 0);
	}
	/* The second time by what the TLB remembers. */
	for (int time = 0; time < 2; time++) {
		assert_int_equal(dma(&fixture, nic, row->iova, row->direction), row->err);
		if (row->err == -EFAULT)
			assert_fault(&fixture, row->iova & ~(K4 - 1), row->reason);
	}
	assert_false(iommu_fault_next(fixture.unit, &fault));
	end(&fixture, domain, nic);
	close_fixture(&fixture);
}

static void dma_without_context_faults(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_fault fault;
	uint32_t stranger = IOMMU_REQUESTER(1, 0, 0, 7);

	assert_int_equal(dma(fixture, stranger, 5 * K4 + 3, IOMMU_WRITE), -EFAULT);
	assert_true(iommu_fault_next(fixture->unit, &fault));
	assert_int_equal(fault.requester, 0x10007);
	assert_int_equal(fault.pasid, IOMMU_NO_PASID);
	assert_int_equal(fault.iova, 5 * K4);
	assert_true(fault.write);
	assert_int_equal(fault.reason, IOMMU_FAULT_NO_CONTEXT);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_READ), -EFAULT);
	assert_fault(fixture, 0, IOMMU_FAULT_NO_CONTEXT);
}

/* Frames below a fault hold the new bytes, those from it on the old ones. */
static void dma_transfers_up_to_the_fault(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic);
	char bytes[3 * 4096], seen[3 * 4096] = {0};

	assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
	assert_int_equal(iommu_map(domain, K4, K4, K4, IOMMU_READ), 0);
	assert_int_equal(iommu_map(domain, 2 * K4, 2 * K4, K4, RW), 0);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(iommu_dma(fixture->unit, nic, 100, bytes, 2 * K4, IOMMU_WRITE), -EFAULT);
	assert_fault(fixture, K4, IOMMU_FAULT_NO_WRITE);
	assert_int_equal(memory_read(fixture->memory, 0, seen, sizeof(seen)), 0);
	for (size_t i = 0; i < sizeof(seen); i++)
		assert_int_equal(seen[i], i >= 100 && i < K4 ? 'x' : 0);
	end(fixture, domain, nic);
}

static void dma_crosses_pages(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic);
	char bytes[] = "from one page to another", seen[sizeof(bytes)];

	/* Neighbours in IOVAs that are far apart and in other order in memory. */
	assert_int_equal(iommu_map(domain, 0, 9 * K4, K4, RW), 0);
	assert_int_equal(iommu_map(domain, K4, 3 * K4, K4, RW), 0);
	assert_int_equal(iommu_dma(fixture->unit, nic, K4 - 4, bytes, sizeof(bytes), IOMMU_WRITE),
			 0);
	assert_int_equal(memory_read(fixture->memory, 10 * K4 - 4, seen, 4), 0);
	assert_int_equal(memory_read(fixture->memory, 3 * K4, seen + 4, sizeof(seen) - 4), 0);
	assert_string_equal(seen, bytes);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(iommu_dma(fixture->unit, nic, K4 - 4, seen, sizeof(seen), IOMMU_READ), 0);
	assert_string_equal(seen, bytes);
	end(fixture, domain, nic);
}

static void fault_log_overflows(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_fault fault;

	for (uint64_t i = 0; i < IOMMU_FAULTS; i++)
		dma(fixture, nic, i * K4, IOMMU_READ);
	assert_false(iommu_faults_lost(fixture->unit));
	dma(fixture, nic, G1, IOMMU_READ);
	assert_true(iommu_faults_lost(fixture->unit));
	assert_false(iommu_faults_lost(fixture->unit));
	assert_true(iommu_fault_next(fixture->unit, &fault));
	assert_int_equal(fault.iova, 0);
	dma(fixture, nic, M2, IOMMU_READ);
	for (uint64_t i = 1; i < IOMMU_FAULTS; i++) {
		assert_true(iommu_fault_next(fixture->unit, &fault));
		assert_int_equal(fault.iova, i * K4);
	}
	assert_fault(fixture, M2, IOMMU_FAULT_NO_CONTEXT);
	for (int reason = IOMMU_FAULT_NO_CONTEXT; reason <= IOMMU_FAULT_ADDRESS_WIDTH; reason++)
		assert_true(strlen(iommu_fault_text((enum iommu_fault_reason)reason)) > 0);
}

/* What iommu_reach() found. */
struct reached {
	struct iommu_range ranges[16];
	size_t count;
};

static void note_range(void *ctx, const struct iommu_range *range)
{
	struct reached *reached = ctx;

	assert_true(reached->count < COUNT(reached->ranges));
	reached->ranges[reached->count++] = *range;
}

static void assert_reach(struct fixture *fixture, const struct iommu_range *expected, size_t count)
{
	struct reached reached = {.count = 0};

	assert_int_equal(iommu_reach(fixture->unit, nic, note_range, &reached), 0);
	assert_int_equal(reached.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(reached.ranges[i].pasid, expected[i].pasid);
		assert_int_equal(reached.ranges[i].iova, expected[i].iova);
		assert_int_equal(reached.ranges[i].phys, expected[i].phys);
		assert_int_equal(reached.ranges[i].size, expected[i].size);
		assert_int_equal(reached.ranges[i].permissions, expected[i].permissions);
		assert_int_equal(reached.ranges[i].stale, expected[i].stale);
	}
}

static void reach_joins_neighbours(void **state)
{
	static const struct iommu_range expected[] = {
		{IOMMU_NO_PASID, M2 - K4, M2 - K4, M2 + 2 * K4, RW, false},
		{IOMMU_NO_PASID, 2 * M2 + K4, 2 * M2 + K4, K4, IOMMU_READ, false},
		{IOMMU_NO_PASID, 2 * M2 + 2 * K4, 0, K4, IOMMU_READ, false},
		{IOMMU_NO_PASID, TOP - G1, 2 * G1, G1, IOMMU_WRITE, false},
	};
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic);

	for (size_t i = COUNT(expected); i-- > 0;)
		assert_int_equal(iommu_map(domain, expected[i].iova, expected[i].phys,
					   expected[i].size, expected[i].permissions),
				 0);
	assert_reach(fixture, expected, COUNT(expected));
	end(fixture, domain, nic);
	assert_reach(fixture, NULL, 0);
	assert_int_equal(iommu_reach(fixture->unit, 0xffff, note_range, NULL), -ENODEV);
}

static void reach_tells_stale_and_pasids(void **state)
{
	static const struct iommu_range expected[] = {
		{IOMMU_NO_PASID, 0, 0, K4, RW, true},
		{2, 0, 0, 4 * G1, RW, false},
		{9, 0, 0, 4 * G1, RW, false},
	};
	struct fixture *fixture = *state;
	struct iommu_domain *domain = stale_domain(fixture), *identity;

	assert_int_equal(iommu_domain_create(fixture->unit, IOMMU_IDENTITY, &identity), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 9, identity), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 2, identity), 0);
	assert_reach(fixture, expected, COUNT(expected));
	iommu_flush(domain);
	assert_reach(fixture, expected + 1, 2);
	assert_int_equal(iommu_requester_remove(fixture->unit, nic), 0);
	assert_int_equal(iommu_domain_destroy(identity), 0);
	assert_int_equal(iommu_domain_destroy(domain), 0);
}

/* Makes each allocation of one map fail in turn: the frames of a memory come from it too. */
static void map_enomem_sweep(void **state)
{
	long after;

	for (after = 0;; after++) {
		struct fixture fixture;
		struct iommu_domain *domain;
		size_t frames;
		int err;

		open_fixture(&fixture);
		domain = domain_with(&fixture, IOMMU_UNMANAGED, nic);
		assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
		frames = memory_frames(fixture.memory);
		fixture.counted.fail_after = after;
		err = iommu_map(domain, 512 * G1 - M2 - K4, 0, 2 * M2 + 3 * K4, RW);
		fixture.counted.fail_after = -1;
		if (err) {
			struct reached reached = {.count = 0};

			assert_int_equal(err, -ENOMEM);
			assert_int_equal(memory_frames(fixture.memory), frames);
			assert_int_equal(iommu_reach(fixture.unit, nic, note_range, &reached), 0);
			assert_int_equal(reached.count, 1);
			assert_int_equal(reached.ranges[0].size, K4);
		}
		end(&fixture, domain, nic);
		close_fixture(&fixture);
		if (!err)
			break;
	}
	assert_true(after >= 4);
}

static const struct creation_case {
	const char *name;
	enum iommu_kind kind;
	long allocations; /* without those that hold a frame */
} creation_cases[] = {
	{"domain_create@dma-enomem", IOMMU_DMA, 3},
	{"domain_create@dma-fq-enomem", IOMMU_DMA_FQ, 4},
	{"domain_create@unmanaged-enomem", IOMMU_UNMANAGED, 3},
	{"domain_create@identity-enomem", IOMMU_IDENTITY, 3},
	{"domain_create@blocked-enomem", IOMMU_BLOCKED, 3},
};

/* Creates a unit, a requester and a domain and destroys what came to be. */
static int create_all(struct counted_alloc *counted, struct memory *memory, enum iommu_kind kind)
{
	struct iommu_domain *domain = NULL;
	struct iommu_unit *unit;
	int err = iommu_create(&counted->alloc, memory, &unit);

	if (err)
		return err;
	err = iommu_requester_add(unit, nic);
	if (!err)
		err = iommu_domain_create(unit, kind, &domain);
	assert_int_equal(iommu_domain_destroy(domain), 0);
	assert_int_equal(iommu_destroy(unit), 0);
	return err;
}

/* Each of the allocations fails in turn, then a memory without a single free frame. */
static void creation_enomem(void **state)
{
	const struct creation_case *row = *state;
	bool translated = row->kind != IOMMU_IDENTITY && row->kind != IOMMU_BLOCKED;
	struct counted_alloc counted;
	struct memory *memory;
	uint64_t region;

	assert_int_equal(memory_create(&sim_alloc_libc, G1, &memory), 0);
	counted_alloc_init(&counted);
	for (long after = 0; after <= row->allocations; after++) {
		counted.fail_after = after;
		assert_int_equal(create_all(&counted, memory, row->kind),
				 after < row->allocations ? -ENOMEM : 0);
		assert_int_equal(counted.live, 0);
		assert_int_equal(memory_frames(memory), 0);
	}
	memory_destroy(memory);
	assert_int_equal(memory_create(&sim_alloc_libc, G1, &memory), 0);
	assert_int_equal(memory_region_alloc(memory, G1, K4, &region), 0);
	counted_alloc_init(&counted);
	assert_int_equal(create_all(&counted, memory, row->kind), translated ? -ENOMEM : 0);
	assert_int_equal(counted.live, 0);
	memory_destroy(memory);
}

/* A device that writes to IOVA 0 until it is told to stop. */
struct writer {
	struct fixture *fixture;
	atomic_bool stop;
};

static void *write_on(void *argument)
{
	struct writer *writer = argument;

	while (!atomic_load(&writer->stop))
		dma(writer->fixture, nic, 0, IOMMU_WRITE);
	return NULL;
}

/* Memory is its owner's again when unmap returns, whatever the device is at on another CPU. */
static void unmap_against_running_dma(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic);
	struct writer writer = {.fixture = fixture};
	char owner = 'o', seen = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
	for (int time = 0; time < 300 && seen != 'x'; time++) {
		iommu_map(domain, 0, 0, K4, RW);
		iommu_unmap(domain, 0, K4, NULL);
		memory_write(fixture->memory, 0, &owner, 1);
		sched_yield();
		memory_read(fixture->memory, 0, &seen, 1);
	}
	atomic_store(&writer.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(seen, 'o');
	end(fixture, domain, nic);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		ON_FIXTURE(dma_without_context_faults), ON_FIXTURE(dma_transfers_up_to_the_fault),
		ON_FIXTURE(dma_crosses_pages),          ON_FIXTURE(fault_log_overflows),
		ON_FIXTURE(reach_joins_neighbours),     ON_FIXTURE(reach_tells_stale_and_pasids),
		ON_FIXTURE(unmap_against_running_dma),  cmocka_unit_test(map_enomem_sweep),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, map_refusals, map_refused);
	ADD_ROWS(&suite, page_cases, pages);
	ADD_ROWS(&suite, unmap_cases, unmap);
	ADD_ROWS(&suite, dma_cases, dma_by_kind);
	ADD_ROWS(&suite, creation_cases, creation_enomem);
	return suite_run(&suite, "iommu");
}
