/* SPDX-License-Identifier: MIT */
/*
 * The values of facts.h: growing, finding, sorting and checking them.
 *
 * No array keeps its capacity: it is the count rounded up to a power of two, so that an append
 * reallocates just when the count is one.
 */
#define _GNU_SOURCE
#include "facts.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

static void release_pci(struct pci_facts *pci)
{
	if (!pci)
		return;
	free(pci->physical_function);
	free(pci);
}

static void release_uses(struct use_facts *uses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(uses[i].kind);
		free(uses[i].name);
		free(uses[i].reason);
	}
	free(uses);
}

static void release_device(struct device_facts *device)
{
	free(device->address);
	free(device->bus);
	free(device->parent);
	free(device->vendor);
	free(device->device);
	free(device->subvendor);
	free(device->subdevice);
	free(device->class);
	free(device->modalias);
	free(device->name);
	free(device->driver);
	free(device->override);
	release_pci(device->pci);
	release_uses(device->uses, device->use_count);
}

static void release_group(struct group_facts *group)
{
	free(group->type);
	free(group->owner.name);
	free(group->domain);
}

static void release_driver(struct driver_facts *driver)
{
	free(driver->name);
	free(driver->bus);
	release_strings(driver->ids, driver->id_count);
}

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		release_device(&facts->devices[i]);
	for (size_t i = 0; i < facts->group_count; i++)
		release_group(&facts->groups[i]);
	for (size_t i = 0; i < facts->driver_count; i++)
		release_driver(&facts->drivers[i]);
	free(facts->devices);
	free(facts->groups);
	free(facts->drivers);
	free(facts->machine);
	memset(facts, 0, sizeof(*facts));
}

/* Makes room for one more element; returns the array, which may have moved, or NULL. */
static void *with_room(void *array, size_t count, size_t size)
{
	size_t capacity = count ? 2 * count : 1;

	if (count & (count - 1))
		return array;
	return reallocarray(array, capacity, size);
}

