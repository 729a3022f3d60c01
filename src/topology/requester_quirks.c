/* SPDX-License-Identifier: MIT */
#include "requester_quirks.h"

static const struct id_range ricoh_readers[] = {ID(0xe476), ID(0xe832), END_OF_IDS};
static const struct id_range glenfly_functions[] = {IDS(0x3d40, 0x3d41), END_OF_IDS};
static const struct id_range marvell_sata[] = {
	ID(0x9120), ID(0x9123), ID(0x9125), ID(0x9128), ID(0x9130), ID(0x9170),
	ID(0x9172), ID(0x917a), ID(0x9182), ID(0x9183), ID(0x91a0), ID(0x9215),
	ID(0x9220), ID(0x9230), ID(0x9235), END_OF_IDS,
};
static const struct id_range highpoint_sata[] = {ID(0x0642), ID(0x0645), END_OF_IDS};
static const struct id_range jmicron_sata[] = {ID(0x2392), END_OF_IDS};
static const struct id_range liteon_drives[] = {ID(0x0122), END_OF_IDS};
static const struct id_range plx_ntbs[] = {IDS(0x87b0, 0x87b1), END_OF_IDS};
static const struct id_range xeon_phi[] = {ID(0x2260), ID(0x2264), END_OF_IDS};
static const struct id_range visual_compute[] = {IDS(0x2954, 0x2956), IDS(0x2958, 0x295a),
						 END_OF_IDS};
static const struct id_range adaptec_raid[] = {ID(0x0285), END_OF_IDS};
static const struct id_range adaptec_boards[] = {IDS(0x02bb, 0x02bc), END_OF_IDS};

#define DEVFN(slot, function) ((slot) << 3 | (function))

static bool function_0(const struct pci_facts *pci, uint8_t devfn)
{
	return devfn == DEVFN(pci->slot, 0);
}

static bool function_1(const struct pci_facts *pci, uint8_t devfn)
{
	return devfn == DEVFN(pci->slot, 1);
}

static bool slot_1(const struct pci_facts *pci, uint8_t devfn)
{
	return devfn == DEVFN(1, 0);
}

static bool every_id(const struct pci_facts *pci, uint8_t devfn)
{
	return true;
}

static bool functions_0_to_4(const struct pci_facts *pci, uint8_t devfn)
{
	return (devfn & 7) <= 4;
}

static bool xeon_phi_ids(const struct pci_facts *pci, uint8_t devfn)
{
	return devfn == DEVFN(0x10, 0) || devfn == DEVFN(0x11, 0) || devfn == DEVFN(0x12, 3);
}

/* Its registers say which, beyond its config space: any may be. */
static bool hidden_ids(const struct pci_facts *pci, uint8_t devfn)
{
	return true;
}

static const struct requester_quirk quirks[] = {
	{"Ricoh card reader", 0x1180, ricoh_readers, NULL, 0, function_0},
	{"Glenfly graphics function", 0x6766, glenfly_functions, NULL, 0, function_0},
	{"Marvell SATA controller", 0x1b4b, marvell_sata, NULL, 0, function_1},
	{"HighPoint SATA controller", 0x1103, highpoint_sata, NULL, 0, function_1},
	{"JMicron SATA controller", 0x197b, jmicron_sata, NULL, 0, function_1},
	{"Lite-On drive", 0x1c28, liteon_drives, NULL, 0, function_1},
	{"PLX non-transparent bridge", 0x10b5, plx_ntbs, NULL, 0, every_id},
	{"Intel Xeon Phi x200", 0x8086, xeon_phi, NULL, 0, xeon_phi_ids},
	{"Intel Visual Compute Accelerator", 0x8086, visual_compute, NULL, 0, functions_0_to_4},
	{"Adaptec RAID controller", 0x9005, adaptec_raid, adaptec_boards, 0, slot_1},
	{"Switchtec non-transparent bridge", 0x11f8, NULL, NULL, 0x0680, hidden_ids},
};

static bool applies(const struct requester_quirk *quirk, const struct device_ids *ids)
{
	return quirk->vendor == ids->vendor && id_is_among(ids->device, quirk->devices) &&
	       id_is_among(ids->subdevice, quirk->subdevices) &&
	       (!quirk->class || quirk->class == ids->class >> 8);
}

const struct requester_quirk *requester_quirk(const struct device_facts *device)
{
	struct device_ids ids;

	if (!device_ids_read(device, &ids))
		return NULL;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if (applies(&quirks[i], &ids))
			return &quirks[i];
	return NULL;
}

bool requester_is_hidden(const struct requester_quirk *quirk)
{
	return quirk->carries == hidden_ids;
}

int requester_only(const struct requester_quirk *quirk, const struct pci_facts *pci)
{
	int only = -1;

	for (int devfn = 0; devfn <= UINT8_MAX; devfn++) {
		if (!quirk->carries(pci, (uint8_t)devfn))
			continue;
		if (only != -1)
			return -1;
		only = devfn;
	}
	return only;
}

static const struct {
	uint16_t vendor, device;
} secondary_bridges[] = {
	{0x1b21, 0x1080}, {0x10e3, 0x8113}, {0x1283, 0x8892}, {0x1283, 0x8893}, {0x8086, 0x244e},
};

bool bridge_carries_secondary(const struct device_facts *bridge, const struct device_facts *above)
{
	struct device_ids ids;

	if (!bridge->pci->bridge || bridge->pci->type != PCIE_NONE || !above ||
	    above->pci->type == PCIE_NONE || above->pci->type == PCIE_TO_PCI_BRIDGE ||
	    !device_ids_read(bridge, &ids))
		return false;
	for (size_t i = 0; i < sizeof(secondary_bridges) / sizeof(secondary_bridges[0]); i++)
		if (secondary_bridges[i].vendor == ids.vendor &&
		    secondary_bridges[i].device == ids.device)
			return true;
	return false;
}

bool bridge_ends_requesters(const struct device_facts *bridge)
{
	struct device_ids ids;

	return device_ids_read(bridge, &ids) && ids.vendor == 0x14e4 &&
	       (ids.device == 0x9000 || ids.device == 0x9084);
}
