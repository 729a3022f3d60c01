/* SPDX-License-Identifier: MIT */
/* What the files of the handover have of each other. */
#ifndef DMAOWN_HANDOVER_PARTS_H
#define DMAOWN_HANDOVER_PARTS_H

#include "handover.h"

/* Locks the groups of a record. As journal_lock(), and a trouble. */
int lock_groups(struct handover *handover, const struct entry *entry, struct group_locks *out,
		struct troubles *troubles);

/* Why the groups are not locked, in words, by what journal_lock() gave. */
const char *why_not_locked(int err);

/* Puts back and removes the record, with its groups locked. As put_back(); a record that can't be
 * removed is -ENOTRECOVERABLE. */
int put_back_and_drop(struct handover *handover, struct entry *entry, struct troubles *troubles);

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
