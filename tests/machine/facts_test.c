/* SPDX-License-Identifier: MIT */
#include "facts.h"
#include "rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	assert_true(!text || copied);
	return copied;
}

static struct device_facts *add_device(struct facts *facts, const char *bus, const char *address,
				       int group)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	device->bus = copy(bus);
	device->address = copy(address);
	device->group = group;
	return device;
}

static void add_group(struct facts *facts, int id)
{
	struct group_facts *group;

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
}

static struct driver_facts *add_driver(struct facts *facts, const char *bus, const char *name,
				       enum known managed)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	driver->bus = copy(bus);
	driver->name = copy(name);
	driver->managed_dma = managed;
	return driver;
}

/* A bridge with two devices in group 8, and a device of its own in group 2. */
static void build_machine(struct facts *facts)
{
	*facts = (struct facts) {.machine = copy("test")};
	add_group(facts, 8);
	add_group(facts, 2);
	add_driver(facts, "pci", "e1000", KNOWN_NO);
	add_driver(facts, "pci", "pci-stub", KNOWN_YES);
	add_driver(facts, "pci", "odd", KNOWN_NOT);
	add_device(facts, "pci", "0000:01:00.0", 8);
	add_device(facts, "pci", "0000:02:01.0", 8)->parent = copy("0000:01:00.0");
	add_device(facts, "pci", "0000:02:02.0", 8)->parent = copy("0000:01:00.0");
	add_device(facts, "pci", "0000:00:1f.0", 2);
}

static void set(char **field, const char *value)
{
	free(*field);
	*field = copy(value);
}

static void two_devices_one_address(struct facts *facts)
{
	set(&facts->devices[2].address, "0000:01:00.0");
}

static void device_in_two_groups(struct facts *facts)
{
	set(&facts->devices[3].address, "0000:02:01.0");
}

static void device_in_a_group_and_in_none(struct facts *facts)
{
	set(&facts->devices[3].address, "0000:02:01.0");
	facts->devices[3].group = -1;
}

static void device_without_address(struct facts *facts)
{
	set(&facts->devices[1].address, NULL);
}

static void device_with_empty_address(struct facts *facts)
{
	set(&facts->devices[1].address, "");
}

static void device_without_bus(struct facts *facts)
{
	set(&facts->devices[1].bus, NULL);
}

static void driver_without_name(struct facts *facts)
{
	set(&facts->drivers[1].name, NULL);
}

static void driver_without_bus(struct facts *facts)
{
	set(&facts->drivers[1].bus, "");
}

static void two_drivers_one_name(struct facts *facts)
{
	set(&facts->drivers[1].name, "e1000");
}

static void pci_facts_of_a_platform_name(struct facts *facts)
{
	assert_int_equal(device_facts_add_pci(&facts->devices[1]), 0);
	set(&facts->devices[1].address, "serial8250");
}

static void pci_facts_of_another_function(struct facts *facts)
{
	assert_int_equal(device_facts_add_pci(&facts->devices[1]), 0);
	facts->devices[1].pci->function = 3;
}

static void group_not_there(struct facts *facts)
{
	facts->devices[0].group = 3;
}

static void group_below_none(struct facts *facts)
{
	facts->devices[0].group = -3;
}

static void two_groups_one_id(struct facts *facts)
{
	facts->groups[1].id = 8;
}

static void negative_group(struct facts *facts)
{
	facts->groups[1].id = -1;
}

static void parent_not_there(struct facts *facts)
{
	set(&facts->devices[1].parent, "0000:05:00.0");
}

static void own_parent(struct facts *facts)
{
	set(&facts->devices[3].parent, "0000:00:1f.0");
}

static void parents_in_a_ring(struct facts *facts)
{
	set(&facts->devices[0].parent, "0000:02:02.0");
}

static void driver_not_there(struct facts *facts)
{
	set(&facts->devices[1].driver, "ghost");
}

static void driver_of_another_bus(struct facts *facts)
{
	set(&facts->devices[3].bus, "platform");
	set(&facts->devices[3].driver, "e1000");
}

static void iommu_without_name(struct facts *facts)
{
	struct iommu_facts *iommu;

	assert_int_equal(facts_add_host(facts), 0);
	assert_int_equal(host_facts_add_iommu(facts->host, &iommu), 0);
}

static void module_without_name(struct facts *facts)
{
	struct module_facts *module;

	assert_int_equal(facts_add_host(facts), 0);
	assert_int_equal(host_facts_add_module(facts->host, &module), 0);
}

