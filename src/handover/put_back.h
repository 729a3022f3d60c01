/* SPDX-License-Identifier: MIT */
/* The devices of a claim become what they were. */
#ifndef DMAOWN_HANDOVER_PUT_BACK_H
#define DMAOWN_HANDOVER_PUT_BACK_H

#include "handover.h"

/*
 * Puts the record's devices back, with its groups locked: unbinds those that are where the claim
 * put them, gives all their overrides back, binds all, and all of it again for a while for what is
 * not as it was; then the nodes. Needs no memory but for words, and leaves in the record where each
 * device is. -ENOTRECOVERABLE: a trouble for each device that is not as it was; -ESTALE: the others
 * are, and a trouble for each that somebody else has put on another driver, which was left.
 */
int put_back(struct handover *handover, struct record *record, struct troubles *troubles);

#endif
