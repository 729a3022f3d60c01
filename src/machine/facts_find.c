/* SPDX-License-Identifier: MIT */
/* Finding entries of facts, and what they say together. */
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool device_facts_hides(const struct device_facts *device, const char *about)
{
	for (size_t i = 0; i < device->unknown_count; i++) {
		if (strcmp(device->unknowns[i].about, about) == 0)
			return true;
	}
	return false;
}

int host_facts_hidden_by(const struct host_facts *host, const char *about)
{
	for (size_t i = 0; i < host->unknown_count; i++) {
		if (strcmp(host->unknowns[i].about, about) == 0)
			return host->unknowns[i].error;
	}
	return 0;
}

const struct module_facts *host_facts_module(const struct host_facts *host, const char *name)
{
	for (size_t i = 0; i < host->module_count; i++) {
		if (strcmp(host->modules[i].name, name) == 0)
			return &host->modules[i];
	}
	return NULL;
}

struct device_facts *facts_device(const struct facts *facts, const char *address)
{
	for (size_t i = 0; i < facts->device_count; i++)
		if (strcmp(facts->devices[i].address, address) == 0)
			return &facts->devices[i];
	return NULL;
}

struct group_facts *facts_group(const struct facts *facts, int id)
{
	for (size_t i = 0; i < facts->group_count; i++)
		if (facts->groups[i].id == id)
			return &facts->groups[i];
	return NULL;
}

struct driver_facts *facts_driver(const struct facts *facts, const char *bus, const char *name)
{
	for (size_t i = 0; i < facts->driver_count; i++)
		if (strcmp(facts->drivers[i].name, name) == 0 &&
		    strcmp(facts->drivers[i].bus, bus) == 0)
			return &facts->drivers[i];
	return NULL;
}

bool facts_native(const struct facts *facts, const struct device_facts *device)
{
	const struct driver_facts *driver;

	if (!device->driver)
		return device_facts_hides(device, "driver");
	driver = facts_driver(facts, device->bus, device->driver);
	return !driver || driver->managed_dma != KNOWN_YES;
}

bool facts_viable(const struct facts *facts, int group)
{
	for (size_t i = 0; i < facts->device_count; i++)
		if (facts->devices[i].group == group && facts_native(facts, &facts->devices[i]))
			return false;
	return true;
}

static int compare_indexed(const void *first, const void *second)
{
	const struct device_facts *const *a = first, *const *b = second;

	return strcmp((*a)->address, (*b)->address);
}

/* Devices that were sorted are in order, or nearly. */
int device_index_init(struct device_index *index, const struct facts *facts)
{
	const struct device_facts **sorted = calloc(facts->device_count + 1, sizeof(*sorted));
	bool in_order = true;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++) {
		sorted[i] = &facts->devices[i];
		in_order &= i == 0 || compare_indexed(&sorted[i - 1], &sorted[i]) <= 0;
	}
	if (!in_order)
		qsort(sorted, facts->device_count, sizeof(*sorted), compare_indexed);
	*index = (struct device_index) {.sorted = sorted, .facts = facts};
	return 0;
}

void device_index_release(struct device_index *index)
{
	free(index->sorted);
	*index = (struct device_index) {0};
}

size_t device_index_find(const struct device_index *index, const char *address)
{
	struct device_facts wanted = {.address = (char *)address};
	const struct device_facts *key = &wanted, **found;

	found = bsearch(&key, index->sorted, index->facts->device_count, sizeof(*index->sorted),
			compare_indexed);
	return found ? (size_t)(*found - index->facts->devices) : SIZE_MAX;
}
