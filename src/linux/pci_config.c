/* SPDX-License-Identifier: MIT */
/*
 * What isolation depends on in a PCI function's config space: the header, the PCI Express
 * capability and the ACS extended capability.
 *
 * How much of it can be read depends on the device and on the reader: 4096 bytes of a PCI Express
 * function, 256 of a conventional one, 64 without privilege. A capability is read only where it
 * lies wholly within what was read, and no list of capabilities is followed for more steps than it
 * can have entries, so that a broken or recorded config space ends no reading.
 *
 * A device that does not answer gives ff for every byte. That is no header: decoded, it would be a
 * conventional bridge of several functions.
 */
#define _GNU_SOURCE
#include "pci_config.h"

#include "acs_layout.h"

#include <errno.h>
#include <string.h>

enum {
	CONVENTIONAL_SIZE = 0x100,

	VENDOR = 0x00,
	DEVICE = 0x02,
	STATUS = 0x06,
	STATUS_CAPABILITIES = 0x10,
	HEADER_TYPE = 0x0e,
	HEADER_MULTIFUNCTION = 0x80,
	SECONDARY_BUS = 0x19,
	SUBORDINATE_BUS = 0x1a,
	CAPABILITY_LIST = 0x34,
	CAPABILITY_LIST_CARDBUS = 0x14,

	CAPABILITY_EXPRESS = 0x10,
	EXPRESS_FLAGS = 2,
	EXTENDED_ACS = 0x0d,
	ACS_CAPABILITY = 4,
	ACS_CONTROL = 6,
	ACS_CONTROL_WIDE = 8,
};

static uint16_t word(const struct pci_config *config, size_t at)
{
	return (uint16_t)(config->bytes[at] | config->bytes[at + 1] << 8);
}

/* The place of a capability of the conventional part with room for `length` bytes; 0: none. */
static size_t find_capability(const struct pci_config *config, uint8_t id, size_t length)
{
	bool cardbus = (config->bytes[HEADER_TYPE] & 0x7f) == 2;
	size_t at = config->bytes[cardbus ? CAPABILITY_LIST_CARDBUS : CAPABILITY_LIST] & 0xfcU;
	size_t limit = config->size < CONVENTIONAL_SIZE ? config->size : CONVENTIONAL_SIZE;

	for (int steps = CONVENTIONAL_SIZE / 4; steps > 0 && at >= PCI_HEADER_SIZE; steps--) {
		if (at + length > limit)
			return 0;
		if (config->bytes[at] == id)
			return at;
		at = config->bytes[at + 1] & 0xfcU;
	}
	return 0;
}

/* The same for the extended part, whose list begins at its start. */
static size_t find_extended(const struct pci_config *config, uint16_t id, size_t length)
{
	size_t at = CONVENTIONAL_SIZE;

	for (int steps = PCI_CONFIG_SIZE / 8; steps > 0 && at >= CONVENTIONAL_SIZE; steps--) {
		if (at + length > config->size)
			return 0;
		if (word(config, at) == id)
			return at;
		at = (size_t)(word(config, at + 2) >> 4) & 0xffcU;
	}
	return 0;
}

static void decode_header(const struct pci_config *config, struct pci_facts *out)
{
	uint8_t type = config->bytes[HEADER_TYPE];

	out->multifunction = type & HEADER_MULTIFUNCTION;
	out->bridge = (type & 0x7f) == 1 || (type & 0x7f) == 2;
	if (out->bridge) {
		out->secondary = config->bytes[SECONDARY_BUS];
		out->subordinate = config->bytes[SUBORDINATE_BUS];
	}
}

static void decode_acs(const struct pci_config *config, struct pci_facts *out)
{
	bool wide = acs_is_wide(word(config, VENDOR), word(config, DEVICE), out->type);
	size_t control = wide ? ACS_CONTROL_WIDE : ACS_CONTROL;
	size_t acs = find_extended(config, EXTENDED_ACS, control + 2);

	if (!acs)
		return;
	out->has_acs = true;
	out->acs_wide = wide;
	out->acs_capability = word(config, acs + ACS_CAPABILITY);
	out->acs_control = word(config, acs + control);
}

static void decode_capabilities(const struct pci_config *config, struct pci_facts *out)
{
	size_t express = find_capability(config, CAPABILITY_EXPRESS, EXPRESS_FLAGS + 2);

	if (!express)
		return;
	out->type = word(config, express + EXPRESS_FLAGS) >> 4 & 0xf;
	decode_acs(config, out);
}

/* No header has ff everywhere: not even the ids of a virtual function, which reads ff for those,
 * are all of it. */
static bool is_silent(const struct pci_config *config)
{
	for (size_t i = 0; i < config->size; i++)
		if (config->bytes[i] != 0xff)
			return false;
	return config->size >= PCI_HEADER_SIZE;
}

static void hide(struct pci_facts *out, int err)
{
	out->config = CONFIG_HIDDEN;
	out->config_errno = err;
}

void pci_config_decode(const struct pci_config *config, struct pci_facts *out)
{
	if (config->size < PCI_HEADER_SIZE) {
		hide(out, ENODATA);
		return;
	}
	if (is_silent(config)) {
		out->config = CONFIG_SILENT;
		return;
	}
	decode_header(config, out);
	out->config = CONFIG_READ;
	if (!(config->bytes[STATUS] & STATUS_CAPABILITIES))
		return;
	if (config->size < CONVENTIONAL_SIZE)
		hide(out, 0);
	else
		decode_capabilities(config, out);
}

int pci_config_take(const void *bytes, int result, struct pci_facts *out)
{
	struct pci_config config = {.size = 0};

	if (result == -ENOENT || result == -ENODEV)
		return result;
	if (result < 0) {
		hide(out, -result);
		return 0;
	}
	config.size = (size_t)result;
	memcpy(config.bytes, bytes, config.size);
	pci_config_decode(&config, out);
	return 0;
}
