/* SPDX-License-Identifier: MIT */
#include "quirks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long number(const char *hex)
{
	return hex ? strtoul(hex, NULL, 16) : 0;
}

bool device_ids_read(const struct device_facts *device, struct device_ids *out)
{
	if (!device->pci || !device->vendor || !device->device)
		return false;
	*out = (struct device_ids) {.vendor = (uint16_t)number(device->vendor),
				    .device = (uint16_t)number(device->device),
				    .subvendor = (uint16_t)number(device->subvendor),
				    .subdevice = (uint16_t)number(device->subdevice),
				    .class = (uint32_t)number(device->class)};
	return true;
}

bool id_is_among(uint16_t id, const struct id_range *ranges)
{
	if (!ranges)
		return true;
	for (; ranges->step; ranges++)
		if (id >= ranges->first && id <= ranges->last &&
		    (id - ranges->first) % ranges->step == 0)
			return true;
	return false;
}

struct platform platform_of(const struct host_facts *host)
{
	struct platform platform = {.ivrs = KNOWN_NOT};
	unsigned int major, minor;

	if (host && host->release && sscanf(host->release, "%u.%u", &major, &minor) == 2)
		platform.kernel = KERNEL(major & 0xfff, minor & 0xffff);
	if (host && host->iommu_table)
		platform.ivrs = strcmp(host->iommu_table, "IVRS") == 0 ? KNOWN_YES : KNOWN_NO;
	return platform;
}
