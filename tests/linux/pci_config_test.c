/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pci_config.h"
#include "rows.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A byte of config space that is not zero. */
struct byte {
	uint16_t at;
	uint8_t value;
};

struct row {
	const char *name;
	size_t size;
	struct byte bytes[16];
	struct pci_facts expected;
};

#define UNREAD(err) .config = CONFIG_HIDDEN, .config_errno = (err)
#define CAPABILITIES                                                                               \
	{                                                                                          \
		0x06, 0x10                                                                         \
	}
#define EXPRESS_AT_40(type)                                                                        \
	{0x34, 0x40}, {0x40, 0x10},                                                                \
	{                                                                                          \
		0x42, (type) << 4 | 2                                                              \
	}

#define INTEL(device)                                                                              \
	{0x00, 0x86}, {0x01, 0x80}, {0x02, (device)&0xff},                                         \
	{                                                                                          \
		0x03, (device) >> 8                                                                \
	}
#define ACS_AT_100                                                                                 \
	{0x100, 0x0d}, {0x102, 0x01},                                                              \
	{                                                                                          \
		0x104, 0x0f                                                                        \
	}

static const struct row rows[] = {
	{"config@conventional", 256, {{0x0e, 0x00}}, {.config = CONFIG_READ, .type = PCIE_NONE}},
	{"config@multifunction",
	 256,
	 {{0x0e, 0x80}},
	 {.config = CONFIG_READ, .type = PCIE_NONE, .multifunction = true}},
	{"config@endpoint",
	 4096,
	 {CAPABILITIES, EXPRESS_AT_40(0)},
	 {.config = CONFIG_READ, .type = PCIE_ENDPOINT}},
	{"config@root-port-with-acs",
	 4096,
	 {{0x0e, 0x01},
	  {0x19, 2},
	  {0x1a, 5},
	  CAPABILITIES,
	  EXPRESS_AT_40(4),
	  {0x100, 0x01},
	  {0x102, 0x01},
	  {0x103, 0x15}, /* the next one is at 0x150 */
	  {0x150, 0x0d},
	  {0x154, 0x5f},
	  {0x156, 0x1d}},
	 {.config = CONFIG_READ,
	  .type = PCIE_ROOT_PORT,
	  .bridge = true,
	  .secondary = 2,
	  .subordinate = 5,
	  .has_acs = true,
	  .acs_capability = 0x5f,
	  .acs_control = 0x1d}},
	{"config@root-port-with-wide-acs",
	 4096,
	 {INTEL(0x9d10), {0x0e, 0x01}, CAPABILITIES, EXPRESS_AT_40(4), ACS_AT_100, {0x108, 0x0d}},
	 {.config = CONFIG_READ,
	  .type = PCIE_ROOT_PORT,
	  .bridge = true,
	  .has_acs = true,
	  .acs_capability = 0x0f,
	  .acs_control = 0x0d,
	  .acs_wide = true}},
	{"config@other-root-port-of-the-vendor",
	 4096,
	 {INTEL(0x9d1c), {0x0e, 0x01}, CAPABILITIES, EXPRESS_AT_40(4), ACS_AT_100, {0x106, 0x0d}},
	 {.config = CONFIG_READ,
	  .type = PCIE_ROOT_PORT,
	  .bridge = true,
	  .has_acs = true,
	  .acs_capability = 0x0f,
	  .acs_control = 0x0d}},
	{"config@bridge-to-conventional",
	 4096,
	 {{0x0e, 0x01}, {0x19, 3}, {0x1a, 3}, CAPABILITIES, EXPRESS_AT_40(7)},
	 {.config = CONFIG_READ,
	  .type = PCIE_TO_PCI_BRIDGE,
	  .bridge = true,
	  .secondary = 3,
	  .subordinate = 3}},
	{"config@cardbus-list-lies-elsewhere",
	 256,
	 {{0x0e, 0x02}, CAPABILITIES, {0x14, 0x80}, {0x80, 0x10}, {0x82, 0x11}},
	 {.config = CONFIG_READ, .type = PCIE_LEGACY_ENDPOINT, .bridge = true}},
	{"config@second-in-the-list",
	 256,
	 {CAPABILITIES, {0x34, 0x50}, {0x50, 0x05}, {0x51, 0x60}, {0x60, 0x10}, {0x62, 0x91}},
	 {.config = CONFIG_READ, .type = PCIE_INTEGRATED_ENDPOINT}},
	{"config@extended-part-missing",
	 256,
	 {CAPABILITIES, EXPRESS_AT_40(5)},
	 {.config = CONFIG_READ, .type = PCIE_UPSTREAM}},
	{"config@hidden-beyond-64",
	 64,
	 {CAPABILITIES, {0x34, 0x40}},
	 {.type = PCIE_NONE, .config = CONFIG_HIDDEN}},
	{"config@64-and-no-capabilities",
	 64,
	 {{0x34, 0x40}},
	 {.config = CONFIG_READ, .type = PCIE_NONE}},
	{"config@cut-off-header", 20, {{0x06, 0x10}}, {.type = PCIE_NONE, UNREAD(ENODATA)}},
	{"config@empty", 0, {{0, 0}}, {.type = PCIE_NONE, UNREAD(ENODATA)}},
	{"config@list-in-a-circle",
	 4096,
	 {CAPABILITIES, {0x34, 0x50}, {0x50, 0x05}, {0x51, 0x50}},
	 {.config = CONFIG_READ, .type = PCIE_NONE}},
	{"config@extended-list-in-a-circle",
	 4096,
	 {CAPABILITIES, EXPRESS_AT_40(4), {0x100, 0x01}, {0x103, 0x10}},
	 {.config = CONFIG_READ, .type = PCIE_ROOT_PORT}},
	{"config@list-into-the-header",
	 256,
	 {CAPABILITIES, {0x34, 0x10}, {0x10, 0x10}, {0x12, 0x40}},
	 {.config = CONFIG_READ, .type = PCIE_NONE}},
	{"config@capability-at-the-edge",
	 256,
	 {CAPABILITIES, {0x34, 0xfc}, {0xfc, 0x10}, {0xfe, 0x62}},
	 {.config = CONFIG_READ, .type = PCIE_DOWNSTREAM}},
	{"config@acs-beyond-the-end",
	 4096,
	 {CAPABILITIES, EXPRESS_AT_40(4), {0x103, 0xff}, {0x102, 0xc0}, {0xffc, 0x0d}},
	 {.config = CONFIG_READ, .type = PCIE_ROOT_PORT}},
	{"config@ids-of-a-virtual-function",
	 256,
	 {{0x00, 0xff}, {0x01, 0xff}, {0x02, 0xff}, {0x03, 0xff}, CAPABILITIES, EXPRESS_AT_40(0)},
	 {.config = CONFIG_READ, .type = PCIE_ENDPOINT}},
};

