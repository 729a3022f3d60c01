/* SPDX-License-Identifier: MIT */
/*
 * Why a group is what it is: the rules of topology.h, compared with the groups that the machine
 * has.
 */
#ifndef DMAOWN_DMAOWN_GROUP_REASONS_H
#define DMAOWN_DMAOWN_GROUP_REASONS_H

#include "recorded_groups.h"

#include <jansson.h>

struct group_reasons {
	const struct facts *facts; /* borrowed */
	struct topology topology;
	struct difference *differences;
	size_t difference_count;
};

/* Applies the rules to the facts, which must outlive it. -ENOMEM. Undone by
 * group_reasons_release(). */
int group_reasons_init(struct group_reasons *reasons, const struct facts *facts);
void group_reasons_release(struct group_reasons *reasons);

/* Why a device is in its group, in words. */
struct device_reasons {
	char *why;       /* it is with others */
	char *remedy;    /* what would change that; NULL: nothing has to */
	char *otherwise; /* "with 0000:01:00.0 by the rules"; NULL: they agree with the machine */
};

/*
 * Finds the reasons for the device at `place`. -ENOMEM: *out untouched. Undone by
 * device_reasons_release().
 */
int group_reasons_of_device(const struct group_reasons *reasons, size_t place,
			    struct device_reasons *out);
void device_reasons_release(struct device_reasons *device);

/*
 * The same as JSON: an array of each device of a group, or one device alone. NULL: out of memory.
 */
json_t *group_reasons_to_json(const struct group_reasons *reasons, int group);
json_t *device_reasons_to_json(const struct group_reasons *reasons, size_t place);

#endif
