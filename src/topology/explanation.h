/* SPDX-License-Identifier: MIT */
/* The placements of topology.h in words: why a device is with others, and what would change it. */
#ifndef DMAOWN_TOPOLOGY_EXPLANATION_H
#define DMAOWN_TOPOLOGY_EXPLANATION_H

#include "topology.h"

/*
 * Says in words why the device at `place` is with others ("behind 0000:01:00.0, a bridge to
 * conventional PCI: all DMA behind it looks the same"). The caller frees *out. -ENOMEM.
 */
int topology_explain(const struct topology *topology, const struct facts *facts, size_t place,
		     char **out);

/*
 * Says in a sentence what would take the device at `place` out of its company, or get it a group at
 * all. *out is NULL where there is nothing to change: the device is alone, or with nobody but the
 * bridge above it, or it is a bridge itself, which nobody is given. The caller frees *out. -ENOMEM.
 */
int topology_advise(const struct topology *topology, const struct facts *facts, size_t place,
		    char **out);

#endif
