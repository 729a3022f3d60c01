/* SPDX-License-Identifier: MIT */
/*
 * Notes in the audit: claims, releases and recoveries leave one when their exit code is known.
 *
 * If a note can't be written, nothing fails. dmaown says so on standard error if something was
 * done, otherwise only with -v: a user who may not write there was refused already, and knows it.
 * Machine files leave no notes. The system's log is told only about the host that we run on.
 */
#ifndef DMAOWN_DMAOWN_NOTE_H
#define DMAOWN_DMAOWN_NOTE_H

#include "command.h"
#include "handover.h"

enum { CODE_NOT_KNOWN = -1, NO_STATUS = -1 };

/* Notes what handover_claim() gave. `code` is what dmaown exits with, or CODE_NOT_KNOWN while a
 * command runs. */
void note_claim(const struct context *context, const struct handover *handover,
		const struct claim_request *request, const struct claim *claim, int err, int code);

/* Notes the end of a claim, and what handover_release() gave for it; `status` is that of the
 * command that had the claim, or NO_STATUS. */
void note_end(const struct context *context, const struct handover *handover,
	      const struct record *record, int err, int code, int status);

/* Notes that a claim ended another that nobody stood behind, and what handover_release() gave. */
void note_abandoned(const struct context *context, const struct handover *handover,
		    const struct record *record, int err);

/* Notes that a recovery moved or removed a record from which it put nothing back, and why. */
void note_record(const struct context *context, const struct handover *handover, const char *why,
		 int code);

#endif
