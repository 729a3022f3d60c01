/* SPDX-License-Identifier: MIT */
/* Why a group is what it is: the rules of topology.h, held against the groups that the machine has.
 */
#ifndef DMAOWN_DMAOWN_ISOLATION_H
#define DMAOWN_DMAOWN_ISOLATION_H

#include "recorded_groups.h"

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

/* What is to be said of a device, in words. */
struct verdict {
	char *why;       /* it is with others */
	char *remedy;    /* what would change that; NULL: nothing has to */
	char *otherwise; /* "with 0000:01:00.0 by the rules"; NULL: they agree with the machine */
};

/* Judges the device at `place`. -ENOMEM: *out untouched. Undone by verdict_release(). */
int isolation_judge(const struct isolation *isolation, size_t place, struct verdict *out);
void verdict_release(struct verdict *verdict);

/* The same for each device of a group, as an array, and for a device alone; NULL: out of memory. */
json_t *isolation_to_json(const struct isolation *isolation, int group);
json_t *isolation_of_device_to_json(const struct isolation *isolation, size_t place);

#endif
