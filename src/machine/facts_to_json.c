/* SPDX-License-Identifier: MIT */
/* Facts to JSON. A failure is always lack of memory, and gives NULL all the way up. */
#include "errname.h"
#include "facts_json.h"
#include "utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static json_t *replaced(const char *text)
{
	size_t left = strlen(text);
	char *result = malloc(left * strlen(REPLACEMENT) + 1), *end = result;
	json_t *json;
	uint32_t point;

	if (!result)
		return NULL;
	while (left > 0) {
		size_t length = utf8_decode(text, left, &point), taken = length ? length : 1;

		end = stpncpy(end, length ? text : REPLACEMENT,
			      length ? length : strlen(REPLACEMENT));
		text += taken;
		left -= taken;
	}
	*end = '\0';
	json = json_string(result);
	free(result);
	return json;
}

json_t *text_to_json(const char *text)
{
	if (!text)
		return json_null();
	return utf8_is_whole(text, strlen(text)) ? json_string(text) : replaced(text);
}

static json_t *number_json(long number, bool known)
{
	return known ? json_integer(number) : json_null();
}

static json_t *known_json(enum known known)
{
	return known == KNOWN_NOT ? json_null() : json_boolean(known == KNOWN_YES);
}

static json_t *hex4_json(uint16_t number)
{
	return json_sprintf("%04x", number);
}

/* One key of an object that is being made; the value, which may be NULL, is consumed. */
struct key {
	const char *name;
	json_t *value;
};

/* An object of all keys, or NULL if a value is NULL or memory runs out: all values are consumed. */
static json_t *object_of(const struct key *keys, size_t count)
{
	json_t *object = json_object();
	bool failed = !object;

	for (size_t i = 0; i < count; i++)
		failed |= json_object_set_new_nocheck(object, keys[i].name, keys[i].value) != 0;
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

#define OBJECT(...)                                                                                \
	object_of((const struct key[]) {__VA_ARGS__},                                              \
		  sizeof((const struct key[]) {__VA_ARGS__}) / sizeof(struct key))

/* An array of `count` values, which `element` makes from the context and a place. */
static json_t *array_of(size_t count, json_t *(*element)(const void *context, size_t place),
			const void *context)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++)
		if (json_array_append_new(array, element(context, i))) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

static json_t *bridge_json(const struct pci_facts *pci)
{
	if (!pci->bridge)
		return json_null();
	return OBJECT({"secondary", json_integer(pci->secondary)},
		      {"subordinate", json_integer(pci->subordinate)});
}

static json_t *acs_json(const struct pci_facts *pci)
{
	if (!pci->has_acs)
		return json_null();
	return OBJECT({"capability", hex4_json(pci->acs_capability)},
		      {"control", hex4_json(pci->acs_control)},
		      {"wide", json_boolean(pci->acs_wide)});
}

static json_t *type_json(int type)
{
	const char *name = pcie_type_name(type);

	return name ? json_string(name) : number_json(type, type != PCIE_NONE);
}

static json_t *config_errno_json(const struct pci_facts *pci)
{
	return pci->config_errno ? json_string(errno_name(pci->config_errno)) : json_null();
}

static json_t *pci_json(const struct pci_facts *pci)
{
	if (!pci)
		return json_null();
	return OBJECT({"type", type_json(pci->type)},
		      {"multifunction", json_boolean(pci->multifunction)},
		      {"bridge", bridge_json(pci)}, {"acs", acs_json(pci)},
		      {"config_hidden", json_boolean(pci->config == CONFIG_HIDDEN)},
		      {"config_errno", config_errno_json(pci)},
		      {"config_silent", json_boolean(pci->config == CONFIG_SILENT)},
		      {"physical_function", text_to_json(pci->physical_function)});
}

static json_t *use_json(const void *context, size_t place)
{
	const struct use_facts *use = (const struct use_facts *)context + place;

	return OBJECT({"kind", text_to_json(use->kind)}, {"name", text_to_json(use->name)},
		      {"reason", text_to_json(use->reason)}, {"vital", json_boolean(use->vital)},
		      {"remedy", text_to_json(use->remedy)});
}

static json_t *errno_json(int error)
{
	return error ? json_string(errno_name(error)) : json_null();
}

static json_t *unknown_json(const void *context, size_t place)
{
	const struct unknown_facts *unknown = (const struct unknown_facts *)context + place;

	return OBJECT({"about", text_to_json(unknown->about)},
		      {"errno", errno_json(unknown->error)});
}

static json_t *uses_json(const struct device_facts *device)
{
	return device->uses_known ? array_of(device->use_count, use_json, device->uses)
				  : json_null();
}

static enum known managed_dma(const struct facts *facts, const struct device_facts *device)
{
	const struct driver_facts *driver = NULL;

	if (device->driver)
		driver = facts_driver(facts, device->bus, device->driver);
	return driver ? driver->managed_dma : KNOWN_NOT;
}

