/* SPDX-License-Identifier: MIT */
/*
 * A check of a diagnosis that is a table: the first of its rows that applies to the machine gives
 * its remark.
 */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_CHECK_H
#define DMAOWN_DMAOWN_DIAGNOSIS_CHECK_H

#include "array.h"
#include "diagnosis.h"

/* What a row says of the machine. */
enum ruling {
	FINE,
	UNKNOWN,   /* and nothing depends on it */
	UNDECIDED, /* not known, and it decides: the exit code is not 0 */
	WARNS,
	UNSUPPORTED, /* here no group can be handed out */
	FORBIDDEN,   /* not by whoever asks */
	BROKEN,      /* not as the machine is */
};

struct check_row {
	bool (*applies)(const struct facts *facts);
	enum ruling ruling;
	const char *reason;
	const char *remedy; /* NULL: there is nothing to be done */
	const char *fact;   /* of what is not known: its key in a machine file */
};

/* One without a row that applies is moot, and gives no remark. */
struct check {
	const char *name;  /* for programs */
	const char *thing; /* what it is about, for people */
	const struct check_row *rows;
	size_t row_count;
};

/* Applies to every machine. */
bool always(const struct facts *facts);

/* Adds the remark of a check. -ENOMEM. */
int apply_check(struct diagnosis *diagnosis, const struct facts *facts, const struct check *check);

/* Adds a remark that something is not known, and why: the -errno that hid it; 0: nobody looked.
 * One that decides, and that permission hid, is a matter of permission. -ENOMEM. */
int diagnosis_add_unknown(struct diagnosis *diagnosis, const struct remark *remark, int hidden_by);

#endif