int facts_add_device(struct facts *facts, struct device_facts **out)
{
	struct device_facts *devices =
		with_room(facts->devices, facts->device_count, sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	facts->devices = devices;
	*out = &devices[facts->device_count++];
	**out = (struct device_facts) {.group = -1};
	return 0;
}

int facts_add_group(struct facts *facts, struct group_facts **out)
{
	struct group_facts *groups = with_room(facts->groups, facts->group_count, sizeof(*groups));

	if (!groups)
		return -ENOMEM;
	facts->groups = groups;
	*out = &groups[facts->group_count++];
	**out = (struct group_facts) {.id = -1, .owner.uid = -1, .count = -1};
	return 0;
}

int facts_add_driver(struct facts *facts, struct driver_facts **out)
{
	struct driver_facts *drivers =
		with_room(facts->drivers, facts->driver_count, sizeof(*drivers));

	if (!drivers)
		return -ENOMEM;
	facts->drivers = drivers;
	*out = &drivers[facts->driver_count++];
	**out = (struct driver_facts) {0};
	return 0;
}

int device_facts_add_pci(struct device_facts *device)
{
	struct pci_facts pci = {.type = PCIE_NONE};
	int err = pci_address_parse(device->address, &pci);

	if (err)
		return err;
	device->pci = malloc(sizeof(*device->pci));
	if (!device->pci)
		return -ENOMEM;
	*device->pci = pci;
	return 0;
}

int device_facts_add_use(struct device_facts *device, struct use_facts **out)
{
	struct use_facts *uses = with_room(device->uses, device->use_count, sizeof(*uses));

	if (!uses)
		return -ENOMEM;
	device->uses = uses;
	*out = &uses[device->use_count++];
	**out = (struct use_facts) {0};
	return 0;
}

int driver_facts_add_id(struct driver_facts *driver, const char *id)
{
	char **ids = with_room(driver->ids, driver->id_count, sizeof(*ids));

	if (!ids)
		return -ENOMEM;
	driver->ids = ids;
	ids[driver->id_count] = strdup(id);
	if (!ids[driver->id_count])
		return -ENOMEM;
	driver->id_count++;
	return 0;
}

/* Reads between `min` and `max` hex digits and then `end`; returns what follows, or NULL. */
static const char *parse_hex(const char *text, size_t min, size_t max, char end, uint32_t *out)
{
	size_t digits = strspn(text, "0123456789abcdef");

	if (digits < min || digits > max || text[digits] != end)
		return NULL;
	*out = (uint32_t)strtoul(text, NULL, 16);
	return text + digits + (end != '\0');
}

int pci_address_parse(const char *address, struct pci_facts *out)
{
	uint32_t segment, bus, slot, function;
	const char *rest = parse_hex(address, 4, 8, ':', &segment);

	if (rest)
		rest = parse_hex(rest, 2, 2, ':', &bus);
	if (rest)
		rest = parse_hex(rest, 2, 2, '.', &slot);
	if (rest)
		rest = parse_hex(rest, 1, 1, '\0', &function);
	if (!rest || slot > 31 || function > 7)
		return -EINVAL;
	out->segment = segment;
	out->bus = (uint8_t)bus;
	out->slot = (uint8_t)slot;
	out->function = (uint8_t)function;
	return 0;
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
		return false;
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

/* PCI addresses are lower-case hex of fixed width but for the segment: a shorter one is lower. */
static int compare_addresses(const char *bus, const char *a, const char *b)
{
	if (strcmp(bus, "pci") == 0) {
		size_t a_width = strcspn(a, ":"), b_width = strcspn(b, ":");

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

static int compare_indexed(const void *first, const void *second)
{
	const struct device_facts *const *a = first, *const *b = second;

	return strcmp((*a)->address, (*b)->address);
}

int device_index_init(struct device_index *index, const struct facts *facts)
{
	const struct device_facts **sorted = calloc(facts->device_count + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++)
		sorted[i] = &facts->devices[i];
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

__attribute__((format(printf, 2, 3))) static int wrong(char **why, const char *format, ...)
{
	char *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	*why = text;
	return -EINVAL;
}

static bool empty(const char *text)
{
	return !text || !*text;
}

static int check_names(const struct facts *facts, char **why)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (empty(device->address))
			return wrong(why, "device number %zu has no address", i);
		if (empty(device->bus))
			return wrong(why, "%s: has no bus", device->address);
	}
	for (size_t i = 0; i < facts->driver_count; i++) {
		const struct driver_facts *driver = &facts->drivers[i];

		if (empty(driver->name))
			return wrong(why, "driver number %zu has no name", i);
		if (empty(driver->bus))
			return wrong(why, "driver %s: has no bus", driver->name);
	}
	return 0;
}

static int check_addresses(const struct device_index *index, char **why)
{
	for (size_t i = 1; i < index->facts->device_count; i++)
		if (strcmp(index->sorted[i - 1]->address, index->sorted[i]->address) == 0)
			return wrong(why, "%s: two devices have this address",
				     index->sorted[i]->address);
	return 0;
}

static int check_pci(const struct device_facts *device, char **why)
{
	struct pci_facts spelled;

	if (!device->pci)
		return 0;
	if (pci_address_parse(device->address, &spelled))
		return wrong(why, "%s: not the address of a PCI function (0000:02:01.0)",
			     device->address);
	if (spelled.segment != device->pci->segment || spelled.bus != device->pci->bus ||
	    spelled.slot != device->pci->slot || spelled.function != device->pci->function)
		return wrong(why, "%s: its PCI facts are those of %04x:%02x:%02x.%x",
			     device->address, device->pci->segment, device->pci->bus,
			     device->pci->slot, device->pci->function);
	return 0;
}

static int check_groups(const struct facts *facts, const int *ids, char **why)
{
	for (size_t i = 0; i < facts->group_count; i++) {
		if (ids[i] < 0)
			return wrong(why, "group %d: a group's id is not negative", ids[i]);
		if (i && ids[i - 1] == ids[i])
			return wrong(why, "group %d: two groups have this id", ids[i]);
	}
	return 0;
}

static int compare_ids(const void *first, const void *second)
{
	const int *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

static int check_membership(const struct facts *facts, const int *ids, char **why)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->group != -1 &&
		    !bsearch(&device->group, ids, facts->group_count, sizeof(*ids), compare_ids))
			return wrong(why, "%s: its group %d is not on this machine",
				     device->address, device->group);
	}
	return 0;
}

static int check_all_groups(const struct facts *facts, char **why)
{
	int *ids = calloc(facts->group_count + 1, sizeof(*ids));
	int err;

	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < facts->group_count; i++)
		ids[i] = facts->groups[i].id;
	qsort(ids, facts->group_count, sizeof(*ids), compare_ids);
	err = check_groups(facts, ids, why);
	if (!err)
		err = check_membership(facts, ids, why);
	free(ids);
	return err;
}

