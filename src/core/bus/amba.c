/* SPDX-License-Identifier: MIT */
/*
 * AMBA: by the peripheral id that the device's own registers hold. While they can't be read, for
 * want of a clock or power, no driver can be chosen and the probe is deferred; an override does not
 * wait.
 */
#include "match.h"

static int amba_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const struct dmaown_amba_identity *identity = dmaown_device_identity(device);
	const struct dmaown_amba_id *id = dmaown_driver_type(driver)->ids;
	enum override override = match_override(device, driver);

	if (override != OVERRIDE_NONE)
		return override == OVERRIDE_THIS;
	if (!identity || identity->periphid == 0)
		return -DMAOWN_EPROBE_DEFER;
	for (; id && id->mask; id++)
		if ((identity->periphid & id->mask) == id->periphid)
			return 1;
	return 0;
}

const struct dmaown_bus_type dmaown_bus_amba = {
	.name = "amba",
	.has_override = true,
	.match = amba_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
