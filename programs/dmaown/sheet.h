/* SPDX-License-Identifier: MIT */
/* What `dmaown show` prints: a title, and one fact a line, with a label before it. */
#ifndef DMAOWN_DMAOWN_SHEET_H
#define DMAOWN_DMAOWN_SHEET_H

#include "group_reasons.h"
#include "plan.h"

#include <stdbool.h>

struct sheet {
	const struct facts *facts;
	const struct group_reasons *reasons;
	const struct plan *plan; /* of a claim of the group, if there is one */
	bool color;
};

/* Prints the title of what follows, and what it is called, which may be NULL. */
void sheet_title(const struct sheet *sheet, const char *text, const char *more);

/* Prints one fact; a text that there is no memory for is left out. */
__attribute__((format(printf, 3, 4))) void sheet_line(const struct sheet *sheet, const char *label,
						      const char *format, ...);

#endif
