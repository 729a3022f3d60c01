/* SPDX-License-Identifier: MIT */
/* Ending a claim, and saying of each of its devices what became of it; and which claims are broken.
 */
#ifndef DMAOWN_DMAOWN_END_CLAIM_H
#define DMAOWN_DMAOWN_END_CLAIM_H

#include "command.h"
#include "handover.h"

/* Ends one claim and says so; `how` is handover_release()'s. Returns the exit code. */
int end_claim(const struct context *context, struct handover *handover, struct entry *entry,
	      unsigned int how);

/* Who keeps the claim or stands behind it, in words: "kept by vm7". */
void claim_words(const struct handover *handover, const struct entry *entry, char *out,
		 size_t size);

/* Says what the claim has lost, if it is complete and broken, or if that is not known. */
void say_broken_claim(struct handover *handover, struct entry *entry);

/* Says of each complete claim that has lost a device, or of which that is not known, what it has
 * lost; of those that have had one of the groups, or of all where `groups` is NULL. */
void say_broken_claims(struct handover *handover, const int *groups, size_t count);

#endif
