/* SPDX-License-Identifier: MIT */
/* Words for what hinders threads, and for what they do to each other's memory. */
#ifndef DMAOWN_EXPLORE_STANDSTILL_H
#define DMAOWN_EXPLORE_STANDSTILL_H

#include "execution.h"

/* Says how the threads whose bits are set hinder each other. */
void describe_standstill(const struct execution *execution, unsigned int blocked,
			 struct finding *finding);

/* One of two accesses that race; or the freeing of what the other touches. */
struct racer {
	unsigned int thread;
	const struct access *access;
	bool frees;
};
void describe_race(const struct execution *execution, const struct racer *one,
		   const struct racer *other, struct finding *finding);

#endif
