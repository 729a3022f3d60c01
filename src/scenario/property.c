/* SPDX-License-Identifier: MIT */
#include "property.h"
#include "players.h"

#include <string.h>

/* ---- what values can be ---- */

/* One of some words, or what fits, which `others` describes. */
struct values {
	const char *words[4]; /* ended by NULL */
	bool (*fits)(const struct scenario *scenario, const char *value);
	const char *others;
};

static bool is_any(const struct scenario *scenario, const char *value)
{
	return true;
}

static bool is_count(const struct scenario *scenario, const char *value)
{
	return !value[strspn(value, "0123456789")] && (value[0] != '0' || !value[1]) &&
	       strlen(value) <= 9;
}

static bool is_group(const struct scenario *scenario, const char *value)
{
	return scenario_find_group(scenario, value) < scenario->group_count;
}

static const struct values truth = {.words = {"yes", "no"}};
static const struct values any = {.fits = is_any, .others = "any word"};
static const struct values group_or_none = {
	.words = {SCENARIO_NONE}, .fits = is_group, .others = "a declared group"};
static const struct values owner = {.words = {SCENARIO_NONE, "kernel", "user"}};
static const struct values count = {.fits = is_count, .others = "a number from 0 to 999999999"};

/* ---- how facts tell them ---- */

static const char *see_present(const struct players *players, const struct device_facts *device)
{
	return "yes";
}

static const char *see_driver(const struct players *players, const struct device_facts *device)
{
	return device->driver ? device->driver : SCENARIO_NONE;
}

static const char *see_override(const struct players *players, const struct device_facts *device)
{
	return device->override ? device->override : SCENARIO_NONE;
}

/* The name that the scenario has for the device's group. */
static const char *see_group(const struct players *players, const struct device_facts *device)
{
	if (device->group == -1)
		return SCENARIO_NONE;
	for (size_t i = 0; i < players->scenario->group_count; i++)
		if (players->groups[i] == device->group)
			return players->scenario->groups[i].name;
	return "another";
}

static const char *see_viable(const struct facts *facts, const struct group_facts *group,
			      char room[PROPERTY_ROOM])
{
	return facts_viable(facts, group->id) ? "yes" : "no";
}

static const char *see_type(const struct facts *facts, const struct group_facts *group,
			    char room[PROPERTY_ROOM])
{
	return group->type;
}

static const char *see_owner(const struct facts *facts, const struct group_facts *group,
			     char room[PROPERTY_ROOM])
{
	static const char *const words[] = {[OWNER_NOT_KNOWN] = NULL,
					    [OWNER_NONE] = SCENARIO_NONE,
					    [OWNER_KERNEL] = "kernel",
					    [OWNER_USER] = "user"};

	return words[group->owner.kind];
}

static const char *see_count(const struct facts *facts, const struct group_facts *group,
			     char room[PROPERTY_ROOM])
{
	snprintf(room, PROPERTY_ROOM, "%d", group->count);
	return group->count < 0 ? NULL : room;
}

static const char *see_domain(const struct facts *facts, const struct group_facts *group,
			      char room[PROPERTY_ROOM])
{
	return group->domain;
}

/* ---- the table ---- */

static const struct {
	const char *name;
	const struct values *values;
	/* One of the two: whose property it is. */
	const char *(*of_device)(const struct players *players, const struct device_facts *device);
	const char *(*of_group)(const struct facts *facts, const struct group_facts *group,
				char room[PROPERTY_ROOM]);
} rows[PROPERTIES] = {
	[PROPERTY_PRESENT] = {"present", &truth, .of_device = see_present},
	[PROPERTY_DRIVER] = {"driver", &any, .of_device = see_driver},
	[PROPERTY_OVERRIDE] = {"override", &any, .of_device = see_override},
	[PROPERTY_GROUP] = {"group", &group_or_none, .of_device = see_group},
	[PROPERTY_VIABLE] = {"viable", &truth, .of_group = see_viable},
	[PROPERTY_TYPE] = {"type", &any, .of_group = see_type},
	[PROPERTY_OWNER] = {"owner", &owner, .of_group = see_owner},
	[PROPERTY_COUNT] = {"count", &count, .of_group = see_count},
	[PROPERTY_DOMAIN] = {"domain", &any, .of_group = see_domain},
};

const char *property_name(enum property property)
{
	return rows[property].name;
}

bool property_of_group(enum property property)
{
	return rows[property].of_group != NULL;
}

bool property_takes(enum property property, const struct scenario *scenario, const char *value)
{
	const struct values *values = rows[property].values;

	for (const char *const *word = values->words; *word; word++)
		if (strcmp(*word, value) == 0)
			return true;
	return values->fits && values->fits(scenario, value);
}

const char *property_value(enum property property, size_t number)
{
	const struct values *values = rows[property].values;
	size_t words = 0;

	while (values->words[words])
		words++;
	if (number < words)
		return values->words[number];
	return number == words ? values->others : NULL;
}

const char *property_word_of_device(enum property property, const struct players *players,
				    const struct device_facts *device)
{
	if (device)
		return rows[property].of_device(players, device);
	return property == PROPERTY_PRESENT ? "no" : PROPERTY_ABSENT;
}

const char *property_word_of_group(enum property property, const struct facts *facts,
				   const struct group_facts *group, char room[PROPERTY_ROOM])
{
	return group ? rows[property].of_group(facts, group, room) : PROPERTY_ABSENT;
}
