/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "recorded_groups.h"
#include "membership.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_compared(const struct topology *topology, const struct facts *facts, size_t place)
{
	return facts->devices[place].group >= 0 &&
	       topology->placements[place].company != COMPANY_UNKNOWN;
}

/* Marks the devices of every group that the other side splits. */
static void mark_split(struct member *members, size_t count, bool *differs)
{
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t first = 0, end; first < count; first = end) {
		bool split = false;

		for (end = first; end < count && members[end].group == members[first].group; end++)
			split |= members[end].other != members[first].other;
		for (size_t i = first; split && i < end; i++)
			differs[members[i].place] = true;
	}
}

/* Finds the devices whose companions differ: they are in a group that either side splits. */
static int mark_differences(const struct topology *topology, const struct facts *facts,
			    bool *differs)
{
	struct member *members = calloc(facts->device_count + 1, sizeof(*members));
	size_t count = 0;

	if (!members)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++)
		if (is_compared(topology, facts, i))
			members[count++] = (struct member) {(size_t)facts->devices[i].group, i,
							    topology->placements[i].group};
	mark_split(members, count, differs);
	for (size_t i = 0; i < count; i++)
		members[i] = (struct member) {members[i].other, members[i].place, members[i].group};
	mark_split(members, count, differs);
	free(members);
	return 0;
}

int topology_differences(const struct topology *topology, const struct facts *facts,
			 struct difference **out, size_t *count)
{
	struct difference *found = calloc(facts->device_count + 1, sizeof(*found));
	bool *differs = calloc(facts->device_count + 1, sizeof(*differs));
	size_t total = 0;
	int err = -ENOMEM;

	if (found && differs)
		err = mark_differences(topology, facts, differs);
	if (err) {
		free(found);
		goto free_differs;
	}
	for (size_t i = 0; i < facts->device_count; i++)
		if (differs[i])
			found[total++] = (struct difference) {i, facts->devices[i].group,
							      topology->placements[i].group};
	*out = found;
	*count = total;
free_differs:
	free(differs);
	return err;
}

static int highest_group(const struct facts *facts)
{
	int highest = -1;

	for (size_t i = 0; i < facts->group_count; i++)
		if (facts->groups[i].id > highest)
			highest = facts->groups[i].id;
	return highest;
}

static int add_group(struct facts *facts, int id)
{
	struct group_facts *group;
	int err = facts_add_group(facts, &group);

	if (err)
		return err;
	group->id = id;
	return facts_set_string(&group->type, "DMA");
}

/* Assigns with `ids`, the numbers of the topology's groups, -1 where there is none yet. */
static int assign(struct facts *facts, const struct placement *placements, int *ids)
{
	int last = highest_group(facts);
	int err = 0;

	for (size_t i = 0; i < facts->device_count; i++)
		if (facts->devices[i].group >= 0 && ids[placements[i].group] == -1)
			ids[placements[i].group] = facts->devices[i].group;
	for (size_t i = 0; i < facts->device_count && !err; i++) {
		int *id = &ids[placements[i].group];

		if (facts->devices[i].group != GROUP_BY_RULES)
			continue;
		if (*id == -1 && last == INT_MAX)
			return -EOVERFLOW;
		if (*id == -1)
			err = add_group(facts, *id = ++last);
		facts->devices[i].group = *id;
	}
	return err;
}

int topology_assign(struct facts *facts)
{
	struct topology topology;
	int err = topology_init(&topology, facts);
	int *ids;

	if (err)
		return err;
	ids = calloc(topology.group_count + 1, sizeof(*ids));
	err = ids ? 0 : -ENOMEM;
	if (!err) {
		memset(ids, -1, topology.group_count * sizeof(*ids));
		err = assign(facts, topology.placements, ids);
	}
	free(ids);
	topology_release(&topology);
	return err;
}
