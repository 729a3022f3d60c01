/* SPDX-License-Identifier: MIT */
/*
 * How the kernel makes PCI groups: one device after the other, in the order of the bus, each
 * looking for a group that is there already; where the rules of topology.h join sets. Written to be
 * compared with them, without their code but that which says who isolates and who carries whose
 * ids.
 */
#ifndef DMAOWN_TESTS_TOPOLOGY_TOPOLOGY_MODEL_H
#define DMAOWN_TESTS_TOPOLOGY_TOPOLOGY_MODEL_H

#include "facts.h"

/* Stores every device's group, -1 for those that are in none; parents stand before children. */
void model_groups(const struct facts *facts, int *groups);

#endif
