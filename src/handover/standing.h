/* SPDX-License-Identifier: MIT */
/* Who stands behind a record, as the processes are now. */
#ifndef DMAOWN_HANDOVER_STANDING_H
#define DMAOWN_HANDOVER_STANDING_H

#include "journal.h"

struct standing {
	long pid;
	char name[32];  /* of its program */
	char since[32]; /* when it was started, in words */
};

/* Finds a process, other than this one, that has the record's file locked. -ESRCH: none is seen;
 * and what looking for it gives. */
int find_standing(const struct journal *journal, const struct entry *entry, struct standing *out);

#endif
