/* SPDX-License-Identifier: MIT */
/* An IOMMU over memory of its own, and a device that does DMA of one byte. */

#ifndef DMAOWN_TESTS_SIM_IOMMU_RIG_H
#define DMAOWN_TESTS_SIM_IOMMU_RIG_H

#include "counted_alloc.h"
#include "iommu.h"
#include "rows.h"

#define K4 UINT64_C(0x1000)
#define M2 UINT64_C(0x200000)
#define G1 UINT64_C(0x40000000)
#define TOP (UINT64_C(1) << IOMMU_WIDTH)
#define RW (IOMMU_READ | IOMMU_WRITE)

static const uint32_t nic = IOMMU_REQUESTER(0, 2, 1, 0), edu = IOMMU_REQUESTER(0, 2, 2, 0);

/* 4 GiB behind a unit that knows two requesters. */
struct fixture {
	struct counted_alloc counted;
	struct memory *memory;
	struct iommu_unit *unit;
};

/* For a test that has its row as its state. */
void open_fixture(struct fixture *fixture);
void close_fixture(struct fixture *fixture);
/* For one that has the fixture. */
int set_up(void **state);
int tear_down(void **state);
#define ON_FIXTURE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* A domain of the kind with the device in it. */
struct iommu_domain *domain_with(struct fixture *fixture, enum iommu_kind kind, uint32_t requester);
/* Takes the requester out, and the domain away. */
void end(struct fixture *fixture, struct iommu_domain *domain, uint32_t requester);

/* DMA of one byte. */
int dma(struct fixture *fixture, uint32_t requester, uint64_t iova, unsigned int direction);
/* The one fault in the log is this one. */
void assert_fault(struct fixture *fixture, uint64_t iova, enum iommu_fault_reason reason);
/* A domain of which page 0 was used and unmapped, and is still within reach. */
struct iommu_domain *stale_domain(struct fixture *fixture);

#endif
