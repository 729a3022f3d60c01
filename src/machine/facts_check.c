/* SPDX-License-Identifier: MIT */
/*
 * The invariants of facts.h, verified in time n log n.
 *
 * Names come first, because all else compares them. Each rule that needs to find entries sorts
 * pointers to them; of two entries with one name the later is the one at fault.
 */
#define _GNU_SOURCE
#include "facts.h"

#include "array.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 4, 5))) static int
wrong(struct facts_fault *fault, enum facts_entry entry, size_t place, const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	*fault = (struct facts_fault) {.entry = entry, .place = place, .why = text};
	return -EINVAL;
}

static bool empty(const char *text)
{
	return !text || !*text;
}

static int check_device_names(const struct facts *facts, struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (empty(device->address))
			return wrong(fault, FACTS_DEVICE, i, "device number %zu has no address", i);
		if (empty(device->bus))
			return wrong(fault, FACTS_DEVICE, i, "%s: has no bus", device->address);
	}
	return 0;
}

static int check_driver_names(const struct facts *facts, struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->driver_count; i++) {
		const struct driver_facts *driver = &facts->drivers[i];

		if (empty(driver->name))
			return wrong(fault, FACTS_DRIVER, i, "driver number %zu has no name", i);
		if (empty(driver->bus))
			return wrong(fault, FACTS_DRIVER, i, "driver %s: has no bus", driver->name);
	}
	return 0;
}

static int same_address(const struct facts *facts, const struct device_facts *a,
			const struct device_facts *b, struct facts_fault *fault)
{
	const struct device_facts *first = a < b ? a : b, *later = a < b ? b : a;
	size_t place = (size_t)(later - facts->devices);

	if (first->group != later->group && first->group >= 0 && later->group >= 0)
		return wrong(fault, FACTS_DEVICE, place, "%s: is in group %d and in group %d",
			     later->address, first->group, later->group);
	return wrong(fault, FACTS_DEVICE, place, "%s: two devices have this address",
		     later->address);
}

static int check_addresses(const struct device_index *index, struct facts_fault *fault)
{
	for (size_t i = 1; i < index->facts->device_count; i++) {
		const struct device_facts *a = index->sorted[i - 1], *b = index->sorted[i];

		if (strcmp(a->address, b->address) == 0)
			return same_address(index->facts, a, b, fault);
	}
	return 0;
}

static int check_pci(const struct facts *facts, size_t place, struct facts_fault *fault)
{
	const struct device_facts *device = &facts->devices[place];
	const struct pci_facts *pci = device->pci;
	struct pci_facts spelled;

	if (!pci)
		return 0;
	if (pci_address_parse(device->address, &spelled))
		return wrong(fault, FACTS_DEVICE, place,
			     "%s: not the address of a PCI function (0000:02:01.0)",
			     device->address);
	if (spelled.segment != pci->segment || spelled.bus != pci->bus ||
	    spelled.slot != pci->slot || spelled.function != pci->function)
		return wrong(fault, FACTS_DEVICE, place,
			     "%s: its PCI facts are those of %04x:%02x:%02x.%x", device->address,
			     pci->segment, pci->bus, pci->slot, pci->function);
	return 0;
}

/* Stores each device's parent as a place, SIZE_MAX for none. */
static int resolve_parents(const struct device_index *index, size_t *parents,
			   struct facts_fault *fault)
{
	const struct facts *facts = index->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		parents[i] = device->parent ? device_index_find(index, device->parent) : SIZE_MAX;
		if (device->parent && parents[i] == SIZE_MAX)
			return wrong(fault, FACTS_DEVICE, i,
				     "%s: its parent %s is not on this machine", device->address,
				     device->parent);
	}
	return 0;
}

/*
 * Walks up from every device, at most once over each: `walk` says in which walk a device was first
 * met, and meeting one of the same walk again is a cycle.
 */
static int find_cycle(const struct facts *facts, const size_t *parents, size_t *walk,
		      struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		size_t at = i;

		for (; at != SIZE_MAX && !walk[at]; at = parents[at])
			walk[at] = i + 1;
		if (at != SIZE_MAX && walk[at] == i + 1)
			return wrong(fault, FACTS_DEVICE, at,
				     "%s: is above itself (its parents form a cycle)",
				     facts->devices[at].address);
	}
	return 0;
}

static int check_parents(const struct device_index *index, struct facts_fault *fault)
{
	size_t count = index->facts->device_count;
	size_t *parents = calloc(2 * count + 1, sizeof(*parents));
	int err;

	if (!parents)
		return -ENOMEM;
	err = resolve_parents(index, parents, fault);
	if (!err)
		err = find_cycle(index->facts, parents, parents + count, fault);
	free(parents);
	return err;
}

static int check_devices(const struct facts *facts, struct facts_fault *fault)
{
	struct device_index index;
	int err = device_index_init(&index, facts);

	if (err)
		return err;
	err = check_addresses(&index, fault);
	for (size_t i = 0; !err && i < facts->device_count; i++)
		err = check_pci(facts, i, fault);
	if (!err)
		err = check_parents(&index, fault);
	device_index_release(&index);
	return err;
}

