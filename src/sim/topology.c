/* SPDX-License-Identifier: MIT */
/*
 * First every device learns what is above it, parents before children; then each is placed by the
 * first rule that holds for it, which joins it to at most one other; joined devices are one group.
 */
#define _GNU_SOURCE
#include "topology.h"

#include "acs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* What is above a device; all but `parent` follow from the parent's node. */
struct node {
	size_t parent;
	size_t bridge;  /* the nearest bridge above that is not a PCI Express port */
	size_t alias;   /* the topmost of those: its requester id is the one that arrives */
	size_t blocker; /* from the device upwards, the nearest that does not isolate */
	bool hidden;    /* the registers of the device or of one above are not known */
	bool resolved;
};

struct wiring {
	const struct facts *facts;
	struct device_index index;
	struct node *nodes;
	size_t *leaders; /* union-find: towards the first device of the group */
};

static const struct device_facts *device_at(const struct wiring *wiring, size_t place)
{
	return &wiring->facts->devices[place];
}

static bool is_express_port(const struct pci_facts *pci)
{
	return pci->type == PCIE_ROOT_PORT || pci->type == PCIE_UPSTREAM ||
	       pci->type == PCIE_DOWNSTREAM;
}

static uint16_t own_requester(const struct pci_facts *pci)
{
	return (uint16_t)(pci->bus << 8 | pci->slot << 3 | pci->function);
}

/* The requester id that a bridge gives to what is behind it. */
static uint16_t bridge_requester(const struct pci_facts *pci)
{
	if (pci->type == PCIE_TO_PCI_BRIDGE)
		return (uint16_t)(pci->secondary << 8);
	return own_requester(pci);
}

/* The parent, if it is a PCI device: what is above the root bus takes no part. */
static size_t find_parent(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = device_at(wiring, place);
	size_t parent;

	if (!device->pci || !device->parent)
		return NONE;
	parent = device_index_find(&wiring->index, device->parent);
	return parent != NONE && device_at(wiring, parent)->pci ? parent : NONE;
}

static void resolve_node(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = device_at(wiring, place);
	struct node *node = &wiring->nodes[place];

	node->bridge = node->alias = node->blocker = NONE;
	node->hidden = device->pci && device->pci->config != CONFIG_READ;
	node->resolved = true;
	if (node->parent != NONE) {
		const struct node *above = &wiring->nodes[node->parent];
		bool behind_bridge = !is_express_port(device_at(wiring, node->parent)->pci);

		node->bridge = behind_bridge ? node->parent : above->bridge;
		node->alias = above->alias != NONE ? above->alias
			      : behind_bridge      ? node->parent
						   : NONE;
		node->blocker = above->blocker;
		node->hidden |= above->hidden;
	}
	if (device->pci && !isolates(device))
		node->blocker = place;
}

/* Resolves all nodes: from each device up to the first that is, and back down. */
static void resolve_nodes(const struct wiring *wiring, size_t *way)
{
	for (size_t i = 0; i < wiring->facts->device_count; i++) {
		size_t length = 0;

		for (size_t at = i; at != NONE && !wiring->nodes[at].resolved;
		     at = wiring->nodes[at].parent) {
			wiring->nodes[at].parent = find_parent(wiring, at);
			way[length++] = at;
		}
		while (length)
			resolve_node(wiring, way[--length]);
	}
}

static size_t find_function(const struct wiring *wiring, const struct pci_facts *pci,
			    unsigned int function)
{
	char address[sizeof("ffffffff:ff:1f.7")];

	snprintf(address, sizeof(address), "%04x:%02x:%02x.%x", pci->segment, pci->bus,
		 pci->slot & 0x1fU, function & 7U);
	return device_index_find(&wiring->index, address);
}

/* The function whose requester id the device uses, if it is there and another. */
static size_t find_alias(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = device_at(wiring, place);
	const struct quirk *quirk = quirk_alias(device);
	size_t alias;

	if (!quirk)
		return NONE;
	alias = find_function(wiring, device->pci, quirk->kind == QUIRK_USES_FUNCTION_1);
	return alias == place ? NONE : alias;
}

/* Another function of the device that reaches this one: neither isolates. */
static size_t find_neighbour(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = device_at(wiring, place);

	if (!is_one_of_several(device->pci) || isolates(device))
		return NONE;
	for (unsigned int function = 0; function < 8; function++) {
		size_t other = find_function(wiring, device->pci, function);

		if (other != NONE && other != place && device_at(wiring, other)->pci &&
		    !isolates(device_at(wiring, other)) &&
		    is_one_of_several(device_at(wiring, other)->pci))
			return other;
	}
	return NONE;
}

/* Whether the rules that hold for the device read registers that nobody could read. */
static bool is_unknown(const struct wiring *wiring, size_t place)
{
	const struct pci_facts *pci = device_at(wiring, place)->pci;
	size_t parent = wiring->nodes[place].parent;

	return (parent != NONE && wiring->nodes[parent].hidden) ||
	       (pci->config != CONFIG_READ && is_one_of_several(pci));
}

static struct placement place_pci(const struct wiring *wiring, size_t place)
{
	const struct node *node = &wiring->nodes[place];
	struct placement placed = {.with = place, .cause = place};
	size_t other;

