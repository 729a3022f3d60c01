/* SPDX-License-Identifier: MIT */
#include "late_groups.h"

#include "kernel_version.h"

#include <string.h>

/* Those of Intel and AMD say which devices they stand before as soon as there are devices. */
static bool knows_its_devices(const struct iommu_facts *iommu)
{
	return iommu->kind &&
	       (strcmp(iommu->kind, "intel") == 0 || strcmp(iommu->kind, "amd") == 0);
}

bool group_may_come_late(const struct facts *facts, const struct device_facts *device)
{
	const struct host_facts *host = facts->host;

	if (!host || device->group != -1 || device->driver)
		return false;
	if (kernel_is_before(host, 6, 15) == KNOWN_NO)
		return false;
	for (size_t i = 0; i < host->iommu_count; i++) {
		if (!knows_its_devices(&host->iommus[i]))
			return true;
	}
	return false;
}
