/* SPDX-License-Identifier: MIT */
/*
 * Config space. Whatever the bytes and however many, decoding ends, reads no further than they go,
 * and tells of ACS only where it tells a type, and of nothing where the device is silent.
 */
#include "pci_config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_config *config = calloc(1, sizeof(*config));
	struct pci_facts facts = {.type = PCIE_NONE};

	if (!config)
		abort();
	config->size = size < PCI_CONFIG_SIZE ? size : PCI_CONFIG_SIZE;
	memcpy(config->bytes, data, config->size);
	pci_config_decode(config, &facts);
	if (facts.has_acs && (facts.type == PCIE_NONE || facts.config != CONFIG_READ))
		abort();
	if (facts.config == CONFIG_SILENT && (facts.bridge || facts.multifunction))
		abort();
	free(config);
	return 0;
}
