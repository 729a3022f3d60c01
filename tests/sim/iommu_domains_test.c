/* SPDX-License-Identifier: MIT */
/* Domains: who is in one, and until when what was unmapped is still reached. */
#include "iommu_rig.h"

#include <errno.h>

static const struct invalidation_case {
	const char *name;
	enum iommu_kind kind;
	uint64_t iova, size;
	int after_unmap; /* DMA through a translation that the TLB holds */
} invalidation_cases[] = {
	{"invalidate@dma-4k-at-unmap", IOMMU_DMA, 3 * K4, K4, -EFAULT},
	{"invalidate@dma-2m-at-unmap", IOMMU_DMA, 3 * M2, M2, -EFAULT},
	{"invalidate@dma-1g-at-unmap", IOMMU_DMA, 3 * G1, G1, -EFAULT},
	{"invalidate@dma-range-at-unmap", IOMMU_DMA, 3 * K4, 100 * K4, -EFAULT},
	{"invalidate@dma-mixed-sizes-at-unmap", IOMMU_DMA, M2 - K4, M2 + 2 * K4, -EFAULT},
	{"invalidate@unmanaged-at-unmap", IOMMU_UNMANAGED, 70 * K4, K4, -EFAULT},
	{"invalidate@dma-fq-4k-at-flush", IOMMU_DMA_FQ, 3 * K4, K4, 0},
	{"invalidate@dma-fq-1g-at-flush", IOMMU_DMA_FQ, G1, G1, 0},
};

static void invalidation(void **state)
{
	const struct invalidation_case *row = *state;
	uint64_t last = row->iova + row->size - K4;
	struct iommu_domain *domain;
	struct fixture fixture;

	open_fixture(&fixture);
	domain = domain_with(&fixture, row->kind, nic);
	assert_int_equal(iommu_map(domain, row->iova, 0, row->size, RW), 0);
	assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
	assert_int_equal(dma(&fixture, nic, row->iova, IOMMU_WRITE), 0);
	assert_int_equal(dma(&fixture, nic, last, IOMMU_WRITE), 0);
	assert_int_equal(iommu_unmap(domain, row->iova, row->size, NULL), 0);
	assert_int_equal(dma(&fixture, nic, row->iova, IOMMU_WRITE), row->after_unmap);
	assert_int_equal(dma(&fixture, nic, last, IOMMU_WRITE), row->after_unmap);
	iommu_flush(domain);
	assert_int_equal(dma(&fixture, nic, row->iova, IOMMU_WRITE), -EFAULT);
	assert_int_equal(dma(&fixture, nic, last, IOMMU_WRITE), -EFAULT);
	assert_int_equal(dma(&fixture, nic, 0, IOMMU_WRITE), 0);
	end(&fixture, domain, nic);
	close_fixture(&fixture);
}

/* What was mapped and never used is in no TLB: the tables are asked. */
static void unused_ends_at_unmap(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA_FQ, nic);

	assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
	assert_int_equal(iommu_unmap(domain, 0, K4, NULL), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), -EFAULT);
	end(fixture, domain, nic);
}

static void full_queue_flushes(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = stale_domain(fixture);
	struct iommu_counts counts;

	for (uint64_t waiting = 1; waiting < IOMMU_QUEUE_SIZE; waiting++) {
		assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
		assert_int_equal(iommu_map(domain, waiting * K4, 0, K4, RW), 0);
		assert_int_equal(iommu_unmap(domain, waiting * K4, K4, NULL), 0);
	}
	iommu_counts(fixture->unit, &counts);
	assert_int_equal(counts.flushes, 1);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), -EFAULT);
	end(fixture, domain, nic);
}

static void map_over_queued_flushes(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = stale_domain(fixture);
	char byte = 'n';

	assert_int_equal(iommu_map(domain, 0, M2, M2, RW), 0);
	assert_int_equal(iommu_dma(fixture->unit, nic, 0, &byte, 1, IOMMU_WRITE), 0);
	assert_int_equal(memory_read(fixture->memory, M2, &byte, 1), 0);
	assert_int_equal(byte, 'n');
	end(fixture, domain, nic);
}

