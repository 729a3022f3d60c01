/* SPDX-License-Identifier: MIT */
/* Plans and claims, in words or as JSON. */
#ifndef DMAOWN_DMAOWN_CLAIM_TEXT_H
#define DMAOWN_DMAOWN_CLAIM_TEXT_H

#include "command.h"
#include "handover.h"

#include <jansson.h>

/*
 * Makes and prints the plan of a claim: its steps, or every refusal. Returns the exit code that the
 * claim would return.
 */
int print_plan(const struct context *context, struct handover *handover,
	       const struct claim_request *request);

/* What forbids a claim, as an array; NULL: out of memory. */
json_t *refusals_to_json(const struct plan *plan);

/* Writes what was claimed. Returns the errno of what did not go out. */
int write_claim(const struct context *context, const struct record *record);

/* The same, but prints what went wrong and returns the exit code. */
int print_claim(const struct context *context, const struct record *record);

#endif
