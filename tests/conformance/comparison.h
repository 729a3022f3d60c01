/* SPDX-License-Identifier: MIT */
/*
 * One scenario on two machines: the one that is judged by, a running kernel, and a simulated one
 * that is made anew, for each sequence, from the facts that the first began with.
 *
 * Invariant: between sequences the first machine is as it began: every device of the generator
 * there, on its driver, without an override, and its group of the type it had.
 */
#ifndef DMAOWN_CONFORMANCE_COMPARISON_H
#define DMAOWN_CONFORMANCE_COMPARISON_H

#include "generator.h"
#include "machine.h"
#include "tally.h"

#include <stdio.h>

struct comparison {
	struct machine *real; /* borrowed */
	struct facts base;    /* how it began */
	size_t runs;          /* sequences run so far, those of shrinking included */
	struct tally tally;   /* of the real machine's results in all of them */
};

/* Reads how the machine begins. Fails as machine_read(). Undone by comparison_release(). */
int comparison_init(struct comparison *comparison, struct machine *real);
void comparison_release(struct comparison *comparison);

/* What may be asked of the real machine, by its kernel's release. */
enum scope comparison_scope(const struct comparison *comparison);

/*
 * Runs the steps on both and puts the real machine back. Stores the number of the first step after
 * which they differ, in result or in state, or `count` if none does; then *why, which the caller
 * frees, says what differs, and is NULL else. A broken invariant of the simulated machine is a
 * difference too. Any errno: the comparison itself could not be made, and *why, if not NULL, says
 * what failed.
 */
int compare_steps(struct comparison *comparison, char *const *steps, size_t count, size_t *differs,
		  char **why);

/*
 * Drops steps for as long as what is left still differs, so that no single step can be left out.
 * The steps that are dropped are freed; *count and *why, which is replaced, are those of what is
 * left.
 */
int shrink_steps(struct comparison *comparison, char **steps, size_t *count, char **why);

/* Writes the steps as a scenario. */
void print_steps(char *const *steps, size_t count, FILE *out);

#endif
