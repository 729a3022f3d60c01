/* SPDX-License-Identifier: MIT */
/*
 * The words and the exit codes for what keeps a claim from being made: refusals, and what failed.
 * Also the words for what is lost with a use that a claim takes.
 */
#ifndef DMAOWN_DMAOWN_REFUSAL_WORDS_H
#define DMAOWN_DMAOWN_REFUSAL_WORDS_H

#include "handover.h"

/* What a refusal says behind the thing that it is about: what is wrong, and what to do; for the
 * caller to free. NULL: out of memory. */
char *refusal_words(const struct refusal *refusal);

/* Prints each refusal in a line; returns the exit code of the gravest. */
int complain_refusals(const struct plan *plan);
int refusals_code(const struct plan *plan);

/* Prints each use that the plan takes, and what is lost with it. */
void say_losses(const struct plan *plan);

/* Prints each trouble in a line and frees them; returns `code`. */
int complain_troubles(int code, struct troubles *troubles);

/* The exit code for what a handover gave; not for -EPERM, of which the plan knows more. */
int handover_code(int err);

#endif
