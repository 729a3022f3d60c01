/* SPDX-License-Identifier: MIT */
/* What isolation depends on in a PCI function's config space. */
#ifndef DMAOWN_LINUX_PCI_CONFIG_H
#define DMAOWN_LINUX_PCI_CONFIG_H

#include "facts.h"

#include <stddef.h>
#include <stdint.h>

enum { PCI_CONFIG_SIZE = 0x1000 };

struct pci_config {
	uint8_t bytes[PCI_CONFIG_SIZE];
	size_t size; /* so many were readable, the rest is zero */
};

/* Stores what the bytes say, and in `config` whether they do; type and ACS are left as they were
 * where nothing is said. */
void pci_config_decode(const struct pci_config *config, struct pci_facts *out);

/* The same for the device whose sysfs directory is open; any other failure to read is stored, as
 * hidden. -ENOENT: the directory has no config space any more; -ENODEV: the device is going. */
int pci_config_read(int directory, struct pci_facts *out);

/* The same of the header alone, which anybody may read and which costs little. */
int pci_config_read_header(int directory, struct pci_facts *out);

#endif
