/* SPDX-License-Identifier: MIT */
/* What isolation depends on in a PCI function's config space. */
#ifndef DMAOWN_LINUX_PCI_CONFIG_H
#define DMAOWN_LINUX_PCI_CONFIG_H

#include "facts.h"

#include <stddef.h>
#include <stdint.h>

/* The header is what anybody may read, and what costs little. */
enum { PCI_HEADER_SIZE = 0x40, PCI_CONFIG_SIZE = 0x1000 };

struct pci_config {
	uint8_t bytes[PCI_CONFIG_SIZE];
	size_t size; /* so many were readable, the rest is zero */
};

/* Stores what the bytes say, and in `config` whether they do; type and ACS are left as they were
 * where nothing is said. */
void pci_config_decode(const struct pci_config *config, struct pci_facts *out);

/* The same of what reading an attribute `config` gave: `result` bytes, or an -errno, which is
 * stored as what hides it. -ENOENT: the device has no config space any more; -ENODEV: the device is
 * going. */
int pci_config_take(const void *bytes, int result, struct pci_facts *out);

#endif
