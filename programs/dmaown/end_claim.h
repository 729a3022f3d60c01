/* SPDX-License-Identifier: MIT */
/* Ends a claim, and prints of each of its devices what became of it. */
#ifndef DMAOWN_DMAOWN_END_CLAIM_H
#define DMAOWN_DMAOWN_END_CLAIM_H

#include "command.h"
#include "handover.h"

/*
 * Ends one claim and prints what came of it; `how` is handover_release()'s. Returns the exit code.
 */
int end_claim(const struct context *context, struct handover *handover, struct entry *entry,
	      unsigned int how);

/* Who keeps the claim or stands behind it, in words: "kept by vm7". */
void claim_words(const struct handover *handover, const struct entry *entry, char *out,
		 size_t size);

#endif
