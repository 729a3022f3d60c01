/* SPDX-License-Identifier: MIT */
/*
 * Each device is placed by the first rule that holds for it, which joins it to others; joined
 * devices are one group.
 *
 * A device stands at first at itself. Whatever is above it and would be joined, but is in no group,
 * takes its place: the next rules are asked for that, on the device's behalf.
 */
#define _GNU_SOURCE
#include "topology.h"

#include "membership.h"
#include "requester_quirks.h"
#include "wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct joining {
	const struct wiring *wiring;
	size_t *leaders; /* union-find: towards the first device of the group */
};

/* Where a device stands while the rules are asked for it. */
struct standing {
	const struct wiring *wiring;
	size_t place, at;
	enum company company; /* the rule by which it left its own place */
	struct placement *placed;
};

/* Whether the device joins another by this rule; if that is in no group, it now stands there. */
static bool joins(struct standing *standing, size_t with, enum company company, size_t cause)
{
	if (standing->at == standing->place) {
		standing->company = company;
		standing->placed->cause = cause;
	}
	standing->at = with;
	if (!is_grouped(standing->wiring, with))
		return false;
	standing->placed->company = standing->company;
	standing->placed->with = with;
	return true;
}

static bool not_known(struct standing *standing, size_t cause)
{
	standing->placed->company = COMPANY_UNKNOWN;
	standing->placed->cause = cause;
	return true;
}

static bool join_vmd(struct standing *standing)
{
	size_t vmd = standing->wiring->nodes[standing->at].vmd;

	return vmd != NO_PLACE && joins(standing, vmd, COMPANY_VMD, vmd);
}

/* What is above may be a bridge of either kind, and may isolate or not. */
static bool is_below_hidden(struct standing *standing)
{
	const struct node *nodes = standing->wiring->nodes;
	size_t parent = nodes[standing->at].parent;

	return parent != NO_PLACE && nodes[parent].hidden != NO_PLACE &&
	       not_known(standing, nodes[parent].hidden);
}

static bool join_bridge(struct standing *standing)
{
	const struct node *nodes = standing->wiring->nodes;
	size_t cause = nodes[standing->at].bridge;

	for (size_t bridge = cause; bridge != NO_PLACE; bridge = nodes[bridge].bridge)
		if (joins(standing, bridge, COMPANY_BRIDGE, cause))
			return true;
	return false;
}

static bool join_port(struct standing *standing)
{
	const struct node *nodes = standing->wiring->nodes;
	size_t port = nodes[standing->at].parent;
	size_t cause = port == NO_PLACE ? NO_PLACE : nodes[port].blocker;

	for (; port != NO_PLACE && nodes[port].blocker != NO_PLACE; port = nodes[port].parent)
		if (joins(standing, port, COMPANY_PORT, cause))
			return true;
	return false;
}

static bool join_alias(struct standing *standing)
{
	const struct wiring *wiring = standing->wiring;
	size_t at = standing->at, other = next_alias(wiring, at, NO_PLACE);

	while (other != NO_PLACE && !is_grouped(wiring, other))
		other = next_alias(wiring, at, other);
	if (other != NO_PLACE && requester_is_hidden(requester_quirk(wiring_device(wiring, at))))
		return not_known(standing, at);
	return other != NO_PLACE && joins(standing, other, COMPANY_ALIAS, at);
}

/* Of two functions one must be of several; one that is stood at is not looked at by the other. */
static bool join_function(struct standing *standing)
{
	const struct wiring *wiring = standing->wiring;
	bool several = is_one_of_several(wiring_device(wiring, standing->at)->pci);
	enum reach reach;
	size_t other = find_neighbour(wiring, standing->at, &reach);

	if (standing->at != standing->place && !several)
		return false;
	if (wiring->nodes[standing->at].isolates == KNOWN_NOT && (other != NO_PLACE || several))
		return not_known(standing, standing->at);
	if (other == NO_PLACE)
		return false;
	if (reach == REACH_NOT_KNOWN)
		return not_known(standing, other);
	return joins(standing, other, COMPANY_FUNCTION,
		     is_grouped(wiring, other) ? standing->at : other);
}