/* Stores each device's parent as an index, SIZE_MAX for none. */
static int resolve_parents(const struct device_index *index, size_t *parents, char **why)
{
	const struct facts *facts = index->facts;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		parents[i] = device->parent ? device_index_find(index, device->parent) : SIZE_MAX;
		if (device->parent && parents[i] == SIZE_MAX)
			return wrong(why, "%s: its parent %s is not on this machine",
				     device->address, device->parent);
	}
	return 0;
}

/*
 * Walks up from every device, at most once over each: `walk` says in which walk a device was first
 * met, and meeting one of the same walk again is a cycle.
 */
static int find_cycle(const struct facts *facts, const size_t *parents, size_t *walk, char **why)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		size_t at = i;

		for (; at != SIZE_MAX && !walk[at]; at = parents[at])
			walk[at] = i + 1;
		if (at != SIZE_MAX && walk[at] == i + 1)
			return wrong(why, "%s: is above itself (its parents form a cycle)",
				     facts->devices[at].address);
	}
	return 0;
}

static int check_parents(const struct device_index *index, char **why)
{
	size_t count = index->facts->device_count;
	size_t *parents = calloc(2 * count + 1, sizeof(*parents));
	int err;

	if (!parents)
		return -ENOMEM;
	err = resolve_parents(index, parents, why);
	if (!err)
		err = find_cycle(index->facts, parents, parents + count, why);
	free(parents);
	return err;
}

static int check_devices(const struct facts *facts, char **why)
{
	struct device_index index;
	int err = device_index_init(&index, facts);

	if (err)
		return err;
	err = check_addresses(&index, why);
	for (size_t i = 0; !err && i < facts->device_count; i++)
		err = check_pci(&facts->devices[i], why);
	if (!err)
		err = check_parents(&index, why);
	device_index_release(&index);
	return err;
}

static int compare_driver_places(const void *first, const void *second)
{
	const struct driver_facts *const *a = first, *const *b = second;

	return compare_drivers(*a, *b);
}

static int check_sorted_drivers(const struct facts *facts, const struct driver_facts **drivers,
				char **why)
{
	for (size_t i = 1; i < facts->driver_count; i++)
		if (compare_drivers(drivers[i - 1], drivers[i]) == 0)
			return wrong(why, "driver %s: two drivers on bus %s have this name",
				     drivers[i]->name, drivers[i]->bus);
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		struct driver_facts wanted = {.name = device->driver, .bus = device->bus};
		const struct driver_facts *key = &wanted;

		if (device->driver && !bsearch(&key, drivers, facts->driver_count, sizeof(*drivers),
					       compare_driver_places))
			return wrong(why, "%s: its driver %s is not on bus %s of this machine",
				     device->address, device->driver, device->bus);
	}
	return 0;
}

static int check_drivers(const struct facts *facts, char **why)
{
	const struct driver_facts **drivers = calloc(facts->driver_count + 1, sizeof(*drivers));
	int err;

	if (!drivers)
		return -ENOMEM;
	for (size_t i = 0; i < facts->driver_count; i++)
		drivers[i] = &facts->drivers[i];
	qsort(drivers, facts->driver_count, sizeof(*drivers), compare_driver_places);
	err = check_sorted_drivers(facts, drivers, why);
	free(drivers);
	return err;
}

int facts_check(const struct facts *facts, char **why)
{
	int err = check_names(facts, why);

	if (!err)
		err = check_devices(facts, why);
	if (!err)
		err = check_all_groups(facts, why);
	if (!err)
		err = check_drivers(facts, why);
	return err;
}
