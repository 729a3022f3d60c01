/* SPDX-License-Identifier: MIT */
/* How often each operation gave which result: whether random steps reach the states that matter. */
#ifndef DMAOWN_CONFORMANCE_TALLY_H
#define DMAOWN_CONFORMANCE_TALLY_H

#include "timeline.h"

#include <stdio.h>

struct tally_row {
	const struct operation *operation;
	struct outcome outcome;
	size_t times;
};

/* Each result of each operation once. All zero: nothing was counted yet. */
struct tally {
	struct tally_row *rows;
	size_t count;
};

/* Counts the results of the timeline's events. -ENOMEM: of some of them only. */
int tally_add(struct tally *tally, const struct timeline *timeline);

/* How often the named operation failed with that errno, positive; 0: succeeded, whatever it said.
 */
size_t tally_times(const struct tally *tally, const char *operation, int error);

/* Writes a line for each operation, in the order of the table of operations. */
void tally_print(const struct tally *tally, FILE *out);

void tally_release(struct tally *tally);

#endif
