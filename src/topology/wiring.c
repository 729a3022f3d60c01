/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "wiring.h"
#include "requester_quirks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const struct device_facts *wiring_device(const struct wiring *wiring, size_t place)
{
	return &wiring->facts->devices[place];
}

static const struct pci_facts *pci_at(const struct wiring *wiring, size_t place)
{
	return wiring_device(wiring, place)->pci;
}

bool is_grouped(const struct wiring *wiring, size_t place)
{
	return wiring_device(wiring, place)->group != -1;
}

static bool is_express_port(const struct pci_facts *pci)
{
	return pci->type == PCIE_ROOT_PORT || pci->type == PCIE_UPSTREAM ||
	       pci->type == PCIE_DOWNSTREAM;
}

/* The parent, if it is a PCI device: what is above the root bus takes no part. */
static size_t find_parent(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = wiring_device(wiring, place);
	size_t parent;

	if (!device->pci || !device->parent)
		return NO_PLACE;
	parent = device_index_find(&wiring->index, device->parent);
	return parent != NO_PLACE && pci_at(wiring, parent) ? parent : NO_PLACE;
}

/* Whether the parent, which is no bridge to it, makes the root bus that the function is on. */
static bool is_made_by(const struct pci_facts *pci, const struct pci_facts *parent)
{
	return !parent->bridge && pci->segment != parent->segment;
}

/* The requester ids of what is behind bridges, and where they end. */
static void resolve_bridges(const struct wiring *wiring, struct node *node)
{
	const struct node *above = &wiring->nodes[node->parent];
	const struct device_facts *parent = wiring_device(wiring, node->parent);

	if (bridge_ends_requesters(parent))
		return;
	if (is_express_port(parent->pci)) {
		node->bridge = above->bridge;
		node->alias = above->alias;
		return;
	}
	node->bridge = node->parent;
	node->alias = above->alias != NO_PLACE ? above->alias : node->parent;
}

static void resolve_node(const struct wiring *wiring, size_t place)
{
	const struct device_facts *device = wiring_device(wiring, place);
	struct node *node = &wiring->nodes[place];

	node->vmd = node->bridge = node->alias = node->blocker = node->hidden = NO_PLACE;
	node->isolates = device->pci ? isolates(&wiring->platform, device) : KNOWN_NOT;
	node->resolved = true;
	if (node->parent != NO_PLACE) {
		const struct node *above = &wiring->nodes[node->parent];

		node->vmd = above->vmd;
		node->blocker = above->blocker;
		node->hidden = above->hidden;
		if (is_made_by(device->pci, pci_at(wiring, node->parent)))
			node->vmd = node->parent;
		else
			resolve_bridges(wiring, node);
	}
	if (device->pci && node->isolates != KNOWN_YES)
		node->blocker = place;
	if (device->pci && device->pci->config != CONFIG_READ)
		node->hidden = place;
}

/* Resolves all nodes: from each device up to the first that is, and back down. */
static void resolve_nodes(const struct wiring *wiring, size_t *way)
{
	for (size_t i = 0; i < wiring->facts->device_count; i++) {
		size_t length = 0;

		for (size_t at = i; at != NO_PLACE && !wiring->nodes[at].resolved;
		     at = wiring->nodes[at].parent) {
			wiring->nodes[at].parent = find_parent(wiring, at);
			way[length++] = at;
		}
		while (length)
			resolve_node(wiring, way[--length]);
	}
}

void wiring_release(struct wiring *wiring)
{
	device_index_release(&wiring->index);
	free(wiring->nodes);
}

int wiring_init(struct wiring *wiring, const struct facts *facts)
{
	struct wiring made = {.facts = facts, .platform = platform_of(facts->host)};
	size_t *way = calloc(facts->device_count + 1, sizeof(*way));
	int err = -ENOMEM;

	made.nodes = calloc(facts->device_count + 1, sizeof(*made.nodes));
	if (way && made.nodes)
		err = device_index_init(&made.index, facts);
	if (err) {
		free(made.nodes);
	} else {
		resolve_nodes(&made, way);
		*wiring = made;
	}
	free(way);
	return err;
}

