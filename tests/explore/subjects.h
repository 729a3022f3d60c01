/* SPDX-License-Identifier: MIT */
/*
 * Small subjects with known numbers of states, and with one thing wrong each.
 *
 * Those of `patterns` are right, or known for their number of states; `thread_count` and `rounds`
 * may be set before they are explored, one at a time.
 */
#ifndef DMAOWN_TESTS_EXPLORE_SUBJECTS_H
#define DMAOWN_TESTS_EXPLORE_SUBJECTS_H

#include "subject.h"

struct pattern {
	const char *name;
	struct subject subject;
};

/* Ended by one without a name. */
extern struct pattern patterns[];

/* Of the threads of all of them. */
extern unsigned int pattern_rounds;

struct subject *pattern_find(const char *name);

#endif
