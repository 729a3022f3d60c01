/* SPDX-License-Identifier: MIT */
#include "players.h"

#include <errno.h>
#include <stdlib.h>

int players_init(struct players *players, const struct scenario *scenario, struct machine *machine)
{
	size_t threads = scenario->thread_count, groups = scenario->group_count;

	*players = (struct players) {.scenario = scenario, .machine = machine};
	players->groups = calloc(groups + 1, sizeof(*players->groups));
	players->files = calloc(threads * groups + 1, sizeof(struct group_file *));
	if (!players->groups || !players->files) {
		players_release(players);
		return -ENOMEM;
	}
	for (size_t i = 0; i < groups; i++)
		players->groups[i] = -1;
	return 0;
}

static int id_now(const struct scenario *scenario, const struct group_role *group,
		  const struct facts *facts, int before)
{
	for (size_t i = 0; i < group->device_count; i++) {
		const char *member = scenario->devices[group->devices[i]].address;
		const struct device_facts *device = facts_device(facts, member);

		if (device)
			return device->group;
	}
	return before;
}

void players_find_groups(struct players *players, const struct facts *facts)
{
	const struct scenario *scenario = players->scenario;

	for (size_t i = 0; i < scenario->group_count; i++)
		players->groups[i] =
			id_now(scenario, &scenario->groups[i], facts, players->groups[i]);
}

void players_close(struct players *players)
{
	const struct scenario *scenario = players->scenario;

	for (size_t i = 0; i < scenario->thread_count * scenario->group_count; i++) {
		group_file_close(players->files[i]);
		players->files[i] = NULL;
	}
}

void players_release(struct players *players)
{
	if (players->files)
		players_close(players);
	free(players->files);
	free(players->groups);
	*players = (struct players) {0};
}
