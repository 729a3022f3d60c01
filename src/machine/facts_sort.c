/* SPDX-License-Identifier: MIT */
/* The order in which facts are shown and written. */
#define _GNU_SOURCE
#include "facts.h"

#include <stdlib.h>
#include <string.h>

/* PCI addresses are lower-case hex of fixed width but for the segment: a shorter one is lower. */
static int compare_addresses(const char *bus, const char *a, const char *b)
{
	if (strcmp(bus, "pci") == 0) {
		ptrdiff_t a_width = strchrnul(a, ':') - a, b_width = strchrnul(b, ':') - b;

		if (a_width != b_width)
			return a_width < b_width ? -1 : 1;
	}
	return strcmp(a, b);
}

static int compare_devices(const void *first, const void *second)
{
	const struct device_facts *a = first, *b = second;
	int order = strcmp(a->bus, b->bus);

	return order ? order : compare_addresses(a->bus, a->address, b->address);
}

static int compare_groups(const void *first, const void *second)
{
	const struct group_facts *a = first, *b = second;

	return (a->id > b->id) - (a->id < b->id);
}

static int compare_drivers(const void *first, const void *second)
{
	const struct driver_facts *a = first, *b = second;
	int order = strcmp(a->bus, b->bus);

	return order ? order : strcmp(a->name, b->name);
}

static void sort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count)
		qsort(array, count, size, compare);
}

void facts_sort(struct facts *facts)
{
	sort(facts->devices, facts->device_count, sizeof(*facts->devices), compare_devices);
	sort(facts->groups, facts->group_count, sizeof(*facts->groups), compare_groups);
	sort(facts->drivers, facts->driver_count, sizeof(*facts->drivers), compare_drivers);
}
