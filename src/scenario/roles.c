/* SPDX-License-Identifier: MIT */
#include "roles.h"
#include "array.h"

#include <errno.h>
#include <string.h>

int role_expect_device(struct words *words, const struct scenario *scenario, size_t *out)
{
	const char *word = "";
	int err = words_expect(words, "a device", &word);
	size_t found;

	if (err)
		return err;
	found = scenario_find_device(scenario, word);
	if (found == scenario->device_count)
		return words_wrong(
			words, "no device '%s' (expected one that a line 'device' declares)", word);
	*out = found;
	return 0;
}

int role_expect_group(struct words *words, const struct scenario *scenario, size_t *out)
{
	const char *word = "";
	int err = words_expect(words, "a group", &word);
	size_t found;

	if (err)
		return err;
	found = scenario_find_group(scenario, word);
	if (found == scenario->group_count)
		return words_wrong(
			words, "no group '%s' (expected one that a line 'group' declares)", word);
	*out = found;
	return 0;
}

/* A name for a new role, that no other has. */
static int role_expect_new(struct words *words, const struct scenario *scenario, char **place)
{
	const char *word = "";
	int err = words_expect(words, "a name", &word);

	if (err)
		return err;
	if (!word_is_name(word, strlen(word)) || strcmp(word, SCENARIO_NONE) == 0 ||
	    strcmp(word, SCENARIO_INVARIANTS) == 0)
		return words_wrong(
			words,
			"'%s' can't be a name (expected up to 32 letters, digits, '-' and '_', a "
			"letter first)",
			word);
	if (scenario_find_device(scenario, word) < scenario->device_count ||
	    scenario_find_group(scenario, word) < scenario->group_count)
		return words_wrong(words, "'%s' is declared twice (expected another name)", word);
	return word_keep(place, word);
}

int role_expect(struct words *words, const struct scenario *scenario, size_t *out)
{
	const char *word = "";
	int err = words_expect(words, "a device or a group", &word);
	size_t role;

	if (err)
		return err;
	role = scenario_find_device(scenario, word);
	if (role == scenario->device_count)
		role += scenario_find_group(scenario, word);
	if (role == scenario_roles(scenario))
		return words_wrong(words, "no device or group '%s' (expected one that is declared)",
				   word);
	*out = role;
	return 0;
}

int role_parse_device(struct words *words, struct scenario *scenario)
{
	struct device_role *devices =
		array_with_room(scenario->devices, scenario->device_count, sizeof(*devices));
	struct device_role *device;
	int err;

	if (!devices)
		return -ENOMEM;
	scenario->devices = devices;
	device = &devices[scenario->device_count];
	*device = (struct device_role) {0};
	err = role_expect_new(words, scenario, &device->name);
	if (err)
		return err;
	scenario->device_count++;
	err = words_expect_kept(words, "an address", &device->address);
	if (err)
		return err;
	for (size_t i = 0; i + 1 < scenario->device_count; i++)
		if (strcmp(devices[i].address, device->address) == 0)
			return words_wrong(words, "%s is %s already (expected another address)",
					   device->address, devices[i].name);
	if (words_take(words, "driver"))
		err = words_expect_kept(words, "a driver or none", &device->driver);
	return err;
}

static bool in_a_group(const struct scenario *scenario, size_t device)
{
	for (size_t i = 0; i < scenario->group_count; i++)
		for (size_t j = 0; j < scenario->groups[i].device_count; j++)
			if (scenario->groups[i].devices[j] == device)
				return true;
	return false;
}

static int parse_member(struct words *words, struct scenario *scenario, struct group_role *group)
{
	size_t *devices = array_with_room(group->devices, group->device_count, sizeof(*devices));
	size_t device = 0;
	int err;

	if (!devices)
		return -ENOMEM;
	group->devices = devices;
	err = role_expect_device(words, scenario, &device);
	if (err)
		return err;
	if (in_a_group(scenario, device))
		return words_wrong(words, "%s is in a group already (expected each device once)",
				   scenario->devices[device].name);
	devices[group->device_count++] = device;
	return 0;
}

int role_parse_group(struct words *words, struct scenario *scenario)
{
	struct group_role *groups =
		array_with_room(scenario->groups, scenario->group_count, sizeof(*groups));
	struct group_role *group;
	int err;

	if (!groups)
		return -ENOMEM;
	scenario->groups = groups;
	group = &groups[scenario->group_count];
	*group = (struct group_role) {0};
	err = role_expect_new(words, scenario, &group->name);
	if (err)
		return err;
	scenario->group_count++;
	do
		err = parse_member(words, scenario, group);
	while (!err && !words_ended(words));
	return err;
}
