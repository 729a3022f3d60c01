/* SPDX-License-Identifier: MIT */
/* What would take a device out of its company. */
#ifndef DMAOWN_TOPOLOGY_ADVICE_H
#define DMAOWN_TOPOLOGY_ADVICE_H

#include "topology.h"

/*
 * Says in a sentence what would take the device at `place` out of its company, or get it a group at
 * all. *out is NULL where there is nothing to change: the device is alone, or with nobody but the
 * bridge above it, or it is a bridge itself, which nobody is given. The caller frees *out. -ENOMEM.
 */
int topology_advise(const struct topology *topology, const struct facts *facts, size_t place,
		    char **out);

#endif
