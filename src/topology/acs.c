/* SPDX-License-Identifier: MIT */
#include "acs.h"
#include "isolation_quirks.h"

bool is_one_of_several(const struct pci_facts *pci)
{
	return !pci->physical_function && (pci->multifunction || pci->function != 0);
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

enum known registers_isolate(const struct pci_facts *pci)
{
	bool port = pci->type == PCIE_ROOT_PORT || pci->type == PCIE_DOWNSTREAM;

	if (pci->physical_function)
		return KNOWN_YES;
	if (pci->config != CONFIG_READ)
		return KNOWN_NOT;
	if (!acs_would_isolate(pci))
		return KNOWN_NO;
	return (!port && !is_one_of_several(pci)) || !acs_missing(pci) ? KNOWN_YES : KNOWN_NO;
}

enum known isolates(const struct platform *platform, const struct device_facts *device)
{
	const struct isolation_quirk *quirk = isolation_quirk(platform, device);

	if (quirk)
		return quirk->answer == QUIRK_ISOLATES ? KNOWN_YES : KNOWN_NO;
	return registers_isolate(device->pci);
}
