/* SPDX-License-Identifier: MIT */
/*
 * The devices of both pictures are paired, and the groups; what came or went has no partner. Each
 * rule, in the order of the kinds, is then asked of every pair.
 */
#include "facts_changes.h"

#include "array.h"

#include <errno.h>
#include <string.h>

struct device_pair {
	const struct device_facts *before, *after;
};

struct group_pair {
	const struct group_facts *before, *after;
};

struct pairs {
	struct device_pair *devices;
	size_t device_count;
	struct group_pair *groups;
	size_t group_count;
};

static const struct owner_facts nobody = {.kind = OWNER_NONE};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_owner(const struct owner_facts *a, const struct owner_facts *b)
{
	if (a->kind != OWNER_USER || b->kind != OWNER_USER)
		return a->kind == b->kind;
	return a->pid == b->pid && a->uid == b->uid && same_text(a->name, b->name);
}

static const char *driver_of(const struct device_facts *device)
{
	return device ? device->driver : NULL;
}

static const char *override_of(const struct device_facts *device)
{
	return device ? device->override : NULL;
}

static int group_of(const struct device_facts *device)
{
	return device ? device->group : -1;
}

static const char *type_of(const struct group_facts *group)
{
	return group ? group->type : NULL;
}

static const struct owner_facts *owner_of(const struct group_facts *group)
{
	return group ? &group->owner : &nobody;
}

static int add(struct facts_changes *changes, struct facts_change change)
{
	struct facts_change *all = array_with_room(changes->all, changes->count, sizeof(*all));

	if (!all)
		return -ENOMEM;
	changes->all = all;
	all[changes->count++] = change;
	return 0;
}

/* Whether a change of the kind is between the two; one of them may be NULL. */
static bool device_changed(enum facts_change_kind kind, const struct device_pair *pair)
{
	const struct device_facts *before = pair->before, *after = pair->after;
	bool other_driver = !same_text(driver_of(before), driver_of(after));

	switch (kind) {
	case CHANGED_ADDED:
		return !before;
	case CHANGED_GROUP:
		return before && after && before->group != after->group;
	case CHANGED_OVERRIDE:
		return after && !same_text(override_of(before), after->override);
	case CHANGED_UNBOUND:
		return driver_of(before) && other_driver;
	case CHANGED_REMOVED:
		return !after;
	case CHANGED_BOUND:
		return driver_of(after) && other_driver;
	default:
		return false;
	}
}

static int add_device_change(struct facts_changes *changes, enum facts_change_kind kind,
			     const struct device_pair *pair)
{
	struct facts_change change = {
		.kind = kind,
		.device = (pair->before ? pair->before : pair->after)->address,
		.group_before = group_of(pair->before),
		.group_after = group_of(pair->after),
	};

	if (kind == CHANGED_UNBOUND) {
		change.from = driver_of(pair->before);
	} else if (kind == CHANGED_BOUND) {
		change.to = driver_of(pair->after);
	} else if (kind == CHANGED_OVERRIDE) {
		change.from = override_of(pair->before);
		change.to = override_of(pair->after);
	}
	return add(changes, change);
}

static int add_group_change(struct facts_changes *changes, enum facts_change_kind kind,
			    const struct group_pair *pair)
{
	int id = (pair->before ? pair->before : pair->after)->id;
	struct facts_change change = {.kind = kind, .group_before = id, .group_after = id};

	if (kind == CHANGED_TYPE) {
		change.from = type_of(pair->before);
		change.to = type_of(pair->after);
	} else {
		change.owner_from = owner_of(pair->before);
		change.owner_to = owner_of(pair->after);
	}
	return add(changes, change);
}

static bool group_changed(enum facts_change_kind kind, const struct group_pair *pair)
{
	if (kind == CHANGED_TYPE)
		return type_of(pair->before) && type_of(pair->after) &&
		       !same_text(pair->before->type, pair->after->type);
	return kind == CHANGED_OWNER && !same_owner(owner_of(pair->before), owner_of(pair->after));
}

