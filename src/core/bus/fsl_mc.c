/* SPDX-License-Identifier: MIT */
/* NXP's management complex: objects of a vendor and a type. */
#include "match.h"

#include <string.h>

static int fsl_mc_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	const struct dmaown_fsl_mc_identity *identity = dmaown_device_identity(device);
	const struct dmaown_fsl_mc_id *id = dmaown_driver_type(driver)->ids;
	enum override override = match_override(device, driver);

	if (override != OVERRIDE_NONE)
		return override == OVERRIDE_THIS;
	if (!identity || !identity->type)
		return 0;
	for (; id && id->type; id++)
		if (id->vendor == identity->vendor && strcmp(id->type, identity->type) == 0)
			return 1;
	return 0;
}

const struct dmaown_bus_type dmaown_bus_fsl_mc = {
	.name = "fsl-mc",
	.has_override = true,
	.match = fsl_mc_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
