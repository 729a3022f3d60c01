/* SPDX-License-Identifier: MIT */
/* Reading a host, on trees that are made for each test. */
#define _GNU_SOURCE
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A test builds its tree, reads it, and looks at the facts. */
struct fixture {
	struct tree tree;
	struct facts facts;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	tree_make(&fixture->tree);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	facts_release(&fixture->facts);
	tree_remove(&fixture->tree);
	free(fixture);
	return 0;
}

static void read_by(struct fixture *fixture, int (*read)(struct machine *, struct facts *))
{
	struct machine *machine;
	char *why = NULL;

	facts_release(&fixture->facts);
	assert_int_equal(linux_machine_open(fixture->tree.path, &machine), 0);
	assert_int_equal(read(machine, &fixture->facts), 0);
	assert_int_equal(machine_find_users(machine, &fixture->facts), 0);
	machine_close(machine);
	if (facts_check(&fixture->facts, &why) != 0)
		fail_msg("%s", why);
}

static const struct facts *read_all(struct fixture *fixture)
{
	read_by(fixture, machine_read);
	return &fixture->facts;
}

static const struct device_facts *find(const struct facts *facts, const char *address)
{
	const struct device_facts *device = facts_device(facts, address);

	if (!device)
		fail_msg("%s: not read", address);
	return device;
}

static const uint8_t plain_config[256];

#define E1000E "pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"
#define DEVICE(...)                                                                                \
	&(struct tree_device)                                                                      \
	{                                                                                          \
		.config = plain_config, .config_size = 256, __VA_ARGS__                            \
	}

static void device_of_a_laptop(void **state)
{
	struct fixture *fixture = *state;
	const struct device_facts *device;
	const struct facts *facts;

	tree_text(&fixture->tree, "usr/share/misc/pci.ids", "8086  Intel\n\t10d3  82574L\n");
	tree_device(&fixture->tree,
		    DEVICE(.address = "0000:00:1c.0", .driver = "pcieport", .group = 3));
	tree_device(&fixture->tree,
		    DEVICE(.address = "0000:02:00.0", .above = "pci0000:00/0000:00:1c.0",
			   .modalias = E1000E, .driver = "e1000e", .group = 11));
	tree_group(&fixture->tree, 11, "DMA-FQ\n", "");
	facts = read_all(fixture);
	device = find(facts, "0000:02:00.0");
	assert_string_equal(device->bus, "pci");
	assert_string_equal(device->parent, "0000:00:1c.0");
	assert_string_equal(device->vendor, "8086");
	assert_string_equal(device->device, "10d3");
	assert_string_equal(device->subvendor, "8086");
	assert_string_equal(device->subdevice, "a01f");
	assert_string_equal(device->class, "020000");
	assert_string_equal(device->modalias, E1000E);
	assert_string_equal(device->name, "82574L");
	assert_string_equal(device->driver, "e1000e");
	assert_null(device->override);
	assert_int_equal(device->group, 11);
	assert_int_equal(device->pci->bus, 2);
	assert_false(device->uses_known);
	assert_null(find(facts, "0000:00:1c.0")->parent);
	assert_int_equal(facts->group_count, 2);
	assert_string_equal(facts_group(facts, 11)->type, "DMA-FQ");
	assert_null(facts_group(facts, 3)->type);
}

static void override_is_read(void **state)
{
	struct fixture *fixture = *state;

	tree_device(&fixture->tree,
		    DEVICE(.address = "0000:00:02.0", .override = "vfio-pci\n", .group = 1));
	assert_string_equal(find(read_all(fixture), "0000:00:02.0")->override, "vfio-pci");
}

static void pci_without_group_is_listed(void **state)
{
	struct fixture *fixture = *state;
	const struct facts *facts;

	tree_device(&fixture->tree, DEVICE(.address = "0000:00:1f.0", .group = -1));
	facts = read_all(fixture);
	assert_int_equal(find(facts, "0000:00:1f.0")->group, -1);
	assert_int_equal(facts->group_count, 0);
}

