/* SPDX-License-Identifier: MIT */
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

	for (enum property property = 0; !err && property < PROPERTIES; property++)
		if (!property_of_group(property))
			err = see(view, role, property,
				  property_word_of_device(property, players, device));
	return err;
}

static int see_group(struct view *view, const struct players *players, const struct facts *facts,
		     size_t index)
{
	size_t role = players->scenario->device_count + index;
	const struct group_facts *group = facts_group(facts, players->groups[index]);
	char room[PROPERTY_ROOM];
	int err = 0;

	for (enum property property = 0; !err && property < PROPERTIES; property++)
		if (property_of_group(property))
			err = see(view, role, property,
				  property_word_of_group(property, facts, group, room));
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
