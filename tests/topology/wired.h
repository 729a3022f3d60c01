/* SPDX-License-Identifier: MIT */
/*
 * Machines of a few devices, as tables: how they are wired, and what the rules of topology.h are to
 * say of each.
 */
#ifndef DMAOWN_TESTS_TOPOLOGY_WIRED_H
#define DMAOWN_TESTS_TOPOLOGY_WIRED_H

#include "topology.h"

/* One device of a table's machine, in the few words that the rules read. */
struct wired {
	const char *address;
	const char *parent;
	int type;
	bool bridge, several, hidden, silent, wide;
	int hidden_by; /* an errno, with `hidden` */
	int acs; /* the control register; NO_ACS; the capability has all bits but those in `without`
		  */
	uint16_t without;
	const char *vendor, *device, *subdevice, *class, *physical_function;
	int recorded;
	/* What the rules are to give: the group's first device, the rule and the words. */
	const char *leader;
	enum company company;
	const char *words;
	const char *remedy; /* NULL: not compared */
};

#define NOTHING "" /* no remedy, as none is needed */

#define NO_ACS (-1)
#define ALL_ON 0x1d
#define ROOT NULL
#define JOINED "the others join it; nothing joins it to more"
#define ISOLATED "isolated: the IOMMU sees all that it sends"

struct wiring_case {
	const char *name;
	struct wired devices[8];
	const char *release, *table; /* of the kernel, and of its IOMMUs; NULL: not known */
	bool by_root;                /* root looked */
};

#define PORT(place, above, kind, control)                                                          \
	.address = place, .parent = above, .type = kind, .bridge = true, .acs = control
#define END(place, above) .address = place, .parent = above, .type = PCIE_ENDPOINT, .acs = NO_ACS
#define RP PCIE_ROOT_PORT

/* Appends the device. */
void wired_add(struct facts *facts, const struct wired *wired);

/* A test of cmocka: the rules say of the machine, whose row is *state, what they are to. */
void wired_test(void **state);

#endif