static void platform_without_group_is_not(void **state)
{
	struct fixture *fixture = *state;
	const struct facts *facts;

	tree_device(&fixture->tree, &(struct tree_device) {.bus = "platform",
							   .address = "pcspkr",
							   .above = "platform",
							   .group = -1});
	tree_device(&fixture->tree, &(struct tree_device) {.bus = "platform",
							   .address = "ff5e0000.dma",
							   .above = "platform",
							   .modalias = "of:NdmaT(null)Cxlnx,dma",
							   .group = 4});
	facts = read_all(fixture);
	assert_int_equal(facts->device_count, 1);
	assert_string_equal(facts->devices[0].address, "ff5e0000.dma");
	assert_string_equal(facts->devices[0].bus, "platform");
	assert_null(facts->devices[0].parent);
	assert_null(facts->devices[0].vendor);
	assert_null(facts->devices[0].pci);
}

static void every_bus_is_read(void **state)
{
	static const char *const buses[] = {"amba", "cdx", "fsl-mc", "host1x", "pci", "platform"};
	static const char *const addresses[] = {"2b0a0000.dma", "cdx-00:00",    "dpni.1",
						"gr3d",         "0000:00:01.0", "soc:can"};
	struct fixture *fixture = *state;
	const struct facts *facts;

	for (int i = 0; i < 6; i++)
		tree_device(&fixture->tree,
			    DEVICE(.bus = buses[i], .address = addresses[i], .group = i));
	facts = read_all(fixture);
	assert_int_equal(facts->device_count, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_string_equal(facts->devices[i].bus, buses[i]);
		assert_string_equal(facts->devices[i].address, addresses[i]);
	}
}

static void mc_objects_nest(void **state)
{
	struct fixture *fixture = *state;

	tree_device(&fixture->tree,
		    &(struct tree_device) {
			    .bus = "fsl-mc", .address = "dprc.1", .above = "platform", .group = 7});
	tree_device(&fixture->tree, &(struct tree_device) {.bus = "fsl-mc",
							   .address = "dpni.1",
							   .above = "platform/dprc.1",
							   .modalias = "fsl-mc:v00001957ddpni",
							   .group = 7});
	assert_string_equal(find(read_all(fixture), "dpni.1")->parent, "dprc.1");
}

/* VMD's functions are on a root bus of their own, which the VMD function makes. */
static void parent_of_a_root_bus_is_the_function_that_makes_it(void **state)
{
	struct fixture *fixture = *state;
	const struct facts *facts;

	tree_device(&fixture->tree, DEVICE(.address = "0000:00:0e.0", .group = 5));
	tree_device(&fixture->tree,
		    DEVICE(.address = "10000:e0:06.0",
			   .above = "pci0000:00/0000:00:0e.0/pci10000:e0", .group = 5));
	tree_device(&fixture->tree,
		    DEVICE(.address = "10000:e1:00.0",
			   .above = "pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0",
			   .group = 5));
	tree_device(&fixture->tree, &(struct tree_device) {.bus = "platform",
							   .address = "40000000.pcie",
							   .above = "platform",
							   .group = 6});
	tree_device(&fixture->tree,
		    DEVICE(.address = "0001:00:00.0", .above = "platform/40000000.pcie/pci0001:00",
			   .group = 7));
	facts = read_all(fixture);
	assert_string_equal(find(facts, "10000:e0:06.0")->parent, "0000:00:0e.0");
	assert_string_equal(find(facts, "10000:e1:00.0")->parent, "10000:e0:06.0");
	assert_null(find(facts, "0000:00:0e.0")->parent);
	assert_null(find(facts, "0001:00:00.0")->parent);
}

static void virtual_function_names_its_physical_one(void **state)
{
	struct fixture *fixture = *state;
	const struct facts *facts;

	tree_device(&fixture->tree, DEVICE(.address = "0000:00:03.0", .group = 5));
	tree_device(&fixture->tree, DEVICE(.address = "0000:00:03.1", .group = 6));
	tree_link(&fixture->tree, "sys/devices/pci0000:00/0000:00:03.1/physfn", "../0000:00:03.0");
	facts = read_all(fixture);
	assert_string_equal(find(facts, "0000:00:03.1")->pci->physical_function, "0000:00:03.0");
	assert_null(find(facts, "0000:00:03.0")->pci->physical_function);
}

static void hidden_config_is_said(void **state)
{
	static const uint8_t config[64] = {[0x06] = 0x10, [0x34] = 0x40};
	struct fixture *fixture = *state;

	tree_device(&fixture->tree, &(struct tree_device) {.address = "0000:00:03.0",
							   .group = 5,
							   .config = config,
							   .config_size = 64});
	assert_int_equal(find(read_all(fixture), "0000:00:03.0")->pci->config, CONFIG_HIDDEN);
}

