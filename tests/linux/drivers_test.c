/* SPDX-License-Identifier: MIT */
/* Reading the drivers of a host: which of them leave DMA to others, and what they fit. */
#define _GNU_SOURCE
#include "read_rig.h"

#include <stdio.h>
#include <string.h>

struct driver_row {
	const char *name, *bus, *driver;
	const char *module, *holder_of, *taint; /* NULL: built in; no such; untainted */
	enum known managed;
	bool user;
};

static const struct driver_row driver_rows[] = {
	{"managed@vfio-pci", "pci", "vfio-pci", "vfio_pci", NULL, NULL, KNOWN_YES, true},
	{"managed@pci-stub", "pci", "pci-stub", NULL, NULL, NULL, KNOWN_YES, false},
	{"managed@pcieport", "pci", "pcieport", NULL, NULL, NULL, KNOWN_YES, false},
	{"managed@vfio-platform", "platform", "vfio-platform", NULL, NULL, NULL, KNOWN_YES, true},
	{"managed@vfio-amba", "amba", "vfio-amba", NULL, NULL, NULL, KNOWN_YES, true},
	{"managed@vfio-fsl-mc", "fsl-mc", "vfio-fsl-mc", NULL, NULL, NULL, KNOWN_YES, true},
	{"managed@vfio-cdx", "cdx", "vfio-cdx", NULL, NULL, NULL, KNOWN_YES, true},
	{"managed@name-of-another-bus", "platform", "vfio-pci", NULL, NULL, NULL, KNOWN_NO, false},
	{"managed@variant-of-vfio-pci", "pci", "mlx5_vfio_pci", "mlx5_vfio_pci", "vfio_pci_core",
	 NULL, KNOWN_YES, true},
	{"managed@variant-from-elsewhere", "pci", "gpu-vfio-pci", "gpu_vfio_pci", "vfio_pci_core",
	 "OE\n", KNOWN_YES, true},
	{"managed@variant-by-its-alias", "pci", "mlx5_vfio_pci", NULL, NULL, NULL, KNOWN_YES, true},
	{"managed@vfio-without-an-alias", "pci", "not-vfio-pci", NULL, NULL, NULL, KNOWN_NO, false},
	{"managed@native", "pci", "e1000e", "e1000e", NULL, NULL, KNOWN_NO, false},
	{"managed@native-built-in", "pci", "ahci", NULL, NULL, NULL, KNOWN_NO, false},
	{"managed@from-elsewhere-is-unknown", "pci", "nvidia", "nvidia", NULL, "POE\n", KNOWN_NOT,
	 false},
};

static void managed(void **state)
{
	const struct driver_row *row = *state;
	const struct driver_facts *driver;
	struct fixture fixture = {0};
	char path[256];

	tree_make(&fixture.tree);
	tree_device(&fixture.tree, DEVICE(.bus = row->bus, .address = "0000:00:02.0",
					  .driver = row->driver, .group = 1));
	tree_driver(&fixture.tree, row->bus, row->driver, row->module);
	if (row->holder_of) {
		snprintf(path, sizeof(path), "sys/module/%s/holders/%s", row->holder_of,
			 row->module);
		tree_text(&fixture.tree, path, "");
	}
	tree_text(&fixture.tree, "proc/sys/kernel/osrelease", "6.12.1\n");
	tree_text(&fixture.tree, "lib/modules/6.12.1/modules.alias",
		  "alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
		  "alias pci:v00008086d00001234sv*sd*bc*sc*i* not_vfio_pci\n");
	if (row->taint) {
		snprintf(path, sizeof(path), "sys/module/%s/taint", row->module);
		tree_text(&fixture.tree, path, row->taint);
	}
	driver = facts_driver(read_all(&fixture), row->bus, row->driver);
	assert_non_null(driver);
	assert_int_equal(driver->managed_dma, row->managed);
	assert_int_equal(driver->user, row->user);
	facts_release(&fixture.facts);
	tree_remove(&fixture.tree);
}

static void ids_come_from_depmod(void **state)
{
	struct fixture *fixture = *state;
	const struct driver_facts *driver;
	static const char modinfo[] =
		"xhci_hcd.license=GPL\0xhci_hcd.alias=pci:v*d*sv*sd*bc0Csc03i30*";
	const struct facts *facts;

	tree_device(&fixture->tree, DEVICE(.address = "0000:00:02.0", .group = 1));
	tree_driver(&fixture->tree, "pci", "e1000", "e1000");
	tree_driver(&fixture->tree, "pci", "xhci-hcd", NULL);
	tree_driver(&fixture->tree, "pci", "e100", "e100");
	tree_text(&fixture->tree, "proc/sys/kernel/osrelease", "6.12.1\n");
	tree_text(&fixture->tree, "lib/modules/6.12.1/modules.alias",
		  "# Aliases extracted from modules themselves.\n"
		  "alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\n"
		  "alias pci:v00008086d0000100Fsv*sd*bc*sc*i* e1000\n"
		  "alias usb:v0BDAp8153d*dc*dsc*dp*ic*isc*ip*in* e1000\n"
		  "alias pci:v00008086d00001229sv*sd*bc*sc*i* e100\n"
		  "alias pci:v00008086d0000FFFFsv*sd*bc*sc*i* other\n"
		  "alias \nalias x\n\nalias");
	tree_bytes(&fixture->tree, "lib/modules/6.12.1/modules.builtin.modinfo", modinfo,
		   sizeof(modinfo));
	facts = read_all(fixture);
	driver = facts_driver(facts, "pci", "e1000");
	assert_int_equal(driver->id_count, 2);
	assert_string_equal(driver->ids[0], "8086:100e");
	assert_string_equal(driver->ids[1], "8086:100f");
	driver = facts_driver(facts, "pci", "e100");
	assert_int_equal(driver->id_count, 1);
	assert_string_equal(driver->ids[0], "8086:1229");
	driver = facts_driver(facts, "pci", "xhci-hcd");
	assert_int_equal(driver->id_count, 1);
	assert_string_equal(driver->ids[0], "class:0c0330");
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		TEST(ids_come_from_depmod),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, driver_rows, managed);
	return suite_run(&suite, "drivers");
}
