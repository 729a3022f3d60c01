/* SPDX-License-Identifier: MIT */
#include "diagnosis_rig.h"
#include "machine_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(char **field, const char *text)
{
	assert_int_equal(facts_set_string(field, text), 0);
}

/* Reads the row's host from a machine file that has nothing else. */
static void make_host(const struct row *row, struct facts *facts)
{
	char text[2048], *why = NULL;
	int length = snprintf(text, sizeof(text), "{'dmaown-machine': 1, 'groups': []%s%s%s}",
			      row->host ? ", 'host': {" : "", row->host ? row->host : "",
			      row->host ? "}" : "");

	for (char *at = text; (at = strchr(at, '\'')); at++)
		*at = '"';
	if (machine_file_parse(text, (size_t)length, "HOST", facts, &why) != 0)
		fail_msg("%s", why);
}

static struct device_facts *add_device(struct facts *facts, const char *bus, const char *address,
				       int group)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	set(&device->bus, bus);
	set(&device->address, address);
	device->group = group;
	return device;
}

static void add_ungrouped(struct facts *facts, unsigned int has, const char *address)
{
	struct device_facts *device = add_device(facts, "pci", address, -1);

	assert_int_equal(device_facts_add_pci(device), 0);
	device->pci->bridge = has & BRIDGE;
	if (has & BOUND)
		set(&device->driver, "e1000e");
}

static void add_driver(struct facts *facts, const char *name, bool user)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	set(&driver->bus, "pci");
	set(&driver->name, name);
	driver->user = user;
}

static void make_facts(const struct row *row, struct facts *facts)
{
	struct group_facts *group;

	make_host(row, facts);
	add_driver(facts, "e1000e", false);
	if (row->has & VFIO_PCI)
		add_driver(facts, "vfio-pci", true);
	if (row->has & GROUPED_PCI)
		add_device(facts, "pci", "0000:03:00.0", 7);
	if (row->has & UNGROUPED_PCI)
		add_ungrouped(facts, row->has, "0000:04:00.0");
	for (char function = '1'; row->has & MANY && function < '5'; function++) {
		char address[] = "0000:04:00.0";

		address[sizeof(address) - 2] = function;
		add_ungrouped(facts, row->has, address);
	}
	if (row->has & PLATFORM)
		add_device(facts, "platform", "ff5e0000.dma", 7);
	if (row->has & FSL_MC)
		add_device(facts, "fsl-mc", "dpni.1", 7);
	if (!(row->has & (GROUPED_PCI | PLATFORM | FSL_MC)))
		return;
	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = 7;
	if (row->has & UNREAD)
		return;
	group->noiommu = row->has & NOIOMMU ? KNOWN_YES : KNOWN_NO;
	group->direct_regions = row->has & KEPT ? KNOWN_YES : KNOWN_NO;
}

/* The remark of the row's check that says most, since a check may have one for each of many. */
static const struct remark *worst(const struct diagnosis *diagnosis, const char *check)
{
	const struct remark *found = NULL;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct remark *remark = &diagnosis->remarks[i];

		if (strcmp(remark->check, check) == 0 &&
		    (!found || remark->gravity > found->gravity))
			found = remark;
	}
	return found;
}

void remark(void **state)
{
	const struct row *row = *state;
	struct diagnosis diagnosis = {0};
	const struct remark *found;
	struct facts facts;

	make_facts(row, &facts);
	assert_int_equal(diagnose(&diagnosis, &facts), 0);
	found = worst(&diagnosis, row->check);
	if (!row->reason) {
		assert_null(found);
	} else {
		assert_non_null(found);
		assert_string_equal(found->thing, row->thing);
		assert_string_equal(found->reason, row->reason);
		assert_int_equal(found->gravity, row->gravity);
		assert_int_equal(found->code, row->code);
		if (row->remedy)
			assert_string_equal(found->remedy, row->remedy);
		else
			assert_null(found->remedy);
	}
	diagnosis_release(&diagnosis);
	facts_release(&facts);
}
