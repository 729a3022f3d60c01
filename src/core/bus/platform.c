/* SPDX-License-Identifier: MIT */
/* Platform devices: by override, else by the ids, else a driver of the device's own name. */
#include "match.h"

#include <string.h>

static int platform_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	enum override override = match_override(device, driver);

	if (override != OVERRIDE_NONE)
		return override == OVERRIDE_THIS;
	if (dmaown_driver_type(driver)->ids)
		return match_platform_ids(device, driver);
	return strcmp(match_platform_name(device), dmaown_driver_type(driver)->name) == 0;
}

const struct dmaown_bus_type dmaown_bus_platform = {
	.name = "platform",
	.has_override = true,
	.match = platform_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
