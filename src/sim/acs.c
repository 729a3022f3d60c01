/* SPDX-License-Identifier: MIT */
#include "acs.h"

#include "quirks.h"

bool is_one_of_several(const struct pci_facts *pci)
{
	return pci->multifunction || (pci->function != 0 && !pci->physical_function);
}

uint16_t acs_missing(const struct pci_facts *pci)
{
	if (!pci->has_acs)
		return ACS_ISOLATION;
	return ACS_ISOLATION & pci->acs_capability & (uint16_t)~pci->acs_control;
}

bool acs_would_isolate(const struct pci_facts *pci)
{
	switch (pci->type) {
	case PCIE_ROOT_PORT:
	case PCIE_DOWNSTREAM:
	case PCIE_ENDPOINT:
	case PCIE_LEGACY_ENDPOINT:
	case PCIE_UPSTREAM:
	case PCIE_INTEGRATED_ENDPOINT:
		return true;
	default:
		return false;
	}
}

bool registers_isolate(const struct pci_facts *pci)
{
	bool port = pci->type == PCIE_ROOT_PORT || pci->type == PCIE_DOWNSTREAM;

	if (!acs_would_isolate(pci))
		return false;
	return (!port && !is_one_of_several(pci)) || !acs_missing(pci);
}

bool isolates(const struct device_facts *device)
{
	return registers_isolate(device->pci) || quirk_isolation(device);
}
