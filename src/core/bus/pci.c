/* SPDX-License-Identifier: MIT */
/*
 * PCI: drivers match by vendor, device, subsystem and class. An override that names the driver is
 * enough without an id, as vfio-pci, which has none, needs it to be.
 */
#include "match.h"

static int pci_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	switch (match_override(device, driver)) {
	case OVERRIDE_THIS:
		return 1;
	case OVERRIDE_OTHER:
		return 0;
	case OVERRIDE_NONE:
		break;
	}
	return match_pci_ids(device, driver);
}

const struct dmaown_bus_type dmaown_bus_pci = {
	.name = "pci",
	.has_override = true,
	.match = pci_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};