static void map_elsewhere_does_not_flush(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = stale_domain(fixture);

	assert_int_equal(iommu_map(domain, K4, 0, K4, RW), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
	end(fixture, domain, nic);
}

static void leaving_flushes(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = stale_domain(fixture), *other;

	assert_int_equal(iommu_attach(fixture->unit, edu, domain), 0);
	assert_int_equal(dma(fixture, edu, 0, IOMMU_WRITE), 0);
	other = domain_with(fixture, IOMMU_BLOCKED, nic);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), -EFAULT);
	assert_int_equal(dma(fixture, edu, 0, IOMMU_WRITE), -EFAULT);
	assert_int_equal(iommu_attach(fixture->unit, nic, NULL), 0);
	end(fixture, domain, edu);
	end(fixture, other, nic);
}

/* Until the queue runs, tables that became empty stay where a walk may be. */
static void tables_outlive_the_queue(void **state)
{
	struct fixture *fixture = *state;
	size_t before = memory_frames(fixture->memory);
	struct iommu_domain *domain = stale_domain(fixture);

	assert_int_equal(memory_frames(fixture->memory) - before, 4);
	iommu_flush(domain);
	assert_int_equal(memory_frames(fixture->memory) - before, 1);
	end(fixture, domain, nic);
}

static void defer_in_use(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic), *blocked;

	assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
	fixture->counted.fail_after = 0;
	assert_int_equal(iommu_domain_defer(domain), -ENOMEM);
	assert_int_equal(iommu_domain_kind(domain), IOMMU_DMA);
	fixture->counted.fail_after = -1;
	assert_int_equal(iommu_domain_defer(domain), 0);
	assert_int_equal(iommu_domain_defer(domain), 0);
	assert_int_equal(iommu_domain_kind(domain), IOMMU_DMA_FQ);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
	assert_int_equal(iommu_unmap(domain, 0, K4, NULL), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
	assert_int_equal(iommu_domain_create(fixture->unit, IOMMU_BLOCKED, &blocked), 0);
	assert_int_equal(iommu_domain_defer(blocked), -EINVAL);
	assert_int_equal(iommu_domain_destroy(blocked), 0);
	end(fixture, domain, nic);
}

static void attach_replaces(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *first = domain_with(fixture, IOMMU_DMA, nic);
	struct iommu_domain *second;
	char byte = '1';

	assert_int_equal(iommu_map(first, 0, 0, K4, RW), 0);
	assert_int_equal(iommu_dma(fixture->unit, nic, 0, &byte, 1, IOMMU_WRITE), 0);
	second = domain_with(fixture, IOMMU_DMA, nic);
	assert_int_equal(iommu_map(second, 0, M2, K4, RW), 0);
	byte = '2';
	assert_int_equal(iommu_dma(fixture->unit, nic, 0, &byte, 1, IOMMU_WRITE), 0);
	assert_int_equal(memory_read(fixture->memory, 0, &byte, 1), 0);
	assert_int_equal(byte, '1');
	assert_int_equal(memory_read(fixture->memory, M2, &byte, 1), 0);
	assert_int_equal(byte, '2');
	assert_int_equal(iommu_domain_destroy(first), 0);
	end(fixture, second, nic);
}

static void attach_refused(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain, *foreign;
	struct iommu_unit *other;

	assert_int_equal(iommu_create(&fixture->counted.alloc, fixture->memory, &other), 0);
	assert_int_equal(iommu_domain_create(other, IOMMU_DMA, &foreign), 0);
	domain = domain_with(fixture, IOMMU_DMA, nic);
	assert_int_equal(iommu_attach(fixture->unit, nic, foreign), -EINVAL);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 1, foreign), -EINVAL);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 1u << 20, domain), -EINVAL);
	assert_int_equal(iommu_attach(fixture->unit, 0xffff, domain), -ENODEV);
	assert_int_equal(iommu_attach_pasid(fixture->unit, 0xffff, 1, domain), -ENODEV);
	assert_int_equal(iommu_requester_add(fixture->unit, nic), -EEXIST);
	assert_int_equal(iommu_requester_remove(fixture->unit, 0xffff), -ENODEV);
	assert_int_equal(iommu_domain_create(other, (enum iommu_kind)9, &foreign), -EINVAL);
	assert_int_equal(iommu_destroy(other), -EBUSY);
	assert_int_equal(iommu_domain_destroy(foreign), 0);
	assert_int_equal(iommu_destroy(other), 0);
	end(fixture, domain, nic);
}

