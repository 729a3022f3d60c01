/* SPDX-License-Identifier: MIT */
/*
 * The values of facts.h: growing, finding and sorting them.
 *
 * No array keeps its capacity: it is the count rounded up to a power of two, so that an append
 * reallocates just when the count is one.
 */
#define _GNU_SOURCE
#include "facts.h"

#include <errno.h>
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

/* Makes room for one more element; returns the array, which may have moved, or NULL. */
static void *with_room(void *array, size_t count, size_t size)
{
	size_t capacity = count ? 2 * count : 1;

	if (count & (count - 1))
		return array;
	return reallocarray(array, capacity, size);
}

void device_facts_forget_uses(struct device_facts *device)
{
	for (size_t i = 0; i < device->use_count; i++) {
		free(device->uses[i].kind);
		free(device->uses[i].name);
		free(device->uses[i].reason);
		free(device->uses[i].remedy);
	}
	free(device->uses);
	device->uses = NULL;
	device->use_count = 0;
}

static int note_unknown(struct unknown_facts **list, size_t *count, const char *about, int error)
{
	struct unknown_facts *unknowns;

	for (size_t i = 0; i < *count; i++) {
		if ((*list)[i].error == error && strcmp((*list)[i].about, about) == 0)
			return 0;
	}
	unknowns = with_room(*list, *count, sizeof(*unknowns));
	if (!unknowns)
		return -ENOMEM;
	*list = unknowns;
	unknowns += *count;
	*unknowns = (struct unknown_facts) {.about = strdup(about), .error = error};
	if (!unknowns->about)
		return -ENOMEM;
	++*count;
	return 0;
}

bool device_facts_hides(const struct device_facts *device, const char *about)
{
	for (size_t i = 0; i < device->unknown_count; i++) {
		if (strcmp(device->unknowns[i].about, about) == 0)
			return true;
	}
	return false;
}

int device_facts_hide(struct device_facts *device, const char *about, int error)
{
	return note_unknown(&device->unknowns, &device->unknown_count, about, error);
}

static void release_unknowns(struct unknown_facts *unknowns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(unknowns[i].about);
	free(unknowns);
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
	device_facts_forget_uses(device);
	release_unknowns(device->unknowns, device->unknown_count);
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

static void release_host(struct host_facts *host)
{
	if (!host)
		return;
	free(host->release);
	free(host->architecture);
	free(host->cpu_vendor);
	free(host->iommu_table);
	release_strings(host->arguments, host->argument_count);
	for (size_t i = 0; i < host->iommu_count; i++) {
		free(host->iommus[i].name);
		free(host->iommus[i].kind);
	}
	for (size_t i = 0; i < host->module_count; i++)
		free(host->modules[i].name);
	free(host->iommus);
	free(host->modules);
	release_unknowns(host->blind_spots, host->blind_spot_count);
	release_unknowns(host->unknowns, host->unknown_count);
	free(host);
}

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		release_device(&facts->devices[i]);
	for (size_t i = 0; i < facts->group_count; i++)
		release_group(&facts->groups[i]);
	for (size_t i = 0; i < facts->driver_count; i++)
		release_driver(&facts->drivers[i]);
	release_host(facts->host);
	free(facts->devices);
	free(facts->groups);
	free(facts->drivers);
	free(facts->machine);
	memset(facts, 0, sizeof(*facts));
}

/* Appends a copy of the text to an array of strings. */
static int add_string(char ***array, size_t *count, const char *text)
{
	char **strings = with_room(*array, *count, sizeof(*strings));

	if (!strings)
		return -ENOMEM;
	*array = strings;
	strings[*count] = strdup(text);
	if (!strings[*count])
		return -ENOMEM;
	++*count;
	return 0;
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

void facts_drop_devices(struct facts *facts, size_t first, const bool *drop)
{
	size_t kept = first;

	for (size_t i = first; i < facts->device_count; i++) {
		if (drop[i - first])
			release_device(&facts->devices[i]);
		else
			facts->devices[kept++] = facts->devices[i];
	}
	facts->device_count = kept;
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

int facts_add_host(struct facts *facts)
{
	struct host_facts *host = malloc(sizeof(*host));

	if (!host)
		return -ENOMEM;
	*host = (struct host_facts)HOST_NOT_KNOWN;
	facts->host = host;
	return 0;
}

int host_facts_add_argument(struct host_facts *host, const char *argument)
{
	return add_string(&host->arguments, &host->argument_count, argument);
}

int host_facts_add_iommu(struct host_facts *host, struct iommu_facts **out)
{
	struct iommu_facts *iommus = with_room(host->iommus, host->iommu_count, sizeof(*iommus));

	if (!iommus)
		return -ENOMEM;
	host->iommus = iommus;
	*out = &iommus[host->iommu_count++];
	**out = (struct iommu_facts) {0};
	return 0;
}

int host_facts_add_module(struct host_facts *host, struct module_facts **out)
{
	struct module_facts *modules =
		with_room(host->modules, host->module_count, sizeof(*modules));

	if (!modules)
		return -ENOMEM;
	host->modules = modules;
	*out = &modules[host->module_count++];
	**out = (struct module_facts) {0};
	return 0;
}

int host_facts_add_blind_spot(struct host_facts *host, const char *about, int error)
{
	return note_unknown(&host->blind_spots, &host->blind_spot_count, about, error);
}

int host_facts_hide(struct host_facts *host, const char *about, int error)
{
	return note_unknown(&host->unknowns, &host->unknown_count, about, error);
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

int device_facts_add_pci(struct device_facts *device)
{
	struct pci_facts pci = {.type = PCIE_NONE, .config = CONFIG_HIDDEN};
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
	return add_string(&driver->ids, &driver->id_count, id);
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
	uint32_t segment, bus = 0, slot = 0, function = 0;
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

static const char *const pcie_type_names[] = {
	[PCIE_ENDPOINT] = "endpoint",
	[PCIE_LEGACY_ENDPOINT] = "legacy-endpoint",
	[PCIE_ROOT_PORT] = "root-port",
	[PCIE_UPSTREAM] = "upstream-port",
	[PCIE_DOWNSTREAM] = "downstream-port",
	[PCIE_TO_PCI_BRIDGE] = "pcie-to-pci-bridge",
	[PCI_TO_PCIE_BRIDGE] = "pci-to-pcie-bridge",
	[PCIE_INTEGRATED_ENDPOINT] = "integrated-endpoint",
	[PCIE_EVENT_COLLECTOR] = "event-collector",
};

#define PCIE_TYPES ((int)(sizeof(pcie_type_names) / sizeof(pcie_type_names[0])))

const char *pcie_type_name(int type)
{
	return type >= 0 && type < PCIE_TYPES ? pcie_type_names[type] : NULL;
}

int pcie_type_parse(const char *name, int *type)
{
	for (int i = 0; i < PCIE_TYPES; i++)
		if (pcie_type_names[i] && strcmp(pcie_type_names[i], name) == 0) {
			*type = i;
			return 0;
		}
	return -EINVAL;
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
