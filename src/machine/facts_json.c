/* SPDX-License-Identifier: MIT */
/*
 * The whole document, and the place of what is wrong with the facts that it tells. Devices, groups,
 * drivers and the host are read and written by the files of their names (device_json.c ...).
 */
#include "facts_json.h"

#include "driver_json.h"
#include "host_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- from JSON ---- */

static int read_version(struct json_reader *reader, const struct json_place *place,
			const json_t *value, void *field)
{
	if (!json_is_integer(value) || json_integer_value(value) != 1)
		return json_fault(reader, place, "expected 1, the only version of machine files");
	return 0;
}

static int read_groups(struct json_reader *reader, const struct json_place *place,
		       const json_t *value, void *target)
{
	return json_read_elements(reader, place, value, json_read_group, target);
}

static int read_ungrouped(struct json_reader *reader, const struct json_place *place,
			  const json_t *value, void *target)
{
	int none = -1;

	return json_read_elements(reader, place, value, json_read_device, &none);
}

static int read_by_rules(struct json_reader *reader, const struct json_place *place,
			 const json_t *value, void *target)
{
	int by_rules = GROUP_BY_RULES;

	return json_read_elements(reader, place, value, json_read_device, &by_rules);
}

static int read_drivers(struct json_reader *reader, const struct json_place *place,
			const json_t *value, void *target)
{
	return json_read_elements(reader, place, value, json_read_driver, target);
}

/* Devices are read group by group, then the others: fault_in_device() counts on it. */
static const struct json_field root_fields[] = {
	{"dmaown-machine", read_version, 0, true}, {"machine", json_read_nothing, 0, false},
	{"groups", read_groups, 0, true},          {"ungrouped", read_ungrouped, 0, false},
	{"devices", read_by_rules, 0, false},      {"drivers", read_drivers, 0, false},
	{"host", json_read_host, 0, false},
};

static int fault_in(struct json_reader *reader, const char *array, size_t index, const char *what)
{
	struct json_place top = {.key = array}, entry = {.above = &top, .index = index};

	return json_fault(reader, &entry, "%s", what);
}

static int fault_in_host(struct json_reader *reader, const char *array, size_t index,
			 const char *what)
{
	struct json_place top = {.key = "host"}, inner = {.above = &top, .key = array};
	struct json_place entry = {.above = &inner, .index = index};

	return json_fault(reader, &entry, "%s", what);
}

/* Says what is wrong with the device that was read as number `place`. */
static int fault_in_device(struct json_reader *reader, const json_t *root, size_t place,
			   const char *what)
{
	const json_t *groups = json_object_get(root, "groups");
	size_t ungrouped = json_array_size(json_object_get(root, "ungrouped"));

	for (size_t i = 0; i < json_array_size(groups); i++) {
		struct json_place top = {.key = "groups"}, group = {.above = &top, .index = i};
		struct json_place devices = {.above = &group, .key = "devices"};
		struct json_place device = {.above = &devices, .index = place};
		size_t members =
			json_array_size(json_object_get(json_array_get(groups, i), devices.key));

		if (place < members)
			return json_fault(reader, &device, "%s", what);
		place -= members;
	}
	if (place < ungrouped)
		return fault_in(reader, "ungrouped", place, what);
	return fault_in(reader, "devices", place - ungrouped, what);
}

/* Verifies the invariants of what was read, and says at which entry one is broken. */
static int find_fault(struct json_reader *reader, const json_t *root)
{
	struct facts_fault found;
	int err = facts_find_fault(reader->facts, &found);

	if (err != -EINVAL)
		return err;
	switch (found.entry) {
	case FACTS_DEVICE:
		err = fault_in_device(reader, root, found.place, found.why);
		break;
	case FACTS_GROUP:
		err = fault_in(reader, "groups", found.place, found.why);
		break;
	case FACTS_DRIVER:
		err = fault_in(reader, "drivers", found.place, found.why);
		break;
	case FACTS_IOMMU:
		err = fault_in_host(reader, "iommus", found.place, found.why);
		break;
	case FACTS_MODULE:
		err = fault_in_host(reader, "modules", found.place, found.why);
		break;
	}
	free(found.why);
	return err;
}

int facts_from_json(const json_t *root, const struct json_source *source, struct facts *out,
		    char **why)
{
	struct facts facts = {0};
	struct json_reader reader = {.source = source, .facts = &facts};
	int err = 0;

	facts.machine = strdup(source->name);
	if (!facts.machine)
		err = -ENOMEM;
	if (!err)
		err = json_read_fields(&reader, NULL, root, root_fields, COUNT(root_fields),
				       &facts);
	if (!err)
		err = find_fault(&reader, root);
	if (!err) {
		*out = facts;
		return 0;
	}
	if (err == -EINVAL)
		*why = reader.why;
	facts_release(&facts);
	return err;
}

/* ---- to JSON ---- */

static json_t *ordered_list(const struct by_group *order)
{
	return JSON_OBJECT_OF({"machine", text_to_json(order->facts->machine)},
			      {"groups", groups_to_json(order)},
			      {"ungrouped", members_to_json(order, -1)});
}

json_t *list_to_json(const struct facts *facts)
{
	struct by_group order;
	json_t *json;

	if (by_group_init(&order, facts))
		return NULL;
	json = ordered_list(&order);
	by_group_release(&order);
	return json;
}

/* Adds what a machine file has beyond a list. -1: out of memory. */
static int add_rest(json_t *root, const struct by_group *order)
{
	const struct facts *facts = order->facts;
	json_t *by_rules = members_to_json(order, GROUP_BY_RULES);
	int err = by_rules ? 0 : -1;

	if (json_array_size(by_rules) > 0)
		err = json_object_set(root, "devices", by_rules);
	json_decref(by_rules);
	if (err)
		return err;
	err = json_object_set_new(
		root, "drivers",
		json_array_of(facts->driver_count, driver_to_json, facts->drivers));
	if (!err && facts->host)
		err = json_object_set_new(root, "host", host_to_json(facts->host));
	return err;
}

json_t *facts_to_json(const struct facts *facts)
{
	struct by_group order;
	json_t *root, *list;
	int err;

	if (by_group_init(&order, facts))
		return NULL;
	root = JSON_OBJECT_OF({"dmaown-machine", json_integer(1)});
	list = ordered_list(&order);
	err = list ? json_object_update(root, list) : -1;
	if (!err)
		err = add_rest(root, &order);
	json_decref(list);
	by_group_release(&order);
	if (!err)
		return root;
	json_decref(root);
	return NULL;
}
