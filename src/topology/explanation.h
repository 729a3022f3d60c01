/* SPDX-License-Identifier: MIT */
/* The placements of topology.h in words: why a device is with others. */
#ifndef DMAOWN_TOPOLOGY_EXPLANATION_H
#define DMAOWN_TOPOLOGY_EXPLANATION_H

#include "topology.h"

/*
 * Says in words why the device at `place` is with others ("behind 0000:01:00.0, a bridge to
 * conventional PCI: all DMA behind it looks the same"). The caller frees *out. -ENOMEM.
 */
int topology_explain(const struct topology *topology, const struct facts *facts, size_t place,
		     char **out);

#endif