/* A device is taken off between the reading of the directory and of what is in it. One of which no
 * configuration space was recorded is there. */
static void vanished_devices_are_left_out(void **state)
{
	struct fixture *fixture = *state;
	const struct facts *facts;

	tree_link(&fixture->tree, "sys/bus/pci/devices/0000:00:04.0", "../../../devices/gone");
	tree_device(&fixture->tree, DEVICE(.address = "0000:00:05.0", .group = 5));
	tree_unlink(&fixture->tree, "sys/devices/pci0000:00/0000:00:05.0/uevent");
	tree_device(&fixture->tree, &(struct tree_device) {.address = "0000:00:06.0", .group = 6});
	tree_device(&fixture->tree, DEVICE(.address = "0000:00:07.0", .group = 7));
	tree_device(&fixture->tree, DEVICE(.address = "0000:01:00.0",
					   .above = "pci0000:00/0000:00:05.0", .group = 7));
	facts = read_all(fixture);
	assert_int_equal(facts->device_count, 3);
	assert_null(find(facts, "0000:01:00.0")->parent);
	assert_int_equal(facts->group_count, 2);
}

/* The tree is read as a root: a link that leads out of it leads to nothing. */
enum { MANY = 640, A_FIFTH_HAS_GONE = 5 };

static void name_one_of_many(unsigned int number, char address[32])
{
	snprintf(address, 32, "0000:%02x:%02x.0", number / 8, number % 8);
}

static void make_one_of_many(const struct tree *tree, unsigned int number)
{
	char address[32], path[64];

	name_one_of_many(number, address);
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", address);
	if (number % A_FIFTH_HAS_GONE == 0)
		tree_link(tree, path, "../../../devices/gone");
	else
		tree_device(tree, &(struct tree_device) {.address = address,
							 .modalias = E1000E,
							 .override = address,
							 .group = (int)number});
}

/* So many are read by several threads. */
static void each_of_many_devices_is_read_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	const struct device_facts *device;
	char address[32];

	for (unsigned int i = 0; i < MANY; i++)
		make_one_of_many(&fixture->tree, i);
	read_by(fixture, machine_glance);
	device = fixture->facts.devices;
	for (unsigned int i = 0; i < MANY; i++) {
		if (i % A_FIFTH_HAS_GONE == 0)
			continue;
		name_one_of_many(i, address);
		assert_string_equal(device->address, address);
		assert_string_equal(device->override, address);
		assert_int_equal(device->group, i);
		device++;
	}
	assert_int_equal(device - fixture->facts.devices, fixture->facts.device_count);
}

static void links_do_not_lead_out(void **state)
{
	struct fixture *fixture = *state;
	struct tree outside;
	char target[512];

	tree_make(&outside);
	tree_device(&outside, DEVICE(.address = "0000:00:04.0", .group = -1));
	snprintf(target, sizeof(target), "%s/sys/devices/pci0000:00/0000:00:04.0", outside.path);
	tree_link(&fixture->tree, "sys/bus/pci/devices/0000:00:04.0", target);
	assert_int_equal(read_all(fixture)->device_count, 0);
	tree_remove(&outside);
}

static void no_sys_is_no_device(void **state)
{
	assert_int_equal(read_all(*state)->device_count, 0);
}

struct uevent_row {
	const char *name, *uevent, *driver, *vendor;
};

static const struct uevent_row uevent_rows[] = {
	{"uevent@empty", "", NULL, NULL},
	{"uevent@no-newline", "MODALIAS=" E1000E, NULL, "8086"},
	{"uevent@key-in-a-value", "X=DRIVER=e1000e\n", NULL, NULL},
	{"uevent@longer-key", "DRIVERS=e1000e\n", NULL, NULL},
	{"uevent@bad-modalias", "MODALIAS=pci:v0000\nPCI_ID=8086:10D3\n", NULL, NULL},
	{"uevent@empty-lines", "\n\nMODALIAS=" E1000E "\n\n", NULL, "8086"},
	{"uevent@garbage", "\377\376\001=\n==\n", NULL, NULL},
	{"uevent@driver", "DRIVER=e1000e\nMODALIAS=" E1000E "\n", "e1000e", "8086"},
};

