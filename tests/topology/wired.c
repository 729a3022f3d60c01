/* SPDX-License-Identifier: MIT */
#include "wired.h"

#include "advice.h"
#include "explanation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void wired_add(struct facts *facts, const struct wired *wired)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	device->bus = strdup("pci");
	device->address = strdup(wired->address);
	device->parent = wired->parent ? strdup(wired->parent) : NULL;
	device->vendor = wired->vendor ? strdup(wired->vendor) : NULL;
	device->device = wired->device ? strdup(wired->device) : NULL;
	device->subdevice = wired->subdevice ? strdup(wired->subdevice) : NULL;
	device->class = wired->class ? strdup(wired->class) : NULL;
	device->group = wired->recorded ? wired->recorded : GROUP_BY_RULES;
	if (device_facts_add_pci(device))
		return;
	device->pci->type = wired->type;
	device->pci->bridge = wired->bridge;
	device->pci->secondary = wired->bridge ? 7 : 0;
	device->pci->multifunction = wired->several;
	device->pci->config = wired->hidden   ? CONFIG_HIDDEN
			      : wired->silent ? CONFIG_SILENT
					      : CONFIG_READ;
	device->pci->config_errno = wired->hidden_by;
	device->pci->acs_wide = wired->wide;
	device->pci->has_acs = wired->acs != NO_ACS;
	device->pci->acs_capability = (uint16_t)(0x5f & ~wired->without);
	device->pci->acs_control = (uint16_t)(wired->acs == NO_ACS ? 0 : wired->acs);
	if (wired->physical_function)
		device->pci->physical_function = strdup(wired->physical_function);
}

static void add_host(struct facts *facts, const struct wiring_case *row)
{
	assert_int_equal(facts_add_host(facts), 0);
	assert_int_equal(facts_set_string(&facts->host->release, row->release), 0);
	assert_int_equal(facts_set_string(&facts->host->iommu_table, row->table), 0);
	facts->host->privileged = row->by_root ? KNOWN_YES : KNOWN_NOT;
}

/* The first device of the group that the rules give. */
static const char *leader(const struct facts *facts, const struct topology *topology, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (topology->placements[i].group == topology->placements[place].group)
			return facts->devices[i].address;
	return facts->devices[place].address;
}

void wired_test(void **state)
{
	const struct wiring_case *row = *state;
	struct facts facts = {0};
	struct topology topology;

	for (const struct wired *wired = row->devices; wired->address; wired++)
		wired_add(&facts, wired);
	if (row->release || row->table || row->by_root)
		add_host(&facts, row);
	assert_int_equal(topology_init(&topology, &facts), 0);
	for (size_t i = 0; i < facts.device_count; i++) {
		char *words;

		assert_string_equal(leader(&facts, &topology, i), row->devices[i].leader);
		assert_int_equal(topology.placements[i].company, row->devices[i].company);
		assert_int_equal(topology_explain(&topology, &facts, i, &words), 0);
		if (row->devices[i].words)
			assert_string_equal(words, row->devices[i].words);
		free(words);
		assert_int_equal(topology_advise(&topology, &facts, i, &words), 0);
		if (row->devices[i].remedy)
			assert_string_equal(words ? words : NOTHING, row->devices[i].remedy);
		free(words);
	}
	topology_release(&topology);
	facts_release(&facts);
}
