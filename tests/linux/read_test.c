/* SPDX-License-Identifier: MIT */
/* Reading the devices of a host. */
#define _GNU_SOURCE
#include "read_rig.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

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
		TEST(a_glance_leaves_out_what_a_list_does_not_show),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, uevent_rows, uevent);
	ADD_ROWS(&suite, region_rows, regions);
	return suite_run(&suite, "read");
}
