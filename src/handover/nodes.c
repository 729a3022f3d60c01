/* SPDX-License-Identifier: MIT */
#include "nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *why(int err)
{
	switch (err) {
	case -ETIME:
		return "udev may not be done with it yet (see whether udevadm settle ends)";
	case -EOPNOTSUPP:
		return "its file system has no access lists (is /dev a devtmpfs?)";
	case -E2BIG:
		return "its access list is too long";
	case -ENXIO:
		return "it is not the node of that group";
	case -ESTALE:
		return "another node has its name by now";
	case -EKEYREJECTED:
		return "somebody else changes its owner, mode or access list";
	default:
		return strerror(-err);
	}
}

static void explain(struct troubles *troubles, int group, const char *what, int err)
{
	char name[32];

	if (!troubles)
		return;
	snprintf(name, sizeof(name), "/dev/vfio/%d", group);
	trouble(troubles, name, "%s: %s", what, why(err));
}

void nodes_explain(struct handover *handover, const int *groups, size_t count,
		   struct troubles *troubles)
{
	for (size_t i = 0; i < count; i++) {
		struct group_node node;
		int err = machine_node(handover->machine, groups[i], &node);

		if (err && err != -ENOENT)
			explain(troubles, groups[i], "can't be read", err);
	}
}

int node_close(struct handover *handover, int group, struct troubles *troubles)
{
	const struct group_node roots = group_node_of_user(0);
	int err = machine_await_node(handover->machine, group, handover->patience);

	if (!err)
		err = machine_set_node(handover->machine, group, &roots);
	if (!err || err == -ENOENT)
		return 0;
	explain(troubles, group, "can't be closed to others", err);
	return err == -ESTALE ? -EBUSY : err;
}

int node_grant(struct handover *handover, int group, const char *user, unsigned int uid,
	       struct troubles *troubles)
{
	const struct group_node theirs = group_node_of_user(uid);
	char what[320];
	int err;

	if (!user)
		return 0;
	err = machine_set_node(handover->machine, group, &theirs);
	if (!err)
		return 0;
	snprintf(what, sizeof(what), "can't be opened to %s", user);
	explain(troubles, group, what, err);
	return err == -ESTALE ? -EBUSY : err;
}

/* Not of a group that has other devices by now, and so another's node. */
static int set_node(struct handover *handover, struct record *record, int group,
		    const struct group_node *node)
{
	int err = record_group_is_there(handover->machine, record, group)
			  ? machine_set_node(handover->machine, group, node)
			  : 0;

	return err == -ENOENT ? 0 : err;
}

int nodes_revoke(struct handover *handover, struct record *record, struct troubles *troubles)
{
	const struct group_node roots = group_node_of_user(0);
	int first = 0;

	for (size_t i = 0; i < record->group_count; i++) {
		int group = record->groups[i].id;
		int err = set_node(handover, record, group, &roots);

		if (!err)
			continue;
		explain(troubles, group, "can't be closed", err);
		if (!first)
			first = err;
	}
	return first;
}

int nodes_grant(struct handover *handover, struct record *record, struct troubles *troubles)
{
	const struct group_node theirs = group_node_of_user(record->user_uid);
	int first = 0;

	for (size_t i = 0; i < record->group_count && record->user; i++) {
		int group = record->groups[i].id;
		int err = set_node(handover, record, group, &theirs);

		if (!err)
			continue;
		explain(troubles, group, "can't be opened again", err);
		if (!first)
			first = err;
	}
	return first;
}

/* What udev may still change is made what it was all the same. */
static int give_back(struct handover *handover, struct record *record,
		     const struct record_group *group)
{
	const struct group_node roots = group_node_of_user(0);
	int awaited, err;

	if (!record_group_is_there(handover->machine, record, group->id))
		return 0;
	awaited = machine_await_node(handover->machine, group->id, handover->patience);
	err = machine_set_node(handover->machine, group->id,
			       group->had_node ? &group->node : &roots);
	if (err == -ENOENT || (!err && awaited == -ENOENT))
		return 0;
	return err ? err : awaited;
}

size_t nodes_give_back(struct handover *handover, struct record *record, struct troubles *troubles)
{
	size_t failed = 0;

	for (size_t i = 0; i < record->group_count; i++) {
		int err = give_back(handover, record, &record->groups[i]);

		if (!err)
			continue;
		explain(troubles, record->groups[i].id, "can't be given back", err);
		failed++;
	}
	return failed;
}
