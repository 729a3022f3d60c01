/* SPDX-License-Identifier: MIT */
/* The models' programs in C, as subjects of the explorer. */
#ifndef DMAOWN_TESTS_SPIN_TWINS_H
#define DMAOWN_TESTS_SPIN_TWINS_H

#include "subject.h"

/* What is given to Spin by -D. */
struct twin_options {
	unsigned int threads; /* N, THREADS, CONSUMERS */
	unsigned int others;  /* CLAIMERS, PRODUCERS: a second kind of thread */
	unsigned int rounds;  /* K */
	bool broadcast;
};

/* Takes one as it is given to Spin ("-DK=3"); false: there is no such option. */
bool twin_read_option(struct twin_options *wanted, const char *argument);

/* The twin of a model ("mutex"); NULL: there is none. One at a time: they share their memory. */
const struct subject *twin_find(const char *model, const struct twin_options *options);

#endif
