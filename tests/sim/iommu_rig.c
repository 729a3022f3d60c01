/* SPDX-License-Identifier: MIT */
#include "iommu_rig.h"

int set_up(void **state)
{
	static struct fixture fixture;

	open_fixture(&fixture);
	*state = &fixture;
	return 0;
}

int tear_down(void **state)
{
	close_fixture(*state);
	return 0;
}

void open_fixture(struct fixture *fixture)
{
	counted_alloc_init(&fixture->counted);
	assert_int_equal(memory_create(&fixture->counted.alloc, 4 * G1, &fixture->memory), 0);
	assert_int_equal(iommu_create(&fixture->counted.alloc, fixture->memory, &fixture->unit), 0);
	assert_int_equal(iommu_requester_add(fixture->unit, nic), 0);
	assert_int_equal(iommu_requester_add(fixture->unit, edu), 0);
}

void close_fixture(struct fixture *fixture)
{
	assert_int_equal(iommu_destroy(fixture->unit), 0);
	assert_int_equal(memory_frames(fixture->memory), 0);
	memory_destroy(fixture->memory);
	assert_int_equal(fixture->counted.live, 0);
}

struct iommu_domain *domain_with(struct fixture *fixture, enum iommu_kind kind, uint32_t requester)
{
	struct iommu_domain *domain;

	assert_int_equal(iommu_domain_create(fixture->unit, kind, &domain), 0);
	assert_int_equal(iommu_attach(fixture->unit, requester, domain), 0);
	return domain;
}

void end(struct fixture *fixture, struct iommu_domain *domain, uint32_t requester)
{
	assert_int_equal(iommu_attach(fixture->unit, requester, NULL), 0);
	assert_int_equal(iommu_domain_destroy(domain), 0);
}

int dma(struct fixture *fixture, uint32_t requester, uint64_t iova, unsigned int direction)
{
	char byte = 'x';

	return iommu_dma(fixture->unit, requester, iova, &byte, 1, direction);
}

void assert_fault(struct fixture *fixture, uint64_t iova, enum iommu_fault_reason reason)
{
	struct iommu_fault fault;

	assert_true(iommu_fault_next(fixture->unit, &fault));
	assert_int_equal(fault.iova, iova);
	assert_int_equal(fault.reason, reason);
	assert_false(iommu_fault_next(fixture->unit, &fault));
}

struct iommu_domain *stale_domain(struct fixture *fixture)
{
	struct iommu_domain *domain = domain_with(fixture, IOMMU_DMA_FQ, nic);

	assert_int_equal(iommu_map(domain, 0, 0, K4, RW), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
	assert_int_equal(iommu_unmap(domain, 0, K4, NULL), 0);
	assert_int_equal(dma(fixture, nic, 0, IOMMU_WRITE), 0);
	return domain;
}
