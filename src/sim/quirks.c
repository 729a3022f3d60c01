/* SPDX-License-Identifier: MIT */
#include "quirks.h"

#include <stdlib.h>

/* Root ports of Intel's chipsets from Ibex Peak to Wellsburg: they redirect without saying so. */
static const uint16_t intel_chipset_ports[] = {
	0x3b42, 0x3b43, 0x3b44, 0x3b45, 0x3b46, 0x3b47, 0x3b48, 0x3b49, 0x3b4a, 0x3b4b, 0x3b4c,
	0x3b4d, 0x3b4e, 0x3b4f, 0x3b50, 0x3b51, 0x1c10, 0x1c11, 0x1c12, 0x1c13, 0x1c14, 0x1c15,
	0x1c16, 0x1c17, 0x1c18, 0x1c19, 0x1c1a, 0x1c1b, 0x1c1c, 0x1c1d, 0x1c1e, 0x1c1f, 0x1d10,
	0x1d12, 0x1d14, 0x1d16, 0x1d18, 0x1d1a, 0x1d1c, 0x1d1e, 0x1e10, 0x1e11, 0x1e12, 0x1e13,
	0x1e14, 0x1e15, 0x1e16, 0x1e17, 0x1e18, 0x1e19, 0x1e1a, 0x1e1b, 0x1e1c, 0x1e1d, 0x1e1e,
	0x1e1f, 0x8c10, 0x8c11, 0x8c12, 0x8c13, 0x8c14, 0x8c15, 0x8c16, 0x8c17, 0x8c18, 0x8c19,
	0x8c1a, 0x8c1b, 0x8c1c, 0x8c1d, 0x8c1e, 0x8c1f, 0x8c90, 0x8c92, 0x8c94, 0x8c96, 0x8c98,
	0x8c9a, 0x8c9c, 0x8c9e, 0x8d10, 0x8d11, 0x8d12, 0x8d13, 0x8d14, 0x8d15, 0x8d16, 0x8d17,
	0x8d18, 0x8d19, 0x8d1a, 0x8d1b, 0x8d1c, 0x8d1d, 0x8d1e, 0x9c10, 0x9c11, 0x9c12, 0x9c13,
	0x9c14, 0x9c15, 0x9c16, 0x9c17, 0x9c18, 0x9c19, 0x9c1a, 0x9c1b, 0x9c90, 0x9c91, 0x9c92,
	0x9c93, 0x9c94, 0x9c95, 0x9c96, 0x9c97, 0x9c98, 0x9c99, 0x9c9a, 0x9c9b, 0,
};

/* 82571, 82575, 82576, 82599, I350, I219: no function reaches another. */
static const uint16_t intel_network_functions[] = {
	0x105e, 0x105f, 0x1060, 0x10d9, 0x10a7, 0x10a9, 0x10d6, 0x10c9, 0x10e6,
	0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518, 0x1526, 0x10f8, 0x10f9, 0x10fa,
	0x10fb, 0x10fc, 0x1507, 0x1514, 0x151c, 0x1529, 0x152a, 0x154d, 0x154f,
	0x1551, 0x1558, 0x1521, 0x1522, 0x1523, 0x1524, 0x15b7, 0x15b8, 0,
};

static const uint16_t solarflare_network_functions[] = {0x0903, 0x0923, 0x0a03, 0};
static const uint16_t ati_southbridges[] = {0x4383, 0x4384, 0x4385, 0x4399, 0x439c, 0x439d, 0};
static const uint16_t amd_southbridges[] = {0x7809, 0x780f, 0};
static const uint16_t ricoh_readers[] = {0xe476, 0xe832, 0};
static const uint16_t marvell_sata[] = {0x9120, 0x9123, 0x9125, 0x9128, 0x9130, 0x9170,
					0x9172, 0x917a, 0x9182, 0x9183, 0x91a0, 0x9215,
					0x9220, 0x9230, 0x9235, 0};

static const struct quirk quirks[] = {
	{"Intel root-complex integrated endpoint", QUIRK_ISOLATES, 0x8086, NULL,
	 PCIE_INTEGRATED_ENDPOINT},
	{"Intel chipset root port", QUIRK_ISOLATES, 0x8086, intel_chipset_ports, PCIE_ROOT_PORT},
	{"Intel network function", QUIRK_ISOLATES, 0x8086, intel_network_functions, PCIE_ENDPOINT},
	{"Solarflare network function", QUIRK_ISOLATES, 0x1924, solarflare_network_functions,
	 PCIE_ENDPOINT},
	{"ATI southbridge function", QUIRK_ISOLATES, 0x1002, ati_southbridges, QUIRK_ANY_TYPE},
	{"AMD southbridge function", QUIRK_ISOLATES, 0x1022, amd_southbridges, QUIRK_ANY_TYPE},
	{"Ricoh card reader", QUIRK_USES_FUNCTION_0, 0x1180, ricoh_readers, QUIRK_ANY_TYPE},
	{"Marvell SATA controller", QUIRK_USES_FUNCTION_1, 0x1b4b, marvell_sata, QUIRK_ANY_TYPE},
};

static bool applies(const struct quirk *quirk, const struct pci_facts *pci, unsigned long vendor,
		    unsigned long device)
{
	if (quirk->vendor != vendor || (quirk->type != QUIRK_ANY_TYPE && quirk->type != pci->type))
		return false;
	if (!quirk->devices)
		return true;
	for (const uint16_t *id = quirk->devices; *id; id++)
		if (*id == device)
			return true;
	return false;
}

static const struct quirk *find(const struct device_facts *device, bool isolation)
{
	unsigned long vendor, id;

	if (!device->pci || !device->vendor || !device->device)
		return NULL;
	vendor = strtoul(device->vendor, NULL, 16);
	id = strtoul(device->device, NULL, 16);
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if ((quirks[i].kind == QUIRK_ISOLATES) == isolation &&
		    applies(&quirks[i], device->pci, vendor, id))
			return &quirks[i];
	return NULL;
}

const struct quirk *quirk_isolation(const struct device_facts *device)
{
	return find(device, true);
}

const struct quirk *quirk_alias(const struct device_facts *device)
{
	return find(device, false);
}