/* The function at a slot and function (devfn) of the bus that another is on. */
static size_t find_function(const struct wiring *wiring, const struct pci_facts *pci,
			    unsigned int devfn)
{
	char address[sizeof("ffffffff:ff:1f.7")];
	size_t found;

	snprintf(address, sizeof(address), "%04x:%02x:%02x.%x", pci->segment, pci->bus,
		 devfn >> 3 & 0x1fU, devfn & 7U);
	found = device_index_find(&wiring->index, address);
	return found != NO_PLACE && pci_at(wiring, found) ? found : NO_PLACE;
}

static unsigned int devfn_of(const struct pci_facts *pci)
{
	return (unsigned int)pci->slot << 3 | pci->function;
}

static bool carries(const struct wiring *wiring, size_t place, unsigned int devfn)
{
	const struct requester_quirk *quirk = requester_quirk(wiring_device(wiring, place));

	return quirk && quirk->carries(pci_at(wiring, place), (uint8_t)devfn);
}

size_t next_alias(const struct wiring *wiring, size_t place, size_t after)
{
	const struct pci_facts *pci = pci_at(wiring, place);
	unsigned int devfn = after == NO_PLACE ? 0 : devfn_of(pci_at(wiring, after)) + 1;

	if (!requester_quirk(wiring_device(wiring, place)))
		return NO_PLACE;
	for (; devfn <= UINT8_MAX; devfn++) {
		size_t found = carries(wiring, place, devfn) ? find_function(wiring, pci, devfn)
							     : NO_PLACE;

		if (found != NO_PLACE && found != place)
			return found;
	}
	return NO_PLACE;
}

static enum reach reach_between(const struct wiring *wiring, size_t a, size_t b)
{
	enum known first = wiring->nodes[a].isolates, second = wiring->nodes[b].isolates;

	if (first == KNOWN_YES || second == KNOWN_YES ||
	    (!is_one_of_several(pci_at(wiring, a)) && !is_one_of_several(pci_at(wiring, b))))
		return REACH_NONE;
	return first == KNOWN_NO && second == KNOWN_NO ? REACH_EACH_OTHER : REACH_NOT_KNOWN;
}

size_t find_neighbour(const struct wiring *wiring, size_t place, enum reach *reach)
{
	const struct pci_facts *pci = pci_at(wiring, place);
	size_t best = NO_PLACE;
	bool best_grouped = false;

	*reach = REACH_NONE;
	for (unsigned int function = 0; function < 8; function++) {
		size_t other = find_function(wiring, pci, (unsigned int)pci->slot << 3 | function);
		enum reach found;
		bool grouped;

		if (other == NO_PLACE || other == place)
			continue;
		found = reach_between(wiring, place, other);
		grouped = is_grouped(wiring, other);
		if (found == REACH_NONE || grouped < best_grouped ||
		    (grouped == best_grouped && found <= *reach))
			continue;
		best = other;
		best_grouped = grouped;
		*reach = found;
	}
	return best;
}

/* The requester id that a bridge gives to what is behind it. */
static uint16_t bridge_requester(const struct wiring *wiring, size_t place)
{
	const struct device_facts *bridge = wiring_device(wiring, place);
	size_t above = wiring->nodes[place].parent;

	if (bridge->pci->type == PCIE_TO_PCI_BRIDGE ||
	    bridge_carries_secondary(bridge,
				     above == NO_PLACE ? NULL : wiring_device(wiring, above)))
		return (uint16_t)(bridge->pci->secondary << 8);
	return (uint16_t)(bridge->pci->bus << 8 | devfn_of(bridge->pci));
}

uint16_t requester_at_root(const struct wiring *wiring, size_t place)
{
	const struct requester_quirk *quirk;
	const struct pci_facts *pci;
	int only;

	if (wiring->nodes[place].vmd != NO_PLACE)
		place = wiring->nodes[place].vmd;
	if (wiring->nodes[place].alias != NO_PLACE)
		return bridge_requester(wiring, wiring->nodes[place].alias);
	pci = pci_at(wiring, place);
	quirk = requester_quirk(wiring_device(wiring, place));
	only = quirk ? requester_only(quirk, pci) : -1;
	return (uint16_t)(pci->bus << 8 | (only >= 0 ? (unsigned int)only : devfn_of(pci)));
}
