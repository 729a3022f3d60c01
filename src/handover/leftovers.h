/* SPDX-License-Identifier: MIT */
/* The records of other claims: those that nobody stands behind, and those that are broken. */
#ifndef DMAOWN_HANDOVER_LEFTOVERS_H
#define DMAOWN_HANDOVER_LEFTOVERS_H

#include "handover.h"

/*
 * Stores the first record of a claim of the request's groups that nobody stands behind; none: its
 * descriptor is -1. With the request's groups locked. -EUCLEAN: a record tells nothing, and may be
 * about our groups; what reading the journal and looking at devices gives; all with a trouble.
 */
int find_abandoned(struct handover *handover, const struct claim_request *request,
		   struct entry *out, struct troubles *troubles);

/* Notes in the records of other claims that those devices of the facts which they do not have any
 * more are ours from now on. What reading and writing the journal gives, and a trouble. */
int note_taken_over(struct handover *handover, const struct facts *facts,
		    const struct claim_request *request, struct troubles *troubles);

#endif
