/* SPDX-License-Identifier: MIT */
#include "acs_layout.h"

#include "array.h"

#include <stdlib.h>

bool acs_is_wide(uint16_t vendor, uint16_t device, int type)
{
	static const struct {
		uint16_t first, last;
	} ports[] = {
		{0x9d10, 0x9d1b}, {0xa110, 0xa11f}, {0xa167, 0xa16a},
		{0xa290, 0xa29f}, {0xa2e7, 0xa2ee},
	};

	if (vendor != 0x8086 || type != PCIE_ROOT_PORT)
		return false;
	for (size_t i = 0; i < COUNT(ports); i++)
		if (device >= ports[i].first && device <= ports[i].last)
			return true;
	return false;
}

bool acs_control_is_unseen(const struct device_facts *device)
{
	const struct pci_facts *pci = device->pci;

	return pci && pci->has_acs && !pci->acs_wide && device->vendor && device->device &&
	       acs_is_wide((uint16_t)strtoul(device->vendor, NULL, 16),
			   (uint16_t)strtoul(device->device, NULL, 16), pci->type);
}
