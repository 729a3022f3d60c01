/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "property.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[PROPERTIES] = {
	[PROPERTY_PRESENT] = "present",   [PROPERTY_DRIVER] = "driver",
	[PROPERTY_OVERRIDE] = "override", [PROPERTY_GROUP] = "group",
	[PROPERTY_VIABLE] = "viable",     [PROPERTY_TYPE] = "type",
	[PROPERTY_OWNER] = "owner",       [PROPERTY_COUNT] = "count",
	[PROPERTY_DOMAIN] = "domain",
};

const char *property_name(enum property property)
{
	return names[property];
}

bool property_of_group(enum property property)
{
	return property >= PROPERTY_VIABLE;
}

enum property property_find(const char *name, bool of_group)
{
	enum property property = 0;

	while (property < PROPERTIES &&
	       (property_of_group(property) != of_group || strcmp(names[property], name) != 0))
		property++;
	return property;
}

/* The name that the scenario has for the group of that number. */
static const char *group_word(const struct players *players, int id)
{
	if (id == -1)
		return SCENARIO_NONE;
	for (size_t i = 0; i < players->scenario->group_count; i++)
		if (players->groups[i] == id)
			return players->scenario->groups[i].name;
	return "another";
}

static const char *word_of_device(const struct players *players, const struct device_facts *device,
				  enum property property)
{
	if (property == PROPERTY_PRESENT)
		return device ? "yes" : "no";
	if (!device)
		return PROPERTY_ABSENT;
	switch (property) {
	case PROPERTY_DRIVER:
		return device->driver ? device->driver : SCENARIO_NONE;
	case PROPERTY_OVERRIDE:
		return device->override ? device->override : SCENARIO_NONE;
	default:
		return group_word(players, device->group);
	}
}

static const char *owner_word(enum owner_kind kind)
{
	static const char *const words[] = {[OWNER_NOT_KNOWN] = NULL,
					    [OWNER_NONE] = SCENARIO_NONE,
					    [OWNER_KERNEL] = "kernel",
					    [OWNER_USER] = "user"};

	return words[kind];
}

/* `number` is where a count is spelled. */
static const char *word_of_group(const struct facts *facts, const struct group_facts *group,
				 enum property property, char number[16])
{
	if (!group)
		return PROPERTY_ABSENT;
	switch (property) {
	case PROPERTY_VIABLE:
		return facts_viable(facts, group->id) ? "yes" : "no";
	case PROPERTY_TYPE:
		return group->type;
	case PROPERTY_OWNER:
		return owner_word(group->owner.kind);
	case PROPERTY_COUNT:
		snprintf(number, 16, "%d", group->count);
		return group->count < 0 ? NULL : number;
	default:
		return group->domain;
	}
}

static int see(struct view *view, size_t role, enum property property, const char *word)
{
	char **place = &view->words[role * PROPERTIES + property];

	if (!word)
		return 0;
	*place = strdup(word);
	return *place ? 0 : -ENOMEM;
}

static int see_device(struct view *view, const struct players *players, const struct facts *facts,
		      size_t role)
{
	const char *address = players->scenario->devices[role].address;
	const struct device_facts *device = facts_device(facts, address);
	int err = 0;

	for (enum property property = 0; !err && !property_of_group(property); property++)
		err = see(view, role, property, word_of_device(players, device, property));
	return err;
}

static int see_group(struct view *view, const struct players *players, const struct facts *facts,
		     size_t index)
{
	size_t role = players->scenario->device_count + index;
	const struct group_facts *group = facts_group(facts, players->groups[index]);
	char number[16];
	int err = 0;

	for (enum property property = PROPERTY_VIABLE; !err && property < PROPERTIES; property++)
		err = see(view, role, property, word_of_group(facts, group, property, number));
	return err;
}

int view_init(struct view *view, const struct players *players, const struct facts *facts)
{
	const struct scenario *scenario = players->scenario;
	struct view seen = {
		.words = calloc(scenario_roles(scenario) * PROPERTIES + 1, sizeof(char *))};
	int err = seen.words ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < scenario->device_count; i++)
		err = see_device(&seen, players, facts, i);
	for (size_t i = 0; !err && i < scenario->group_count; i++)
		err = see_group(&seen, players, facts, i);
	if (err)
		view_release(&seen, scenario);
	else
		*view = seen;
	return err;
}

void view_release(struct view *view, const struct scenario *scenario)
{
	for (size_t i = 0; view->words && i < scenario_roles(scenario) * PROPERTIES; i++)
		free(view->words[i]);
	free(view->words);
	view->words = NULL;
}

const char *view_word(const struct view *view, size_t role, enum property property)
{
	return view->words[role * PROPERTIES + property];
}