json_t *device_to_json(const struct facts *facts, const struct device_facts *device)
{
	return OBJECT(
		{"address", text_to_json(device->address)}, {"bus", text_to_json(device->bus)},
		{"parent", text_to_json(device->parent)}, {"vendor", text_to_json(device->vendor)},
		{"device", text_to_json(device->device)},
		{"subsystem_vendor", text_to_json(device->subvendor)},
		{"subsystem_device", text_to_json(device->subdevice)},
		{"class", text_to_json(device->class)},
		{"modalias", text_to_json(device->modalias)}, {"name", text_to_json(device->name)},
		{"driver", text_to_json(device->driver)},
		{"driver_override", text_to_json(device->override)},
		{"busy", json_boolean(device->busy)},
		{"managed_dma", known_json(managed_dma(facts, device))},
		{"pci", pci_json(device->pci)}, {"in_use", uses_json(device)},
		{"unknown", array_of(device->unknown_count, unknown_json, device->unknowns)});
}

json_t *owner_to_json(const struct owner_facts *owner)
{
	switch (owner->kind) {
	case OWNER_NOT_KNOWN:
		return OBJECT({"kind", json_string("unknown")},
			      {"errno", errno_json(owner->hidden_by)});
	case OWNER_NONE:
		return json_null();
	case OWNER_KERNEL:
		return OBJECT({"kind", json_string("kernel")});
	case OWNER_USER:
		break;
	}
	return OBJECT({"kind", json_string("user")}, {"name", text_to_json(owner->name)},
		      {"pid", number_json(owner->pid, owner->pid != 0)},
		      {"uid", number_json(owner->uid, owner->uid != -1)});
}

/* The devices of one group, which stand one after the other in `first`. */
struct members {
	const struct facts *facts;
	const struct device_facts **first;
};

static json_t *member_json(const void *context, size_t place)
{
	const struct members *members = context;

	return device_to_json(members->facts, members->first[place]);
}

static bool all_viable(const struct members *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (facts_native(members->facts, members->first[i]))
			return false;
	return true;
}

static json_t *group_with(const struct group_facts *group, const struct members *members,
			  size_t count)
{
	return OBJECT({"id", json_integer(group->id)}, {"type", text_to_json(group->type)},
		      {"viable", json_boolean(all_viable(members, count))},
		      {"owner", owner_to_json(&group->owner)},
		      {"noiommu", known_json(group->noiommu)},
		      {"direct_regions", known_json(group->direct_regions)},
		      {"count", number_json(group->count, group->count != -1)},
		      {"domain", text_to_json(group->domain)},
		      {"devices", array_of(count, member_json, members)});
}

/*
 * The devices ordered by group, and in a group as the facts have them: a machine of many groups is
 * written in one pass. NULL: out of memory.
 */
static int compare_membership(const void *first, const void *second)
{
	const struct device_facts *const *a = first, *const *b = second;

	if ((*a)->group != (*b)->group)
		return (*a)->group < (*b)->group ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

static const struct device_facts **by_group(const struct facts *facts)
{
	const struct device_facts **sorted = calloc(facts->device_count + 1, sizeof(*sorted));

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < facts->device_count; i++)
		sorted[i] = &facts->devices[i];
	qsort(sorted, facts->device_count, sizeof(*sorted), compare_membership);
	return sorted;
}

/* The first place in `sorted` whose device's group is `group` or above. */
static size_t first_member(const struct facts *facts, const struct device_facts **sorted, int group)
{
	size_t low = 0, high = facts->device_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle]->group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t count_members(const struct facts *facts, const struct device_facts **sorted,
			    size_t first, int group)
{
	size_t count = 0;

	while (first + count < facts->device_count && sorted[first + count]->group == group)
		count++;
	return count;
}

struct listing {
	const struct facts *facts;
	const struct device_facts **sorted;
};

static json_t *listed_group(const void *context, size_t place)
{
	const struct listing *listing = context;
	const struct facts *facts = listing->facts;
	const struct group_facts *group = &facts->groups[place];
	size_t first = first_member(facts, listing->sorted, group->id);
	size_t count = count_members(facts, listing->sorted, first, group->id);
	struct members members = {facts, listing->sorted + first};

	return group_with(group, &members, count);
}

json_t *group_to_json(const struct facts *facts, const struct group_facts *group)
{
	struct listing listing = {facts, by_group(facts)};
	json_t *json;

	if (!listing.sorted)
		return NULL;
	json = listed_group(&listing, (size_t)(group - facts->groups));
	free(listing.sorted);
	return json;
}

/* The devices whose group is `group`, which need not be one of the machine's: -1, GROUP_BY_RULES.
 */
static json_t *devices_in(const struct listing *listing, int group)
{
	size_t first = first_member(listing->facts, listing->sorted, group);
	size_t count = count_members(listing->facts, listing->sorted, first, group);
	struct members members = {listing->facts, listing->sorted + first};

	return array_of(count, member_json, &members);
}

