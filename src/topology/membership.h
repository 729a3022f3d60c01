/* SPDX-License-Identifier: MIT */
/* Devices sorted by a group that they are in, and in it as the facts have them. */
#ifndef DMAOWN_TOPOLOGY_MEMBERSHIP_H
#define DMAOWN_TOPOLOGY_MEMBERSHIP_H

#include <stddef.h>

struct member {
	size_t group;
	size_t place;
	size_t other; /* its group on the other side of a comparison */
};

/* For qsort(). */
static inline int compare_members(const void *first, const void *second)
{
	const struct member *a = first, *b = second;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

#endif