static struct placement place_pci(const struct wiring *wiring, size_t place)
{
	static bool (*const rules[])(struct standing *) = {
		join_vmd, is_below_hidden, join_bridge, join_port, join_alias, join_function,
	};
	struct placement placed = {
		.with = place, .cause = place, .requester = requester_at_root(wiring, place)};
	struct standing standing = {
		.wiring = wiring, .place = place, .at = place, .placed = &placed};

	if (!is_grouped(wiring, place))
		return placed;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i](&standing))
			break;
	return placed;
}

static size_t leader_of(const struct joining *joining, size_t place)
{
	size_t *leaders = joining->leaders;

	while (leaders[place] != place)
		place = leaders[place] = leaders[leaders[place]];
	return place;
}

static void join(const struct joining *joining, size_t a, size_t b)
{
	size_t first = leader_of(joining, a), second = leader_of(joining, b);

	if (first < second)
		joining->leaders[second] = first;
	else
		joining->leaders[first] = second;
}

/* One that passes for others and is reached by others joins all of them. */
static void join_peers(const struct joining *joining, size_t place)
{
	const struct wiring *wiring = joining->wiring;
	enum reach reach;
	size_t other = find_neighbour(wiring, place, &reach);

	if (reach == REACH_EACH_OTHER && is_grouped(wiring, other))
		join(joining, place, other);
	for (other = next_alias(wiring, place, NO_PLACE); other != NO_PLACE;
	     other = next_alias(wiring, place, other))
		if (is_grouped(wiring, other))
			join(joining, place, other);
}

/* Joins the devices of other buses as the machine has them. */
static int join_recorded(const struct joining *joining)
{
	const struct facts *facts = joining->wiring->facts;
	struct member *members = calloc(facts->device_count + 1, sizeof(*members));
	size_t count = 0;

	if (!members)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++)
		if (!facts->devices[i].pci && facts->devices[i].group >= 0)
			members[count++] = (struct member) {(size_t)facts->devices[i].group, i, 0};
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 1; i < count; i++)
		if (members[i - 1].group == members[i].group)
			join(joining, members[i - 1].place, members[i].place);
	free(members);
	return 0;
}

static int place_all(const struct joining *joining, struct placement *placements)
{
	const struct wiring *wiring = joining->wiring;
	size_t count = wiring->facts->device_count;

	for (size_t i = 0; i < count; i++)
		joining->leaders[i] = i;
	for (size_t i = 0; i < count; i++) {
		if (!wiring_device(wiring, i)->pci) {
			placements[i] = (struct placement) {
				.company = COMPANY_RECORDED, .with = i, .cause = i};
			continue;
		}
		placements[i] = place_pci(wiring, i);
		join(joining, i, placements[i].with);
		if (placements[i].company == COMPANY_ALIAS)
			join_peers(joining, i);
	}
	return join_recorded(joining);
}

/* Numbers the groups by their leaders, which are their first devices. */
static size_t number_groups(const struct joining *joining, struct placement *placements)
{
	size_t groups = 0;

	for (size_t i = 0; i < joining->wiring->facts->device_count; i++) {
		size_t leader = leader_of(joining, i);

		placements[i].group = leader == i ? groups++ : placements[leader].group;
	}
	return groups;
}

int topology_init(struct topology *topology, const struct facts *facts)
{
	size_t count = facts->device_count;
	struct placement *placements = calloc(count + 1, sizeof(*placements));
	struct wiring wiring;
	struct joining joining = {.wiring = &wiring,
				  .leaders = calloc(count + 1, sizeof(*joining.leaders))};
	int err = -ENOMEM;

	if (placements && joining.leaders)
		err = wiring_init(&wiring, facts);
	if (err)
		goto free_placements;
	err = place_all(&joining, placements);
	if (!err)
		*topology = (struct topology) {.placements = placements,
					       .device_count = count,
					       .group_count = number_groups(&joining, placements)};
	wiring_release(&wiring);
free_placements:
	if (err)
		free(placements);
	free(joining.leaders);
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
		[COMPANY_NONE] = "none",         [COMPANY_VMD] = "vmd",
		[COMPANY_BRIDGE] = "bridge",     [COMPANY_PORT] = "port",
		[COMPANY_ALIAS] = "alias",       [COMPANY_FUNCTION] = "function",
		[COMPANY_RECORDED] = "recorded", [COMPANY_UNKNOWN] = "unknown",
	};

	return names[company];
}
