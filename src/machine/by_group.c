/* SPDX-License-Identifier: MIT */
#include "by_group.h"

#include <errno.h>
#include <stdlib.h>

static int compare_membership(const void *first, const void *second)
{
	const struct device_facts *const *a = first, *const *b = second;

	if ((*a)->group != (*b)->group)
		return (*a)->group < (*b)->group ? -1 : 1;
	return (*a > *b) - (*a < *b);
}

int by_group_init(struct by_group *order, const struct facts *facts)
{
	const struct device_facts **sorted = calloc(facts->device_count + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < facts->device_count; i++)
		sorted[i] = &facts->devices[i];
	qsort(sorted, facts->device_count, sizeof(*sorted), compare_membership);
	*order = (struct by_group) {.facts = facts, .sorted = sorted};
	return 0;
}

void by_group_release(struct by_group *order)
{
	free(order->sorted);
	order->sorted = NULL;
}

/* The first place in `sorted` whose device's group is `group` or above. */
static size_t first_member(const struct by_group *order, int group)
{
	size_t low = 0, high = order->facts->device_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (order->sorted[middle]->group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct members by_group_members(const struct by_group *order, int group)
{
	size_t first = first_member(order, group), end = first;

	while (end < order->facts->device_count && order->sorted[end]->group == group)
		end++;
	return (struct members) {order->facts, order->sorted + first, end - first};
}
