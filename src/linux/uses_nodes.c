/* SPDX-License-Identifier: MIT */
/*
 * Nodes that processes have open, and registers in sysfs, also those that are only mapped still:
 * one walk over all processes, in which those who hold groups are found too (users.c).
 *
 * A *holding* is one node and one of the devices that it is of, in the hands of one process or
 * more, of which the first is named.
 */
#define _GNU_SOURCE
#include "array.h"
#include "host.h"
#include "nodes.h"
#include "processes.h"
#include "sysfs.h"
#include "users.h"
#include "uses.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 64 };

struct holding {
	const struct node *node;
	struct device_facts *device;
	bool mapped;
	long first, last; /* the process that is named, and the one that was found last */
	char program[NAME_SIZE];
	size_t more;
};

/* One process, and what it has open of a driver's devices in common: that says nothing if it has
 * one of them by its own node. */
struct sharer {
	long pid;
	const struct node *node; /* NULL: nothing */
	bool mapped;
	char program[NAME_SIZE];
	bool has_own;
};

struct look {
	const struct survey *survey;
	bool uses;  /* not only who holds groups */
	int hidden; /* the -errno for which it is not known whose something is that is open */
	struct nodes nodes;
	struct sharer sharer;
	struct holding *holdings;
	size_t count;
};

/* What is held, and by whom. */
struct held {
	struct look *look;
	const struct node *node;
	const struct descriptor *descriptor; /* NULL: the program's name is known */
	const char *program;
	long pid;
	bool mapped;
};

static int add_holding(const struct held *held, struct device_facts *device)
{
	struct look *look = held->look;
	struct holding *more = array_with_room(look->holdings, look->count, sizeof(*more)), *added;

	if (!more)
		return -ENOMEM;
	look->holdings = more;
	added = &more[look->count++];
	*added = (struct holding) {.node = held->node,
				   .device = device,
				   .mapped = held->mapped,
				   .first = held->pid,
				   .last = held->pid};
	if (held->descriptor)
		process_name(held->descriptor, added->program, sizeof(added->program));
	else
		snprintf(added->program, sizeof(added->program), "%s", held->program);
	return 0;
}

static int hold(void *context, struct device_facts *device)
{
	const struct held *held = context;

	for (size_t i = 0; i < held->look->count; i++) {
		struct holding *holding = &held->look->holdings[i];

		if (holding->node != held->node || holding->device != device ||
		    holding->mapped != held->mapped)
			continue;
		holding->more += holding->last != held->pid;
		holding->last = held->pid;
		return 0;
	}
	return add_holding(held, device);
}

/* Where nobody can tell whose a node is, it may be anybody's. */
static int hold_all(const struct held *held)
{
	int err = nodes_for_each_device(&held->look->nodes, held->node, held->pid, hold,
					(void *)(uintptr_t)held);

	return err == -ENOMEM ? err : note_unknown(held->look->survey, NULL, held->node->name, err);
}

/* ---- nodes of all devices of a driver ---- */

static int settle_sharer(struct look *look)
{
	const struct sharer *sharer = &look->sharer;
	const struct held held = {.look = look,
				  .node = sharer->node,
				  .program = sharer->program,
				  .pid = sharer->pid,
				  .mapped = sharer->mapped};
	int err = sharer->node && !sharer->has_own ? hold_all(&held) : 0;

	look->sharer = (struct sharer) {0};
	return err;
}

static void note_sharer(struct look *look, const struct node *node,
			const struct descriptor *descriptor)
{
	struct sharer *sharer = &look->sharer;

	if (sharer->node)
		return;
	sharer->node = node;
	sharer->mapped = descriptor->mapped;
	process_name(descriptor, sharer->program, sizeof(sharer->program));
}

/* ---- the walk ---- */

static int look_at_node(struct look *look, const struct node *node,
			const struct descriptor *descriptor)
{
	const struct held held = {.look = look,
				  .node = node,
				  .descriptor = descriptor,
				  .pid = descriptor->pid,
				  .mapped = descriptor->mapped};

	if (node->kind == NODE_OF_DRIVER) {
		note_sharer(look, node, descriptor);
		return 0;
	}
	if (node->kind == NODE_OF_DEVICE && node->device->driver &&
	    strcmp(node->device->driver, "nvidia") == 0)
		look->sharer.has_own = true;
	return hold_all(&held);
}

static int look_at_descriptor(void *context, const struct descriptor *descriptor)
{
	struct look *look = context;
	const struct node *node;
	struct group_facts *group;
	int err = 0;

	if (look->sharer.pid != descriptor->pid)
		err = settle_sharer(look);
	look->sharer.pid = descriptor->pid;
	if (!err)
		err = nodes_find(&look->nodes, descriptor, &node);
	if (err && err != -ENOMEM && !look->hidden)
		look->hidden = err;
	if (err)
		return err == -ENOMEM ? err : 0;
	group = node->kind == NODE_OF_GROUP ? facts_group(look->survey->facts, node->group) : NULL;
	if (group)
		return add_user(group, descriptor);
	if (!look->uses || descriptor->own || node->kind == NODE_OF_NONE)
		return 0;
	return look_at_node(look, node, descriptor);
}

static int add_use_of(const struct holding *holding)
{
	char more[48] = "";

	if (holding->more > 0)
		snprintf(more, sizeof(more), ", and %zu more", holding->more);
	return add_use(holding->device, "node", holding->node->name, "%s in %s (process %ld)%s",
		       holding->mapped ? "mapped" : "open", holding->program, holding->first, more);
}

static int look_at_processes(struct look *look, int *hidden)
{
	struct descriptor_walk walk = {.root = look->survey->root,
				       .crew = look->survey->crew,
				       .mappings = look->uses,
				       .visit = look_at_descriptor,
				       .context = look};
	int err = survey_mounts(look->survey, &walk.mounts);

	*hidden = 0;
	if (!err)
		err = for_each_descriptor(&walk, hidden);
	if (!err)
		err = settle_sharer(look);
	if (!*hidden)
		*hidden = look->hidden;
	for (size_t i = 0; i < look->count && err != -ENOMEM; i++) {
		int failed = add_use_of(&look->holdings[i]);

		err = failed ? failed : err;
	}
	free(look->holdings);
	nodes_release(&look->nodes);
	return err;
}

int find_node_uses(const struct survey *survey)
{
	struct look look = {.survey = survey, .uses = true, .nodes = {.survey = survey}};
	int hidden, err = look_at_processes(&look, &hidden);

	if (err == -ENOMEM)
		return err;
	settle_owners(survey, err ? err : hidden);
	return err ? err : hidden;
}

int find_users(const struct survey *survey)
{
	struct look look = {.survey = survey, .nodes = {.survey = survey}};
	struct answer open = groups_can_be_open(survey);
	int hidden = open.hidden_by, err = 0;

	if (answer_is_yes(open))
		err = look_at_processes(&look, &hidden);
	if (err == -ENOMEM)
		return err;
	settle_owners(survey, err ? err : hidden);
	return 0;
}
