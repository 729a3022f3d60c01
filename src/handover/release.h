/* SPDX-License-Identifier: MIT */
/* The end of a claim, as the claim itself has it when it fails. */
#ifndef DMAOWN_HANDOVER_RELEASE_H
#define DMAOWN_HANDOVER_RELEASE_H

#include "handover.h"

/* Locks the groups of a record. As journal_lock(), and a trouble. */
int lock_groups(struct handover *handover, const struct entry *entry, struct group_locks *out,
		struct troubles *troubles);

/* Why the groups are not locked, in words, by what journal_lock() gave. */
const char *why_not_locked(int err);

/* Puts back and removes the record, with its groups locked. As put_back(); a record that can't be
 * removed is -ENOTRECOVERABLE. */
int put_back_and_drop(struct handover *handover, struct entry *entry, struct troubles *troubles);

#endif