	placed.requester = node->alias == NONE
				   ? own_requester(device_at(wiring, place)->pci)
				   : bridge_requester(device_at(wiring, node->alias)->pci);
	if (is_unknown(wiring, place)) {
		placed.company = COMPANY_UNKNOWN;
	} else if (node->bridge != NONE) {
		placed.company = COMPANY_BRIDGE;
		placed.with = placed.cause = node->bridge;
	} else if (node->parent != NONE && wiring->nodes[node->parent].blocker != NONE) {
		placed.company = COMPANY_PORT;
		placed.with = node->parent;
		placed.cause = wiring->nodes[node->parent].blocker;
	} else if ((other = find_alias(wiring, place)) != NONE) {
		placed.company = COMPANY_ALIAS;
		placed.with = other;
	} else if ((other = find_neighbour(wiring, place)) != NONE) {
		placed.company = COMPANY_FUNCTION;
		placed.with = other;
	}
	return placed;
}

static size_t leader_of(const struct wiring *wiring, size_t place)
{
	size_t *leaders = wiring->leaders;

	while (leaders[place] != place)
		place = leaders[place] = leaders[leaders[place]];
	return place;
}

static void join(const struct wiring *wiring, size_t a, size_t b)
{
	size_t first = leader_of(wiring, a), second = leader_of(wiring, b);

	if (first < second)
		wiring->leaders[second] = first;
	else
		wiring->leaders[first] = second;
}

struct member {
	size_t group;
	size_t place;
	size_t other; /* its group on the other side of a comparison */
};

static int compare_members(const void *first, const void *second)
{
	const struct member *a = first, *b = second;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

/* Joins the devices of other buses as the machine has them. */
static int join_recorded(const struct wiring *wiring)
{
	struct member *members = calloc(wiring->facts->device_count + 1, sizeof(*members));
	size_t count = 0;

	if (!members)
		return -ENOMEM;
	for (size_t i = 0; i < wiring->facts->device_count; i++)
		if (!device_at(wiring, i)->pci && device_at(wiring, i)->group >= 0)
			members[count++] =
				(struct member) {(size_t)device_at(wiring, i)->group, i, 0};
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 1; i < count; i++)
		if (members[i - 1].group == members[i].group)
			join(wiring, members[i - 1].place, members[i].place);
	free(members);
	return 0;
}

static int place_all(const struct wiring *wiring, struct placement *placements)
{
	for (size_t i = 0; i < wiring->facts->device_count; i++)
		wiring->leaders[i] = i;
	for (size_t i = 0; i < wiring->facts->device_count; i++) {
		if (device_at(wiring, i)->pci)
			placements[i] = place_pci(wiring, i);
		else
			placements[i] = (struct placement) {
				.company = COMPANY_RECORDED, .with = i, .cause = i};
		join(wiring, i, placements[i].with);
	}
	return join_recorded(wiring);
}

/* Numbers the groups by their leaders, which are their first devices. */
static size_t number_groups(const struct wiring *wiring, struct placement *placements)
{
	size_t groups = 0;

	for (size_t i = 0; i < wiring->facts->device_count; i++) {
		size_t leader = leader_of(wiring, i);

		placements[i].group = leader == i ? groups++ : placements[leader].group;
	}
	return groups;
}

static void wiring_release(struct wiring *wiring)
{
	device_index_release(&wiring->index);
	free(wiring->nodes);
	free(wiring->leaders);
}

static int wiring_init(struct wiring *wiring, const struct facts *facts)
{
	size_t count = facts->device_count;
	int err;

	*wiring = (struct wiring) {.facts = facts};
	err = device_index_init(&wiring->index, facts);
	if (err)
		return err;
	wiring->nodes = calloc(count + 1, sizeof(*wiring->nodes));
	wiring->leaders = calloc(count + 1, sizeof(*wiring->leaders));
	if (!wiring->nodes || !wiring->leaders) {
		wiring_release(wiring);
		return -ENOMEM;
	}
	resolve_nodes(wiring, wiring->leaders);
	return 0;
}

int topology_init(struct topology *topology, const struct facts *facts)
{
	struct placement *placements = calloc(facts->device_count + 1, sizeof(*placements));
	struct wiring wiring;
	int err;

	if (!placements)
		return -ENOMEM;
	err = wiring_init(&wiring, facts);
	if (err)
		goto free_placements;
	err = place_all(&wiring, placements);
	if (err)
		goto release_wiring;
	*topology = (struct topology) {.placements = placements,
				       .device_count = facts->device_count,
				       .group_count = number_groups(&wiring, placements)};
	wiring_release(&wiring);
	return 0;

release_wiring:
	wiring_release(&wiring);
free_placements:
	free(placements);
	return err;
}

void topology_release(struct topology *topology)
{
	free(topology->placements);
	*topology = (struct topology) {0};
}

const char *company_name(enum company company)
{
	static const char *const names[] = {
		[COMPANY_NONE] = "none",         [COMPANY_BRIDGE] = "bridge",
		[COMPANY_PORT] = "port",         [COMPANY_ALIAS] = "alias",
		[COMPANY_FUNCTION] = "function", [COMPANY_RECORDED] = "recorded",
		[COMPANY_UNKNOWN] = "unknown",
	};

	return names[company];
}

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
