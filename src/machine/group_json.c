/* SPDX-License-Identifier: MIT */
#include "group_json.h"

#include "device_json.h"
#include "json_writing.h"

#include <string.h>

/* ---- from JSON ---- */

static const struct json_field owner_fields[] = {
	{"kind", json_read_nothing, 0, true},
	{"name", json_read_text_or_null, offsetof(struct owner_facts, name), false},
	{"pid", json_read_long_or_null, offsetof(struct owner_facts, pid), false},
	{"uid", json_read_long_or_null, offsetof(struct owner_facts, uid), false},
};

static const struct json_field unknown_owner_fields[] = {
	{"kind", json_read_nothing, 0, true},
	{"errno", json_read_errno, offsetof(struct owner_facts, hidden_by), false},
};

static int read_owner(struct json_reader *reader, const struct json_place *place,
		      const json_t *value, void *field)
{
	struct owner_facts *owner = field;
	const char *kind = json_string_value(json_object_get(value, "kind"));
	bool user = kind && strcmp(kind, "user") == 0;

	if (json_is_null(value))
		return 0;
	if (kind && strcmp(kind, "unknown") == 0) {
		owner->kind = OWNER_NOT_KNOWN;
		return json_read_fields(reader, place, value, unknown_owner_fields,
					COUNT(unknown_owner_fields), owner);
	}
	if (json_is_object(value) && !user && (!kind || strcmp(kind, "kernel") != 0))
		return json_fault(reader, place,
				  "expected \"kind\": \"kernel\", \"user\" or \"unknown\"");
	owner->kind = user ? OWNER_USER : OWNER_KERNEL;
	return json_read_fields(reader, place, value, owner_fields, user ? COUNT(owner_fields) : 1,
				owner);
}

static int read_members(struct json_reader *reader, const struct json_place *place,
			const json_t *value, void *target)
{
	struct group_facts *group = target;

	return json_read_elements(reader, place, value, json_read_device, &group->id);
}

/* "id" stands before "devices", which need it. */
static const struct json_field group_fields[] = {
	{"id", json_read_int, offsetof(struct group_facts, id), true},
	{"type", json_read_text_or_null, offsetof(struct group_facts, type), false},
	{"viable", json_read_nothing, 0, false},
	{"owner", read_owner, offsetof(struct group_facts, owner), false},
	{"noiommu", json_read_known, offsetof(struct group_facts, noiommu), false},
	{"direct_regions", json_read_known, offsetof(struct group_facts, direct_regions), false},
	{"count", json_read_int_or_null, offsetof(struct group_facts, count), false},
	{"domain", json_read_text_or_null, offsetof(struct group_facts, domain), false},
	{"devices", read_members, 0, true},
};

int json_read_group(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	struct group_facts *group;
	int err = facts_add_group(reader->facts, &group);

	if (err)
		return err;
	/* A file says what a machine has: what it leaves out is not there. */
	group->owner.kind = OWNER_NONE;
	group->noiommu = KNOWN_NO;
	group->direct_regions = KNOWN_NO;
	return json_read_fields(reader, place, value, group_fields, COUNT(group_fields), group);
}

/* ---- to JSON ---- */

json_t *owner_to_json(const struct owner_facts *owner)
{
	switch (owner->kind) {
	case OWNER_NOT_KNOWN:
		return JSON_OBJECT_OF({"kind", json_string("unknown")},
				      {"errno", errno_to_json(owner->hidden_by)});
	case OWNER_NONE:
		return json_null();
	case OWNER_KERNEL:
		return JSON_OBJECT_OF({"kind", json_string("kernel")});
	case OWNER_USER:
		break;
	}
	return JSON_OBJECT_OF({"kind", json_string("user")}, {"name", text_to_json(owner->name)},
			      {"pid", number_to_json(owner->pid, owner->pid != 0)},
			      {"uid", number_to_json(owner->uid, owner->uid != -1)});
}

static json_t *member_to_json(const void *context, size_t place)
{
	const struct members *members = context;

	return device_to_json(members->facts, members->first[place]);
}

static json_t *all_to_json(const struct members *members)
{
	return json_array_of(members->count, member_to_json, members);
}

static bool is_viable(const struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		if (facts_native(members->facts, members->first[i]))
			return false;
	return true;
}

static json_t *listed_group(const void *context, size_t place)
{
	const struct by_group *order = context;
	const struct group_facts *group = &order->facts->groups[place];
	struct members members = by_group_members(order, group->id);

	return JSON_OBJECT_OF(
		{"id", json_integer(group->id)}, {"type", text_to_json(group->type)},
		{"viable", json_boolean(is_viable(&members))},
		{"owner", owner_to_json(&group->owner)}, {"noiommu", known_to_json(group->noiommu)},
		{"direct_regions", known_to_json(group->direct_regions)},
		{"count", number_to_json(group->count, group->count != -1)},
		{"domain", text_to_json(group->domain)}, {"devices", all_to_json(&members)});
}

json_t *group_to_json(const struct facts *facts, const struct group_facts *group)
{
	struct by_group order;
	json_t *json;

	if (by_group_init(&order, facts))
		return NULL;
	json = listed_group(&order, (size_t)(group - facts->groups));
	by_group_release(&order);
	return json;
}

json_t *groups_to_json(const struct by_group *order)
{
	return json_array_of(order->facts->group_count, listed_group, order);
}

json_t *members_to_json(const struct by_group *order, int group)
{
	struct members members = by_group_members(order, group);

	return all_to_json(&members);
}
