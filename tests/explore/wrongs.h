/* SPDX-License-Identifier: MIT */
/* What both engines must find, in which subject, after how many steps, and in which words. */
#ifndef DMAOWN_TESTS_EXPLORE_WRONGS_H
#define DMAOWN_TESTS_EXPLORE_WRONGS_H

#include "explore.h"
#include "rows.h"

struct wrong {
	const char *name, *pattern;
	enum finding_kind kind;
	size_t steps;
	const char *text;
};

extern const struct wrong wrongs[10];

typedef int engine_fn(const struct subject *subject, const struct explore_options *options,
		      struct exploration *out);

/* The engine finds it, without bounds, where each thread goes round once. */
void expect_wrong(engine_fn *engine, const struct wrong *wrong);

#endif
