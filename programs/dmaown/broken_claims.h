/* SPDX-License-Identifier: MIT */
/* Saying which claims are broken: they have lost a device. */
#ifndef DMAOWN_DMAOWN_BROKEN_CLAIMS_H
#define DMAOWN_DMAOWN_BROKEN_CLAIMS_H

#include "handover.h"

/* Says what the claim has lost, if it is complete and broken, or if that is not known. */
void say_broken_claim(struct handover *handover, struct entry *entry);

/* Says of each complete claim that has lost a device, or of which that is not known, what it has
 * lost; of those that have had one of the groups, or of all where `groups` is NULL. */
void say_broken_claims(struct handover *handover, const int *groups, size_t count);

#endif