static void uevent(void **state)
{
	const struct uevent_row *row = *state;
	struct fixture fixture = {0};
	const struct device_facts *device;

	tree_make(&fixture.tree);
	tree_device(&fixture.tree, DEVICE(.address = "0000:00:02.0", .group = 1));
	tree_text(&fixture.tree, "sys/devices/pci0000:00/0000:00:02.0/uevent", row->uevent);
	device = find(read_all(&fixture), "0000:00:02.0");
	if (row->driver)
		assert_string_equal(device->driver, row->driver);
	else
		assert_null(device->driver);
	if (row->vendor)
		assert_string_equal(device->vendor, row->vendor);
	else
		assert_null(device->vendor);
	facts_release(&fixture.facts);
	tree_remove(&fixture.tree);
}

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

static void a_glance_leaves_out_what_a_list_does_not_show(void **state)
{
	struct fixture *fixture = *state;

	tree_device(&fixture->tree, DEVICE(.address = "0000:00:02.0", .modalias = E1000E,
					   .driver = "e1000e", .group = 1));
	tree_driver(&fixture->tree, "pci", "nvme", "nvme");
	tree_group(&fixture->tree, 1, "DMA\n", "0x1 0x2 direct\n");
	read_by(fixture, machine_glance);
	assert_null(find(&fixture->facts, "0000:00:02.0")->pci);
	assert_string_equal(find(&fixture->facts, "0000:00:02.0")->vendor, "8086");
	assert_int_equal(fixture->facts.driver_count, 1);
	assert_int_equal(read_all(fixture)->driver_count, 2);
}

struct region_row {
	const char *name, *regions;
	bool direct;
};

static const struct region_row region_rows[] = {
	{"regions@none", "", false},
	{"regions@msi-and-reserved",
	 "0x00000000fee00000 0x00000000feefffff msi\n0x000000fd00000000 0x000000ffffffffff "
	 "reserved\n",
	 false},
	{"regions@direct", "0x7b000000 0x7b7fffff direct\n0xfee00000 0xfeefffff msi\n", true},
	{"regions@direct-at-the-end", "0xfee00000 0xfeefffff msi\n0x7b000000 0x7b7fffff direct",
	 true},
	{"regions@relaxable-is-no-hindrance", "0x7b000000 0x7b7fffff direct-relaxable\n", false},
};

static void regions(void **state)
{
	const struct region_row *row = *state;
	struct fixture fixture = {0};

	tree_make(&fixture.tree);
	tree_device(&fixture.tree, DEVICE(.address = "0000:00:02.0", .group = 1));
	tree_group(&fixture.tree, 1, "DMA\n", row->regions);
	assert_int_equal(read_all(&fixture)->groups[0].direct_regions,
			 row->direct ? KNOWN_YES : KNOWN_NO);
	facts_release(&fixture.facts);
	tree_remove(&fixture.tree);
}

struct owner_row {
	const char *name;
	const char *driver, *companion; /* bound in group 8 */
	const char *node;               /* open in process 1234; NULL: none */
	enum owner_kind kind;
};

