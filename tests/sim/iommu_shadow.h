/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU against a model of it that is too plain to be wrong: an array of pages.
 *
 * Bytes are read as operations (map, map with a failing allocation, unmap, flush, DMA, leave and
 * come back, defer) on a domain with one requester. After each one its errno must be the model's,
 * and what the requester can reach must be exactly the model's pages, or, while unmaps wait in a
 * flush queue, pages that were unmapped and wait. In the end nothing may be left allocated.
 */
#ifndef DMAOWN_TESTS_SIM_IOMMU_SHADOW_H
#define DMAOWN_TESTS_SIM_IOMMU_SHADOW_H

#include <stddef.h>
#include <stdint.h>

/* NULL: they agreed in every step. Else what did not hold, static, and in *operation, if not NULL,
 * the number of the operation after which that was seen. */
const char *iommu_shadow_run(const uint8_t *bytes, size_t length, size_t *operation);

#endif
