/* SPDX-License-Identifier: MIT */
#include "pci_facts.h"

#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads between `min` and `max` hex digits and then `end`; returns what follows, or NULL. */
static const char *parse_hex(const char *text, size_t min, size_t max, char end, uint32_t *out)
{
	size_t digits = strspn(text, "0123456789abcdef");

	if (digits < min || digits > max || text[digits] != end)
		return NULL;
	*out = (uint32_t)strtoul(text, NULL, 16);
	return text + digits + (end != '\0');
}

int pci_address_parse(const char *address, struct pci_facts *out)
{
	uint32_t segment, bus = 0, slot = 0, function = 0;
	const char *rest = parse_hex(address, 4, 8, ':', &segment);

	if (rest)
		rest = parse_hex(rest, 2, 2, ':', &bus);
	if (rest)
		rest = parse_hex(rest, 2, 2, '.', &slot);
	if (rest)
		rest = parse_hex(rest, 1, 1, '\0', &function);
	if (!rest || slot > 31 || function > 7)
		return -EINVAL;
	out->segment = segment;
	out->bus = (uint8_t)bus;
	out->slot = (uint8_t)slot;
	out->function = (uint8_t)function;
	return 0;
}

static const char *const pcie_type_names[] = {
	[PCIE_ENDPOINT] = "endpoint",
	[PCIE_LEGACY_ENDPOINT] = "legacy-endpoint",
	[PCIE_ROOT_PORT] = "root-port",
	[PCIE_UPSTREAM] = "upstream-port",
	[PCIE_DOWNSTREAM] = "downstream-port",
	[PCIE_TO_PCI_BRIDGE] = "pcie-to-pci-bridge",
	[PCI_TO_PCIE_BRIDGE] = "pci-to-pcie-bridge",
	[PCIE_INTEGRATED_ENDPOINT] = "integrated-endpoint",
	[PCIE_EVENT_COLLECTOR] = "event-collector",
};

#define PCIE_TYPES ((int)COUNT(pcie_type_names))

const char *pcie_type_name(int type)
{
	return type >= 0 && type < PCIE_TYPES ? pcie_type_names[type] : NULL;
}

int pcie_type_parse(const char *name, int *type)
{
	for (int i = 0; i < PCIE_TYPES; i++)
		if (pcie_type_names[i] && strcmp(pcie_type_names[i], name) == 0) {
			*type = i;
			return 0;
		}
	return -EINVAL;
}
