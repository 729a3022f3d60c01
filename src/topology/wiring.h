/* SPDX-License-Identifier: MIT */
/*
 * How the PCI functions of a machine are wired: what is above each, and which other functions can
 * reach it or pass for it. The rules of topology.h are told in these words.
 *
 * Places are those of the facts' devices; NO_PLACE is none. The facts must outlive the wiring.
 */
#ifndef DMAOWN_TOPOLOGY_WIRING_H
#define DMAOWN_TOPOLOGY_WIRING_H

#include "acs.h"

#define NO_PLACE SIZE_MAX

/* What is above a function; all but `parent` follow from the parent's node. */
struct node {
	size_t parent;
	size_t vmd;     /* the VMD function that makes the root bus it is below */
	size_t bridge;  /* the nearest above whose id its DMA carries: no PCI Express port */
	size_t alias;   /* the topmost of those: its requester id is the one that arrives */
	size_t blocker; /* from the function upwards, the nearest that does not isolate */
	size_t hidden;  /* the same, whose registers are not known */
	enum known isolates;
	bool resolved;
};

struct wiring {
	const struct facts *facts;
	struct platform platform;
	struct device_index index;
	struct node *nodes;
};

/* -ENOMEM. Undone by wiring_release(). */
int wiring_init(struct wiring *wiring, const struct facts *facts);
void wiring_release(struct wiring *wiring);

const struct device_facts *wiring_device(const struct wiring *wiring, size_t place);

/* Whether it is in a group, or will be: only such can be joined. */
bool is_grouped(const struct wiring *wiring, size_t place);

/* The next function after `after` (NO_PLACE: the first), by slot and function of the same bus,
 * whose requester id the DMA of the function at `place` may carry by a quirk. */
size_t next_alias(const struct wiring *wiring, size_t place, size_t after);

/* How two functions of one device stand to each other. */
enum reach { REACH_NONE, REACH_NOT_KNOWN, REACH_EACH_OTHER };

/* Another function of the device, and how they reach each other: one that is in a group, as sure
 * as there is; otherwise one that is in none. NO_PLACE: no other can reach it. */
size_t find_neighbour(const struct wiring *wiring, size_t place, enum reach *reach);

/* bus << 8 | slot << 3 | function that its DMA carries where it arrives at the IOMMU. */
uint16_t requester_at_root(const struct wiring *wiring, size_t place);

#endif
