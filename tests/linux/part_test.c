/* SPDX-License-Identifier: MIT */
/*
 * What machine_read_part() gives a plan: whole groups, members of strange buses included, what
 * carries what, and whether a device answers.
 */
#define _GNU_SOURCE
#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CARD "0000:03:00.0"

struct rig {
	struct tree tree;
	struct facts facts;
};

typedef void case_fn(struct rig *rig);

static void set_up_card(struct rig *rig, const uint8_t *config, size_t size)
{
	tree_device(&rig->tree, &(struct tree_device) {.address = CARD,
						       .driver = "e1000e",
						       .group = 3,
						       .config = config,
						       .config_size = size});
	tree_group(&rig->tree, 3, "DMA\n", "");
}

static const struct device_facts *read_part(struct rig *rig, int group, const char *address)
{
	const struct machine_part part = {.group = group};
	struct machine *machine;

	assert_int_equal(linux_machine_open(rig->tree.path, &machine), 0);
	assert_int_equal(machine_read_part(machine, &part, 1, &rig->facts), 0);
	machine_close(machine);
	return facts_device(&rig->facts, address);
}

static void a_silent_device(struct rig *rig)
{
	uint8_t config[64];

	memset(config, 0xff, sizeof(config));
	set_up_card(rig, config, sizeof(config));
	assert_int_equal(read_part(rig, 3, CARD)->pci->config, CONFIG_SILENT);
}

static void an_answering_device(struct rig *rig)
{
	static const uint8_t config[64] = {0x86, 0x80};
	const struct device_facts *device;

	set_up_card(rig, config, sizeof(config));
	device = read_part(rig, 3, CARD);
	assert_int_equal(device->pci->config, CONFIG_READ);
	assert_int_equal(device->unknown_count, 0);
}

static void a_short_configuration_space(struct rig *rig)
{
	static const uint8_t config[2] = {0x86, 0x80};
	const struct device_facts *device;

	set_up_card(rig, config, sizeof(config));
	device = read_part(rig, 3, CARD);
	assert_int_equal(device->unknown_count, 1);
	assert_string_equal(device->unknowns[0].about, "configuration space");
}

/* A member of a group is never left out, whatever its bus. */
static void a_stranger(struct rig *rig)
{
	const struct device_facts *device;

	set_up_card(rig, NULL, 0);
	tree_text(&rig->tree, "sys/devices/strange/thing.0/uevent", "");
	tree_link(&rig->tree, "sys/devices/strange/thing.0/subsystem", "../../../bus/strange");
	tree_link(&rig->tree, "sys/kernel/iommu_groups/3/devices/thing.0",
		  "../../../../devices/strange/thing.0");
	device = read_part(rig, 3, "thing.0");
	assert_non_null(device);
	assert_int_equal(device->group, 3);
	assert_string_equal(device->bus, "strange");
	assert_string_equal(device->unknowns[0].about, "bus strange");
	assert_int_equal(device->unknowns[0].error, -EOPNOTSUPP);
}

/* What is there and can't be read is a member all the same. */
static void a_member_without_attributes(struct rig *rig)
{
	const struct device_facts *device;

	set_up_card(rig, NULL, 0);
	tree_device(&rig->tree, &(struct tree_device) {.address = "0000:03:00.1", .group = 3});
	tree_unlink(&rig->tree, "sys/devices/pci0000:00/0000:03:00.1/uevent");
	device = read_part(rig, 3, "0000:03:00.1");
	assert_non_null(device);
	assert_int_equal(device->unknown_count, 1);
	assert_int_equal(device->group, 3);
}

static void the_class_alone(struct rig *rig)
{
	set_up_card(rig, NULL, 0);
	tree_text(&rig->tree, "sys/devices/pci0000:00/" CARD "/class", "0x060100\n");
	assert_string_equal(read_part(rig, 3, CARD)->class, "060100");
}

static void a_member_that_has_gone(struct rig *rig)
{
	set_up_card(rig, NULL, 0);
	tree_link(&rig->tree, "sys/kernel/iommu_groups/3/devices/0000:04:00.0", "../gone");
	assert_null(read_part(rig, 3, "0000:04:00.0"));
	assert_int_equal(rig->facts.device_count, 1);
}

static void a_carried_device(struct rig *rig)
{
	set_up_card(rig, NULL, 0);
	tree_device(&rig->tree, &(struct tree_device) {.address = "10000:01:00.0",
						       .above = "pci0000:00/" CARD "/pci10000:00",
						       .driver = "nvme",
						       .group = 3});
	assert_string_equal(read_part(rig, 3, "10000:01:00.0")->parent, CARD);
	assert_null(facts_device(&rig->facts, CARD)->parent);
}

static void a_group_without_an_iommu(struct rig *rig)
{
	set_up_card(rig, NULL, 0);
	tree_text(&rig->tree, "sys/kernel/iommu_groups/3/type", "unknown\n");
	tree_text(&rig->tree, "sys/kernel/iommu_groups/3/name", "vfio-noiommu\n");
	read_part(rig, 3, CARD);
	assert_int_equal(facts_group(&rig->facts, 3)->noiommu, KNOWN_YES);
}

static void a_group_of_the_kernel(struct rig *rig)
{
	set_up_card(rig, NULL, 0);
	read_part(rig, 3, CARD);
	assert_int_equal(facts_group(&rig->facts, 3)->noiommu, KNOWN_NO);
}

static const struct part_case {
	const char *name;
	case_fn *run;
} cases[] = {
	{"answers@all-ff-is-silent", a_silent_device},
	{"answers@a-header", an_answering_device},
	{"answers@cut-off-is-not-known", a_short_configuration_space},
	{"members@of-a-strange-bus", a_stranger},
	{"members@without-attributes", a_member_without_attributes},
	{"members@class-without-an-alias", the_class_alone},
	{"members@gone-meanwhile", a_member_that_has_gone},
	{"members@carried-by-another", a_carried_device},
	{"noiommu@by-its-name", a_group_without_an_iommu},
	{"noiommu@not-with-a-type", a_group_of_the_kernel},
};

static void run_case(void **state)
{
	const struct part_case *which = *state;
	struct rig rig = {0};

	tree_make(&rig.tree);
	which->run(&rig);
	facts_release(&rig.facts);
	tree_remove(&rig.tree);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "part");
}