static int compare_groups(const void *first, const void *second)
{
	const struct group_facts *const *a = first, *const *b = second;

	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static int check_ids(const struct facts *facts, const struct group_facts **sorted,
		     struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->group_count; i++) {
		size_t place = (size_t)(sorted[i] - facts->groups);

		if (sorted[i]->id < 0)
			return wrong(fault, FACTS_GROUP, place,
				     "group %d: a group's id is not negative", sorted[i]->id);
		if (i && sorted[i - 1]->id == sorted[i]->id) {
			const struct group_facts *later =
				sorted[i - 1] < sorted[i] ? sorted[i] : sorted[i - 1];

			return wrong(fault, FACTS_GROUP, (size_t)(later - facts->groups),
				     "group %d: two groups have this id", later->id);
		}
	}
	return 0;
}

static int check_membership(const struct facts *facts, const struct group_facts **sorted,
			    struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		struct group_facts wanted = {.id = device->group};
		const struct group_facts *key = &wanted;

		if (device->group != -1 && device->group != GROUP_BY_RULES &&
		    !bsearch(&key, sorted, facts->group_count, sizeof(*sorted), compare_groups))
			return wrong(fault, FACTS_DEVICE, i,
				     "%s: its group %d is not on this machine", device->address,
				     device->group);
	}
	return 0;
}

static int check_groups(const struct facts *facts, struct facts_fault *fault)
{
	const struct group_facts **sorted = calloc(facts->group_count + 1, sizeof(*sorted));
	int err;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < facts->group_count; i++)
		sorted[i] = &facts->groups[i];
	qsort(sorted, facts->group_count, sizeof(*sorted), compare_groups);
	err = check_ids(facts, sorted, fault);
	if (!err)
		err = check_membership(facts, sorted, fault);
	free(sorted);
	return err;
}

static int compare_drivers(const void *first, const void *second)
{
	const struct driver_facts *const *a = first, *const *b = second;
	int order = strcmp((*a)->bus, (*b)->bus);

	return order ? order : strcmp((*a)->name, (*b)->name);
}

static int check_drivers_differ(const struct facts *facts, const struct driver_facts **sorted,
				struct facts_fault *fault)
{
	for (size_t i = 1; i < facts->driver_count; i++) {
		const struct driver_facts *a = sorted[i - 1], *b = sorted[i];
		const struct driver_facts *later = a < b ? b : a;

		if (compare_drivers(&a, &b) == 0)
			return wrong(fault, FACTS_DRIVER, (size_t)(later - facts->drivers),
				     "driver %s: two drivers on bus %s have this name", later->name,
				     later->bus);
	}
	return 0;
}

static int check_bound(const struct facts *facts, const struct driver_facts **sorted,
		       struct facts_fault *fault)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		struct driver_facts wanted = {.name = device->driver, .bus = device->bus};
		const struct driver_facts *key = &wanted;

		if (device->driver &&
		    !bsearch(&key, sorted, facts->driver_count, sizeof(*sorted), compare_drivers))
			return wrong(fault, FACTS_DEVICE, i,
				     "%s: its driver %s is not on bus %s of this machine",
				     device->address, device->driver, device->bus);
	}
	return 0;
}

static int check_drivers(const struct facts *facts, struct facts_fault *fault)
{
	const struct driver_facts **sorted = calloc(facts->driver_count + 1, sizeof(*sorted));
	int err;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < facts->driver_count; i++)
		sorted[i] = &facts->drivers[i];
	qsort(sorted, facts->driver_count, sizeof(*sorted), compare_drivers);
	err = check_drivers_differ(facts, sorted, fault);
	if (!err)
		err = check_bound(facts, sorted, fault);
	free(sorted);
	return err;
}

static int check_host(const struct facts *facts, struct facts_fault *fault)
{
	const struct host_facts *host = facts->host;

	for (size_t i = 0; host && i < host->iommu_count; i++) {
		if (empty(host->iommus[i].name))
			return wrong(fault, FACTS_IOMMU, i, "IOMMU number %zu has no name", i);
	}
	for (size_t i = 0; host && i < host->module_count; i++) {
		if (empty(host->modules[i].name))
			return wrong(fault, FACTS_MODULE, i, "module number %zu has no name", i);
	}
	return 0;
}

int facts_find_fault(const struct facts *facts, struct facts_fault *fault)
{
	static int (*const rules[])(const struct facts *, struct facts_fault *) = {
		check_device_names, check_driver_names, check_devices,
		check_groups,       check_drivers,      check_host,
	};
	int err = 0;

	for (size_t i = 0; !err && i < COUNT(rules); i++)
		err = rules[i](facts, fault);
	return err;
}

int facts_check(const struct facts *facts, char **why)
{
	struct facts_fault fault = {.why = NULL};
	int err = facts_find_fault(facts, &fault);

	if (err == -EINVAL)
		*why = fault.why;
	return err;
}