static int add_changes(struct facts_changes *changes, enum facts_change_kind kind,
		       const struct pairs *pairs)
{
	int err = 0;

	for (size_t i = 0; !err && i < pairs->device_count; i++)
		if (device_changed(kind, &pairs->devices[i]))
			err = add_device_change(changes, kind, &pairs->devices[i]);
	for (size_t i = 0; !err && i < pairs->group_count; i++)
		if (group_changed(kind, &pairs->groups[i]))
			err = add_group_change(changes, kind, &pairs->groups[i]);
	return err;
}

static int pair_devices(struct pairs *pairs, const struct facts *before, const struct facts *after)
{
	struct device_index old = {0}, new = {0};
	int err = device_index_init(&old, before);

	if (!err)
		err = device_index_init(&new, after);
	for (size_t i = 0; !err && i < before->device_count; i++) {
		size_t place = device_index_find(&new, before->devices[i].address);

		pairs->devices[pairs->device_count++] = (struct device_pair) {
			&before->devices[i], place == SIZE_MAX ? NULL : &after->devices[place]};
	}
	for (size_t i = 0; !err && i < after->device_count; i++)
		if (device_index_find(&old, after->devices[i].address) == SIZE_MAX)
			pairs->devices[pairs->device_count++] =
				(struct device_pair) {NULL, &after->devices[i]};
	device_index_release(&new);
	device_index_release(&old);
	return err;
}

static void pair_groups(struct pairs *pairs, const struct facts *before, const struct facts *after)
{
	for (size_t i = 0; i < before->group_count; i++)
		pairs->groups[pairs->group_count++] = (struct group_pair) {
			&before->groups[i], facts_group(after, before->groups[i].id)};
	for (size_t i = 0; i < after->group_count; i++)
		if (!facts_group(before, after->groups[i].id))
			pairs->groups[pairs->group_count++] =
				(struct group_pair) {NULL, &after->groups[i]};
}

static void pairs_release(struct pairs *pairs)
{
	free(pairs->devices);
	free(pairs->groups);
}

static int pairs_init(struct pairs *pairs, const struct facts *before, const struct facts *after)
{
	int err = -ENOMEM;

	*pairs = (struct pairs) {
		.devices = calloc(before->device_count + after->device_count + 1,
				  sizeof(*pairs->devices)),
		.groups = calloc(before->group_count + after->group_count + 1,
				 sizeof(*pairs->groups)),
	};
	if (pairs->devices && pairs->groups)
		err = pair_devices(pairs, before, after);
	if (err) {
		pairs_release(pairs);
		return err;
	}
	pair_groups(pairs, before, after);
	return 0;
}

const char *facts_change_name(enum facts_change_kind kind)
{
	static const char *const names[] = {
		[CHANGED_ADDED] = "added",       [CHANGED_GROUP] = "group",
		[CHANGED_OVERRIDE] = "override", [CHANGED_UNBOUND] = "unbound",
		[CHANGED_REMOVED] = "removed",   [CHANGED_BOUND] = "bound",
		[CHANGED_TYPE] = "type",         [CHANGED_OWNER] = "owner",
	};

	return names[kind];
}

int facts_changes_init(struct facts_changes *out, const struct facts *before,
		       const struct facts *after)
{
	struct facts_changes changes = {0};
	struct pairs pairs;
	int err = pairs_init(&pairs, before, after);

	if (err)
		return err;
	for (enum facts_change_kind kind = 0; !err && kind <= CHANGED_OWNER; kind++)
		err = add_changes(&changes, kind, &pairs);
	pairs_release(&pairs);
	if (err)
		facts_changes_release(&changes);
	else
		*out = changes;
	return err;
}

void facts_changes_release(struct facts_changes *changes)
{
	free(changes->all);
	*changes = (struct facts_changes) {0};
}
