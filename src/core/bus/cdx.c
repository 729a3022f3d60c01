/* SPDX-License-Identifier: MIT */
/* AMD's CDX: ids as on PCI; an override must name a driver that also has an id for the device. */
#include "match.h"

static int cdx_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	if (match_override(device, driver) == OVERRIDE_OTHER)
		return 0;
	return match_pci_ids(device, driver);
}

const struct dmaown_bus_type dmaown_bus_cdx = {
	.name = "cdx",
	.has_override = true,
	.match = cdx_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