static void config(void **state)
{
	const struct row *row = *state;
	struct pci_facts read = {.type = PCIE_NONE};
	uint8_t bytes[4096] = {0};

	for (size_t i = 0; i < COUNT(row->bytes); i++)
		bytes[row->bytes[i].at] |= row->bytes[i].value;
	assert_int_equal(pci_config_take(bytes, (int)row->size, &read), 0);
	assert_memory_equal(&read, &row->expected, sizeof(read));
}

static void config_vanished(void **state)
{
	struct pci_facts read = {.type = PCIE_NONE};

	assert_int_equal(pci_config_take(NULL, -ENOENT, &read), -ENOENT);
	assert_int_equal(pci_config_take(NULL, -ENODEV, &read), -ENODEV);
}

static void read_ff(size_t size, struct pci_facts *out)
{
	uint8_t bytes[4096];

	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(pci_config_take(bytes, (int)size, out), 0);
}

/* Root reads ff to the end, everybody else in the header. */
static void all_ff_is_silence(void **state)
{
	static const size_t sizes[] = {64, 256, 4096};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct pci_facts silent = {.type = PCIE_NONE, .config = CONFIG_SILENT};
		struct pci_facts read = {.type = PCIE_NONE};

		read_ff(sizes[i], &read);
		assert_memory_equal(&read, &silent, sizeof(read));
	}
}

static void ff_of_less_than_a_header_is_not(void **state)
{
	struct pci_facts read = {.type = PCIE_NONE};

	read_ff(20, &read);
	assert_int_equal(read.config, CONFIG_HIDDEN);
	assert_int_equal(read.config_errno, ENODATA);
}

/* Any errno but those of a device that goes hides the config space, and does not end the look. */
static void config_fails(void **state)
{
	struct pci_facts read = {.type = PCIE_NONE, .config = CONFIG_READ};

	assert_int_equal(pci_config_take(NULL, -EISDIR, &read), 0);
	assert_int_equal(read.config, CONFIG_HIDDEN);
	assert_int_equal(read.config_errno, EISDIR);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(config_vanished),
		cmocka_unit_test(config_fails),
		cmocka_unit_test(all_ff_is_silence),
		cmocka_unit_test(ff_of_less_than_a_header_is_not),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, config);
	return suite_run(&suite, "pci_config");
}
