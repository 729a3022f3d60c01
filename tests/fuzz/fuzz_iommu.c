/* SPDX-License-Identifier: MIT */
/* The IOMMU: whatever is done with it, it and its model (iommu_shadow.h) agree. */
#include "iommu_shadow.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t operation;
	const char *broken = iommu_shadow_run(data, size, &operation);

	if (broken) {
		fprintf(stderr, "broken after operation %zu: %s\n", operation, broken);
		abort();
	}
	return 0;
}
