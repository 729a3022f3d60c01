/* SPDX-License-Identifier: MIT */
/* The groups of the rules beside those that the machine has: where they differ, and numbers for
 * those that it has not. */
#ifndef DMAOWN_TOPOLOGY_RECORDED_GROUPS_H
#define DMAOWN_TOPOLOGY_RECORDED_GROUPS_H

#include "topology.h"

/* A device that the machine has in other company than the rules give. */
struct difference {
	size_t device;
	int recorded;    /* its group on the machine, which wins */
	size_t by_rules; /* its group in the topology */
};

/*
 * Compares the recorded groups with those of the rules and stores, in the order of the facts, every
 * device whose companions differ; devices without a recorded group, and those of which the rules
 * know nothing, are left out of both sides. The caller frees *out, also if there are none. -ENOMEM.
 */
int topology_differences(const struct topology *topology, const struct facts *facts,
			 struct difference **out, size_t *count);

/*
 * Gives every device whose group is GROUP_BY_RULES its group: that of a companion which has a
 * recorded one, or else a new group of type "DMA", numbered above all others. -EOVERFLOW: no such
 * numbers are left; -ENOMEM. On failure the facts are good for facts_release() only.
 */
int topology_assign(struct facts *facts);

#endif
