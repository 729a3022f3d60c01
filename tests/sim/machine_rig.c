/* SPDX-License-Identifier: MIT */
#include "machine_rig.h"

#include <stdlib.h>
#include <string.h>

void add_device(struct facts *facts, const char *address, int group, const char *id,
		const char *driver)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->bus, "pci"), 0);
	assert_int_equal(facts_set_string(&device->driver, driver), 0);
	device->group = group;
	device->vendor = strndup(id, 4);
	device->device = strdup(id + 5);
	assert_int_equal(device_facts_add_pci(device), 0);
	device->pci->config = CONFIG_READ;
}

void add_group(struct facts *facts, int id)
{
	struct group_facts *group;

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
	assert_int_equal(facts_set_string(&group->type, "DMA"), 0);
}

static void add_driver(struct facts *facts, const char *name, bool managed, bool user)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	assert_int_equal(facts_set_string(&driver->name, name), 0);
	assert_int_equal(facts_set_string(&driver->bus, "pci"), 0);
	driver->managed_dma = managed ? KNOWN_YES : KNOWN_NO;
	driver->user = user;
}

void make_facts(struct facts *facts)
{
	add_group(facts, GROUP);
	add_group(facts, ALONE_GROUP);
	add_driver(facts, "e1000", false, false);
	add_driver(facts, "pci-stub", true, false);
	add_driver(facts, "vfio-pci", true, true);
	add_device(facts, A, GROUP, "8086:100e", "e1000");
	add_device(facts, B, GROUP, "1234:11e8", NULL);
	add_device(facts, C, GROUP, "8086:100e", "e1000");
	add_device(facts, ALONE, ALONE_GROUP, "8086:10d3", NULL);
}

int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct facts facts = {0};
	char *why = NULL;

	make_facts(&facts);
	assert_int_equal(sim_machine_open(&facts, NULL, &bed->machine, &why), 0);
	facts_release(&facts);
	*state = bed;
	return 0;
}

int tear_down(void **state)
{
	struct bed *bed = *state;

	group_file_close(bed->file);
	machine_close(bed->machine);
	free(bed);
	return 0;
}

void check(struct bed *bed)
{
	char *why = NULL;

	if (sim_machine_check(bed->machine, &why))
		fail_msg("%s", why ? why : "no memory");
}

void give(struct bed *bed, const char *device, const char *driver)
{
	EXPECT(bed, machine_set_override(bed->machine, device, driver), 0);
	EXPECT(bed, machine_bind(bed->machine, device, driver), 0);
}