static const struct owner_row owner_rows[] = {
	{"owner@unbound", NULL, NULL, NULL, OWNER_NONE},
	{"owner@native", "e1000", NULL, NULL, OWNER_KERNEL},
	{"owner@managed-only", "vfio-pci", "pci-stub", NULL, OWNER_NONE},
	{"owner@native-companion", "vfio-pci", "e1000", NULL, OWNER_KERNEL},
	{"owner@open-with-native-companion", "vfio-pci", "e1000", "/dev/vfio/8", OWNER_USER},
	{"owner@open", "vfio-pci", NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-in-a-container", "vfio-pci", NULL, "/vfio/8", OWNER_USER},
	{"owner@iommufd", "vfio-pci", NULL, "/dev/vfio/devices/vfio3", OWNER_USER},
	{"owner@iommufd-of-no-device", "vfio-pci", NULL, "/dev/vfio/devices/vfio4", OWNER_NONE},
	{"owner@other-group", "vfio-pci", NULL, "/dev/vfio/9", OWNER_NONE},
	{"owner@container-alone", "vfio-pci", NULL, "/dev/vfio/vfio", OWNER_NONE},
	{"owner@longer-name", "vfio-pci", NULL, "/dev/vfio/8x", OWNER_NONE},
	{"owner@socket", "vfio-pci", NULL, "socket:[1234]", OWNER_NONE},
	{"owner@open-on-a-native-driver", "nvidia", NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-on-no-driver", NULL, NULL, "/dev/vfio/8", OWNER_USER},
	{"owner@open-without-an-iommu", "vfio-pci", NULL, "/dev/vfio/noiommu-8", OWNER_USER},
	{"owner@iommufd-with-a-link", "vfio-pci", NULL, "/dev/vfio/devices/vfio5", OWNER_USER},
	{"owner@no-number", "vfio-pci", NULL, "/dev/vfio/noiommu-", OWNER_NONE},
};

static void make_owner_tree(const struct tree *tree, const struct owner_row *row)
{
	tree_device(tree, DEVICE(.address = "0000:02:01.0", .driver = row->driver, .group = 8));
	tree_device(tree, DEVICE(.address = "0000:02:02.0", .driver = row->companion, .group = 8));
	tree_link(tree, "sys/class/vfio-dev/vfio3/device",
		  "../../../devices/pci0000:00/0000:02:01.0");
	tree_link(tree, "sys/class/vfio-dev/vfio5",
		  "../../devices/pci0000:00/0000:02:01.0/vfio-dev/vfio5");
	tree_text(tree, "proc/1234/comm", "qemu\n");
	tree_link(tree, "proc/1234/fd/0", "/dev/null");
	if (row->node)
		tree_link(tree, "proc/1234/fd/17", row->node);
	tree_text(tree, "proc/self/comm", "no number\n");
}

static void owner(void **state)
{
	const struct owner_row *row = *state;
	struct fixture fixture = {0};
	const struct owner_facts *owner;

	tree_make(&fixture.tree);
	make_owner_tree(&fixture.tree, row);
	owner = &read_all(&fixture)->groups[0].owner;
	assert_int_equal(owner->kind, row->kind);
	if (owner->kind == OWNER_USER) {
		assert_string_equal(owner->name, "qemu");
		assert_int_equal(owner->pid, 1234);
		assert_int_equal(owner->uid, getuid());
	} else {
		assert_null(owner->name);
	}
	facts_release(&fixture.facts);
	tree_remove(&fixture.tree);
}

static void a_thread_with_descriptors_of_its_own_has_it(void **state)
{
	struct fixture *fixture = *state;

	make_owner_tree(&fixture->tree, &(struct owner_row) {.driver = "vfio-pci"});
	tree_link(&fixture->tree, "proc/1234/task/1240/fd/17", "/dev/vfio/8");
	assert_int_equal(read_all(fixture)->groups[0].owner.kind, OWNER_USER);
	assert_int_equal(fixture->facts.groups[0].owner.pid, 1234);
}

static void a_plain_file_is_no_node(void **state)
{
	struct fixture *fixture = *state;

	make_owner_tree(&fixture->tree, &(struct owner_row) {.driver = "vfio-pci"});
	tree_text(&fixture->tree, "home/vfio/8", "");
	tree_link(&fixture->tree, "proc/1234/fd/17", "/home/vfio/8");
	assert_int_equal(read_all(fixture)->groups[0].owner.kind, OWNER_NONE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest single[] = {
		TEST(device_of_a_laptop),
		TEST(override_is_read),
		TEST(pci_without_group_is_listed),
		TEST(platform_without_group_is_not),
		TEST(every_bus_is_read),
		TEST(mc_objects_nest),
		TEST(parent_of_a_root_bus_is_the_function_that_makes_it),
		TEST(virtual_function_names_its_physical_one),
		TEST(hidden_config_is_said),
		TEST(vanished_devices_are_left_out),
		TEST(each_of_many_devices_is_read_as_it_is),
		TEST(links_do_not_lead_out),
		TEST(no_sys_is_no_device),
		TEST(ids_come_from_depmod),
		TEST(a_glance_leaves_out_what_a_list_does_not_show),
		TEST(a_plain_file_is_no_node),
		TEST(a_thread_with_descriptors_of_its_own_has_it),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, uevent_rows, uevent);
	ADD_ROWS(&suite, driver_rows, managed);
	ADD_ROWS(&suite, region_rows, regions);
	ADD_ROWS(&suite, owner_rows, owner);
	return suite_run(&suite, "read");
}
