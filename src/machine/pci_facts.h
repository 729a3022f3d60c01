/* SPDX-License-Identifier: MIT */
/*
 * A PCI function as facts have it: where it is, what is behind it, whether it isolates. The address
 * is lower-case hex, "0000:02:01.0".
 */
#ifndef DMAOWN_MACHINE_PCI_FACTS_H
#define DMAOWN_MACHINE_PCI_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* PCI Express device/port types, the values of the capability's field; -1 on conventional PCI. */
enum pcie_type {
	PCIE_NONE = -1,
	PCIE_ENDPOINT = 0,
	PCIE_LEGACY_ENDPOINT = 1,
	PCIE_ROOT_PORT = 4,
	PCIE_UPSTREAM = 5,
	PCIE_DOWNSTREAM = 6,
	PCIE_TO_PCI_BRIDGE = 7,
	PCI_TO_PCIE_BRIDGE = 8,
	PCIE_INTEGRATED_ENDPOINT = 9,
	PCIE_EVENT_COLLECTOR = 10,
};

/*
 * Whether the config space of a PCI function was read. The first stands for what nobody has said.
 * Hidden is what the reader may not see, or what reading failed with; silent is what the device
 * itself keeps: all its bytes are ff, it is asleep (D3cold) or has gone, and nothing of it is
 * known.
 */
enum config_state { CONFIG_HIDDEN, CONFIG_READ, CONFIG_SILENT };

/* What isolation depends on, for a PCI function. */
struct pci_facts {
	uint32_t segment;
	uint8_t bus, slot, function;
	bool multifunction;
	bool bridge;                    /* header type 1 or 2: `secondary`.. are meaningful */
	uint8_t secondary, subordinate; /* bus numbers below a bridge */
	int type;                       /* enum pcie_type */
	bool has_acs;
	uint16_t acs_capability,
		acs_control; /* of the ACS extended capability, as its registers read */
	bool acs_wide; /* they are dwords and were read so (acs_layout.h): without, the control of a
			* port that has dwords says nothing */
	enum config_state config;
	/* HIDDEN: what reading failed with, positive, and then all of it is unknown; 0: the header
	 * was read, and only type and ACS are unknown, which the kernel shows to root. */
	int config_errno;
	char *physical_function; /* a VF's PF, by address; NULL otherwise */
};

/* Stores segment, bus, slot and function of an address like "0000:02:01.0" (lower-case hex), and
 * nothing else. -EINVAL: it is not one; *out untouched. */
int pci_address_parse(const char *address, struct pci_facts *out);

/* A PCI Express type in words ("root-port"), NULL if it has none; and back, -EINVAL if no type has
 * that name. */
const char *pcie_type_name(int type);
int pcie_type_parse(const char *name, int *type);

#endif