static void nothing_wrong(struct facts *facts)
{
	set(&facts->devices[1].driver, "e1000");
	assert_int_equal(device_facts_add_pci(&facts->devices[1]), 0);
	facts->devices[3].group = -1;
	facts->devices[2].group = GROUP_BY_RULES;
}

struct check_case {
	const char *name;
	void (*change)(struct facts *facts);
	const char *why; /* NULL: the facts are good */
};

static const struct check_case check_cases[] = {
	{"check@good", nothing_wrong, NULL},
	{"check@two-devices-one-address", two_devices_one_address,
	 "0000:01:00.0: two devices have this address"},
	{"check@device-in-two-groups", device_in_two_groups,
	 "0000:02:01.0: is in group 8 and in group 2"},
	{"check@device-in-a-group-and-in-none", device_in_a_group_and_in_none,
	 "0000:02:01.0: two devices have this address"},
	{"check@device-without-address", device_without_address, "device number 1 has no address"},
	{"check@device-with-empty-address", device_with_empty_address,
	 "device number 1 has no address"},
	{"check@device-without-bus", device_without_bus, "0000:02:01.0: has no bus"},
	{"check@driver-without-name", driver_without_name, "driver number 1 has no name"},
	{"check@driver-without-bus", driver_without_bus, "driver pci-stub: has no bus"},
	{"check@two-drivers-one-name", two_drivers_one_name,
	 "driver e1000: two drivers on bus pci have this name"},
	{"check@pci-facts-of-a-platform-name", pci_facts_of_a_platform_name,
	 "serial8250: not the address of a PCI function (0000:02:01.0)"},
	{"check@pci-facts-of-another-function", pci_facts_of_another_function,
	 "0000:02:01.0: its PCI facts are those of 0000:02:01.3"},
	{"check@group-not-there", group_not_there,
	 "0000:01:00.0: its group 3 is not on this machine"},
	{"check@group-below-none", group_below_none,
	 "0000:01:00.0: its group -3 is not on this machine"},
	{"check@two-groups-one-id", two_groups_one_id, "group 8: two groups have this id"},
	{"check@negative-group", negative_group, "group -1: a group's id is not negative"},
	{"check@parent-not-there", parent_not_there,
	 "0000:02:01.0: its parent 0000:05:00.0 is not on this machine"},
	{"check@own-parent", own_parent,
	 "0000:00:1f.0: is above itself (its parents form a cycle)"},
	{"check@parents-in-a-ring", parents_in_a_ring,
	 "0000:01:00.0: is above itself (its parents form a cycle)"},
	{"check@driver-not-there", driver_not_there,
	 "0000:02:01.0: its driver ghost is not on bus pci of this machine"},
	{"check@driver-of-another-bus", driver_of_another_bus,
	 "0000:00:1f.0: its driver e1000 is not on bus platform of this machine"},
	{"check@iommu-without-name", iommu_without_name, "IOMMU number 0 has no name"},
	{"check@module-without-name", module_without_name, "module number 0 has no name"},
};

static void check(void **state)
{
	const struct check_case *row = *state;
	struct facts facts;
	char *why = NULL;

	build_machine(&facts);
	row->change(&facts);
	assert_int_equal(facts_check(&facts, &why), row->why ? -EINVAL : 0);
	if (row->why)
		assert_string_equal(why, row->why);
	else
		assert_null(why);
	free(why);
	facts_release(&facts);
}

struct address_case {
	const char *name, *address;
	int result;
	struct pci_facts parsed;
};

static const struct address_case address_cases[] = {
	{"address@usual", "0000:02:1f.7", 0, {.bus = 2, .slot = 31, .function = 7}},
	{"address@long-segment", "10000:ff:00.0", 0, {.segment = 0x10000, .bus = 255}},
	{"address@longest-segment", "ffffffff:00:00.0", 0, {.segment = UINT32_MAX}},
	{"address@too-long-segment", "100000000:00:00.0", -EINVAL, {0}},
	{"address@without-segment", "02:01.0", -EINVAL, {0}},
	{"address@upper-case", "0000:0A:00.0", -EINVAL, {0}},
	{"address@slot-32", "0000:00:20.0", -EINVAL, {0}},
	{"address@function-8", "0000:00:00.8", -EINVAL, {0}},
	{"address@more-after-it", "0000:00:00.01", -EINVAL, {0}},
	{"address@sign", "+000:00:00.0", -EINVAL, {0}},
	{"address@empty", "", -EINVAL, {0}},
	{"address@name", "serial8250", -EINVAL, {0}},
};