static void attach_needs_no_memory(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *dma_domain = domain_with(fixture, IOMMU_DMA, nic);
	struct iommu_domain *blocked;

	assert_int_equal(iommu_domain_create(fixture->unit, IOMMU_BLOCKED, &blocked), 0);
	assert_int_equal(iommu_map(dma_domain, 0, 0, K4, RW), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 7, dma_domain), 0);
	fixture->counted.fail_after = 0;
	assert_int_equal(iommu_attach(fixture->unit, nic, blocked), 0);
	assert_int_equal(iommu_attach(fixture->unit, nic, dma_domain), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 8, blocked), -ENOMEM);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 7, blocked), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 7, NULL), 0);
	assert_int_equal(iommu_unmap(dma_domain, 0, K4, NULL), 0);
	fixture->counted.fail_after = -1;
	assert_int_equal(iommu_domain_destroy(blocked), 0);
	end(fixture, dma_domain, nic);
}

static void destroy_attached_ebusy(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA, nic);

	assert_int_equal(iommu_attach_pasid(fixture->unit, edu, 3, domain), 0);
	assert_int_equal(iommu_domain_destroy(domain), -EBUSY);
	assert_int_equal(iommu_attach(fixture->unit, nic, NULL), 0);
	assert_int_equal(iommu_domain_destroy(domain), -EBUSY);
	assert_int_equal(iommu_requester_remove(fixture->unit, edu), 0);
	assert_int_equal(iommu_domain_destroy(domain), 0);
	assert_int_equal(iommu_domain_destroy(NULL), 0);
}

static void pasids_have_their_own_domain(void **state)
{
	struct fixture *fixture = *state;
	struct iommu_domain *plain = domain_with(fixture, IOMMU_BLOCKED, nic), *tagged;
	struct iommu_fault fault;
	char byte = 'p';

	assert_int_equal(iommu_domain_create(fixture->unit, IOMMU_DMA, &tagged), 0);
	assert_int_equal(iommu_map(tagged, 0, 0, K4, RW), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 5, tagged), 0);
	assert_int_equal(iommu_dma_pasid(fixture->unit, nic, 5, 0, &byte, 1, IOMMU_WRITE), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), -EFAULT);
	assert_fault(fixture, 0, IOMMU_FAULT_BLOCKED);
	for (uint32_t pasid = 4; pasid <= 6; pasid += 2) {
		assert_int_equal(
			iommu_dma_pasid(fixture->unit, nic, pasid, 0, &byte, 1, IOMMU_WRITE),
			-EFAULT);
		assert_true(iommu_fault_next(fixture->unit, &fault));
		assert_int_equal(fault.pasid, pasid);
		assert_int_equal(fault.reason, IOMMU_FAULT_NO_CONTEXT);
	}
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 6, NULL), 0);
	assert_int_equal(iommu_attach_pasid(fixture->unit, nic, 5, NULL), 0);
	assert_int_equal(iommu_domain_destroy(tagged), 0);
	end(fixture, plain, nic);
}

static void untranslated_kinds_map_nothing(void **state)
{
	static const enum iommu_kind kinds[] = {IOMMU_IDENTITY, IOMMU_BLOCKED};
	struct fixture *fixture = *state;
	uint64_t phys = 0;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct iommu_domain *domain = domain_with(fixture, kinds[i], nic);

		assert_int_equal(iommu_map(domain, 0, 0, K4, RW), -EINVAL);
		assert_int_equal(iommu_unmap(domain, 0, K4, NULL), -EINVAL);
		iommu_flush(domain);
		assert_int_equal(iommu_iova_to_phys(domain, 77, &phys),
				 kinds[i] == IOMMU_IDENTITY ? 0 : -ENOENT);
		assert_int_equal(iommu_iova_to_phys(domain, TOP, &phys), -ENOENT);
		end(fixture, domain, nic);
	}
	assert_int_equal(phys, 77);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		ON_FIXTURE(unused_ends_at_unmap),
		ON_FIXTURE(full_queue_flushes),
		ON_FIXTURE(map_over_queued_flushes),
		ON_FIXTURE(map_elsewhere_does_not_flush),
		ON_FIXTURE(leaving_flushes),
		ON_FIXTURE(tables_outlive_the_queue),
		ON_FIXTURE(defer_in_use),
		ON_FIXTURE(attach_replaces),
		ON_FIXTURE(attach_refused),
		ON_FIXTURE(attach_needs_no_memory),
		ON_FIXTURE(destroy_attached_ebusy),
		ON_FIXTURE(pasids_have_their_own_domain),
		ON_FIXTURE(untranslated_kinds_map_nothing),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, invalidation_cases, invalidation);
	return suite_run(&suite, "iommu-domains");
}
