/* SPDX-License-Identifier: MIT */
/* Devices whose DMA carries other requester ids than their own. */
#ifndef DMAOWN_TOPOLOGY_REQUESTER_QUIRKS_H
#define DMAOWN_TOPOLOGY_REQUESTER_QUIRKS_H

#include "quirks.h"

struct requester_quirk {
	const char *name;
	uint16_t vendor;
	const struct id_range *devices, *subdevices; /* NULL: all */
	uint16_t class; /* base and sub-class that it must be; 0: any */
	/* Whether its DMA may carry the id of this slot and function of its bus. */
	bool (*carries)(const struct pci_facts *pci, uint8_t devfn);
};

/* The device's quirk by which its DMA carries other ids than its own, or NULL. */
const struct requester_quirk *requester_quirk(const struct device_facts *device);

/* Which other ids it carries stands in registers of its own, beyond its config space. */
bool requester_is_hidden(const struct requester_quirk *quirk);

/* The only id that its DMA carries, if there is only one; -1: there are several, or it is hidden.
 */
int requester_only(const struct requester_quirk *quirk, const struct pci_facts *pci);

/* A conventional bridge whose DMA carries the id secondary:00.0, as that of one from PCI Express to
 * PCI does; `above` is the bridge that it is below, NULL on a root bus. */
bool bridge_carries_secondary(const struct device_facts *bridge, const struct device_facts *above);

/* A root port above which no requester id changes any more: the IOMMU sees what arrives at it. */
bool bridge_ends_requesters(const struct device_facts *bridge);

#endif