static json_t *listing_json(const struct listing *listing)
{
	const struct facts *facts = listing->facts;

	return OBJECT({"machine", text_to_json(facts->machine)},
		      {"groups", array_of(facts->group_count, listed_group, listing)},
		      {"ungrouped", devices_in(listing, -1)});
}

json_t *list_to_json(const struct facts *facts)
{
	struct listing listing = {facts, by_group(facts)};
	json_t *json;

	if (!listing.sorted)
		return NULL;
	json = listing_json(&listing);
	free(listing.sorted);
	return json;
}

static json_t *id_json(const void *context, size_t place)
{
	return text_to_json(((char *const *)context)[place]);
}

static json_t *driver_json(const void *context, size_t place)
{
	const struct driver_facts *driver = (const struct driver_facts *)context + place;

	return OBJECT({"name", text_to_json(driver->name)}, {"bus", text_to_json(driver->bus)},
		      {"managed_dma", known_json(driver->managed_dma)},
		      {"user", json_boolean(driver->user)},
		      {"ids", array_of(driver->id_count, id_json, driver->ids)});
}

static json_t *argument_json(const void *context, size_t place)
{
	return text_to_json(((const struct host_facts *)context)->arguments[place]);
}

static json_t *iommu_json(const void *context, size_t place)
{
	const struct iommu_facts *iommu = &((const struct host_facts *)context)->iommus[place];

	return OBJECT({"name", text_to_json(iommu->name)}, {"kind", text_to_json(iommu->kind)},
		      {"remaps_interrupts", known_json(iommu->remaps_interrupts)});
}

static json_t *module_json(const void *context, size_t place)
{
	const struct module_facts *module = &((const struct host_facts *)context)->modules[place];

	return OBJECT({"name", text_to_json(module->name)}, {"loaded", known_json(module->loaded)},
		      {"installed", known_json(module->installed)});
}

static json_t *arguments_json(const struct host_facts *host)
{
	return host->arguments_known ? array_of(host->argument_count, argument_json, host)
				     : json_null();
}

static json_t *iommus_json(const struct host_facts *host)
{
	return host->iommus_known ? array_of(host->iommu_count, iommu_json, host) : json_null();
}

static json_t *memlock_json(int64_t memlock)
{
	if (memlock == MEMLOCK_UNLIMITED)
		return json_string("unlimited");
	return memlock == MEMLOCK_NOT_KNOWN ? json_null() : json_integer(memlock);
}

static json_t *host_json(const struct host_facts *host)
{
	return OBJECT(
		{"release", text_to_json(host->release)},
		{"architecture", text_to_json(host->architecture)},
		{"cpu_vendor", text_to_json(host->cpu_vendor)},
		{"virtual", known_json(host->virtual)}, {"xen_first", known_json(host->xen_first)},
		{"arguments", arguments_json(host)},
		{"iommu_table", text_to_json(host->iommu_table)}, {"iommus", iommus_json(host)},
		{"interrupt_remapping", known_json(host->interrupt_remapping)},
		{"modules", array_of(host->module_count, module_json, host)},
		{"unsafe_interrupts", known_json(host->unsafe_interrupts)},
		{"noiommu", known_json(host->noiommu)}, {"vfio_node", known_json(host->vfio_node)},
		{"vfio_node_open", known_json(host->vfio_node_open)},
		{"sys_read_only", known_json(host->sys_read_only)},
		{"privileged", known_json(host->privileged)},
		{"memlock", memlock_json(host->memlock)}, {"sees_all", known_json(host->sees_all)},
		{"blind_spots", array_of(host->blind_spot_count, unknown_json, host->blind_spots)},
		{"unknown", array_of(host->unknown_count, unknown_json, host->unknowns)});
}

/* Adds what a machine file has beyond a list. -1: out of memory. */
static int add_rest(json_t *root, const struct listing *listing)
{
	const struct facts *facts = listing->facts;
	json_t *by_rules = devices_in(listing, GROUP_BY_RULES);
	int err = by_rules ? 0 : -1;

	if (json_array_size(by_rules) > 0)
		err = json_object_set(root, "devices", by_rules);
	json_decref(by_rules);
	if (err)
		return err;
	err = json_object_set_new(root, "drivers",
				  array_of(facts->driver_count, driver_json, facts->drivers));
	if (!err && facts->host)
		err = json_object_set_new(root, "host", host_json(facts->host));
	return err;
}

json_t *facts_to_json(const struct facts *facts)
{
	struct listing listing = {facts, by_group(facts)};
	json_t *root, *list;
	int err;

	if (!listing.sorted)
		return NULL;
	root = OBJECT({"dmaown-machine", json_integer(1)});
	list = listing_json(&listing);
	err = list ? json_object_update(root, list) : -1;
	if (!err)
		err = add_rest(root, &listing);
	json_decref(list);
	free(listing.sorted);
	if (!err)
		return root;
	json_decref(root);
	return NULL;
}