static void address(void **state)
{
	const struct address_case *row = *state;
	struct pci_facts parsed = {.segment = 77};

	assert_int_equal(pci_address_parse(row->address, &parsed), row->result);
	if (row->result) {
		assert_int_equal(parsed.segment, 77);
		return;
	}
	assert_int_equal(parsed.segment, row->parsed.segment);
	assert_int_equal(parsed.bus, row->parsed.bus);
	assert_int_equal(parsed.slot, row->parsed.slot);
	assert_int_equal(parsed.function, row->parsed.function);
}

struct viable_case {
	const char *name, *driver;
	bool viable;
};

static const struct viable_case viable_cases[] = {
	{"viable@nothing-bound", NULL, true},
	{"viable@managed", "pci-stub", true},
	{"viable@native", "e1000", false},
	{"viable@not-known-counts-as-native", "odd", false},
};

static void viable(void **state)
{
	const struct viable_case *row = *state;
	struct facts facts;

	build_machine(&facts);
	set(&facts.devices[2].driver, row->driver);
	assert_int_equal(facts_viable(&facts, 8), row->viable);
	assert_true(facts_viable(&facts, 2));
	facts_release(&facts);
}

static void entries_begin_unknown(void **state)
{
	struct facts facts = {0};
	struct group_facts *group;
	struct device_facts *device = add_device(&facts, "pci", "0000:00:01.0", -1);

	assert_int_equal(device_facts_add_pci(device), 0);
	assert_int_equal(device->pci->type, PCIE_NONE);
	assert_int_equal(device->pci->slot, 1);
	assert_false(device->uses_known);
	assert_int_equal(facts_add_group(&facts, &group), 0);
	assert_int_equal(group->count, -1);
	assert_int_equal(group->owner.kind, OWNER_NOT_KNOWN);
	assert_int_equal(group->owner.pid, 0);
	assert_int_equal(group->owner.uid, -1);
	facts_release(&facts);
	assert_int_equal(facts.device_count, 0);
	facts_release(&facts);
}

static void many_entries_are_kept(void **state)
{
	struct facts facts = {0};
	struct device_index index;
	char name[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		add_device(&facts, "platform", name, i);
		assert_int_equal(driver_facts_add_id(add_driver(&facts, "platform", name, 0), name),
				 0);
	}
	assert_int_equal(device_index_init(&index, &facts), 0);
	for (size_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d%zu", i);
		assert_int_equal(facts.devices[i].group, i);
		assert_int_equal(device_index_find(&index, name), i);
		assert_string_equal(facts.drivers[i].ids[0], name);
	}
	assert_true(device_index_find(&index, "d1000") == SIZE_MAX);
	device_index_release(&index);
	facts_release(&facts);
}

static void lookups(void **state)
{
	struct facts facts;

	build_machine(&facts);
	assert_ptr_equal(facts_device(&facts, "0000:02:02.0"), &facts.devices[2]);
	assert_null(facts_device(&facts, "0000:02:03.0"));
	assert_ptr_equal(facts_group(&facts, 2), &facts.groups[1]);
	assert_null(facts_group(&facts, 3));
	assert_ptr_equal(facts_driver(&facts, "pci", "pci-stub"), &facts.drivers[1]);
	assert_null(facts_driver(&facts, "platform", "pci-stub"));
	facts_release(&facts);
}

static void sorts_by_bus_then_number(void **state)
{
	static const char *const order[] = {"0000:00:1f.0", "0000:01:00.0",  "0000:02:01.0",
					    "0000:02:02.0", "10000:00:00.0", "a-uart"};
	struct facts facts;

	build_machine(&facts);
	add_device(&facts, "platform", "a-uart", -1);
	add_device(&facts, "pci", "10000:00:00.0", -1);
	facts_sort(&facts);
	for (size_t i = 0; i < facts.device_count; i++)
		assert_string_equal(facts.devices[i].address, order[i]);
	assert_int_equal(facts.groups[0].id, 2);
	assert_string_equal(facts.drivers[1].name, "odd");
	facts_release(&facts);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(entries_begin_unknown),
		cmocka_unit_test(many_entries_are_kept),
		cmocka_unit_test(lookups),
		cmocka_unit_test(sorts_by_bus_then_number),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, check_cases, check);
	ADD_ROWS(&suite, address_cases, address);
	ADD_ROWS(&suite, viable_cases, viable);
	return suite_run(&suite, "facts");
}
