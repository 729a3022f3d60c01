/* SPDX-License-Identifier: MIT */
/* One phase of a handover: the same kind of change to some of a record's devices, all at once. */
#ifndef DMAOWN_HANDOVER_PHASE_H
#define DMAOWN_HANDOVER_PHASE_H

#include "handover.h"

struct phase {
	struct handover *handover;
	struct record *record; /* its `changes` are the phase's */
	size_t count;          /* of changes that are to be made */
	size_t made, failed;   /* of the last run: they stand in `changes` until one is added */
};

void phase_init(struct phase *phase, struct handover *handover, struct record *record);

/* Adds a change of the record's device at `place`, each at most once; `driver` is borrowed. */
void phase_add(struct phase *phase, enum change_kind kind, size_t place, const char *driver);

/* Makes the changes, notes on each device what came of it, and empties the phase. */
void phase_run(struct phase *phase);

#endif
