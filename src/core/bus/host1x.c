/* SPDX-License-Identifier: MIT */
/* NVIDIA's host1x: by compatible strings, or a driver of the device's own name; it has no override.
 */
#include "match.h"

#include <string.h>

static int host1x_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	if (match_platform_ids(device, driver))
		return 1;
	return strcmp(match_platform_name(device), dmaown_driver_type(driver)->name) == 0;
}

const struct dmaown_bus_type dmaown_bus_host1x = {
	.name = "host1x",
	.match = host1x_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
