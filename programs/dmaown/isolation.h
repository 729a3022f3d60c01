/* SPDX-License-Identifier: MIT */
/* Why a group is what it is: the rules of topology.h, held against the groups that the machine has.
 */
#ifndef DMAOWN_DMAOWN_ISOLATION_H
#define DMAOWN_DMAOWN_ISOLATION_H

#include "topology.h"

#include <jansson.h>

struct isolation {
	const struct facts *facts; /* borrowed */
	struct topology topology;
	struct difference *differences;
	size_t difference_count;
};

/* Applies the rules to the facts, which must outlive it. -ENOMEM. Undone by isolation_release(). */
int isolation_init(struct isolation *isolation, const struct facts *facts);
void isolation_release(struct isolation *isolation);

/*
 * Says why the device at `place` is with others, and, where the rules give it other companions than
 * it has, which ("with 0000:01:00.0 by the rules"); *otherwise is NULL where they agree. The caller
 * frees both. -ENOMEM: both untouched.
 */
int isolation_explain(const struct isolation *isolation, size_t place, char **why,
		      char **otherwise);

/* The same for each device of a group, as an array; NULL: out of memory. */
json_t *isolation_to_json(const struct isolation *isolation, int group);

#endif
