/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "invariant.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The devices of a group that are bound to a driver, by what is known of it. */
struct bound {
	int native, unknown;
	const struct device_facts *a_native;
};

static struct bound bound_in(const struct facts *facts, int group)
{
	struct bound bound = {0};

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct driver_facts *driver;

		if (device->group != group || !device->driver)
			continue;
		driver = facts_driver(facts, device->bus, device->driver);
		if (!driver || driver->managed_dma == KNOWN_NOT) {
			bound.unknown++;
		} else if (driver->managed_dma == KNOWN_NO) {
			bound.native++;
			bound.a_native = device;
		}
	}
	return bound;
}

/* On a host, which tells no count, whoever has the group's node open is its owner, claimed or not.
 */
static int look_at_owned(const struct group_facts *group, const struct bound *bound, char **broken)
{
	if (group->count < 0)
		return 0;
	if (bound->a_native)
		return asprintf(broken, "I8: group %d is in a user's hands, and %s is bound to %s",
				group->id, bound->a_native->address, bound->a_native->driver);
	if (group->count == 0)
		return asprintf(broken, "I1: group %d is in a user's hands, and its count is 0",
				group->id);
	if (group->domain && (strcmp(group->domain, "none") == 0 ||
			      (group->type && strcmp(group->domain, group->type) == 0)))
		return asprintf(broken,
				"I2: group %d is in a user's hands, and its current domain is %s",
				group->id, group->domain);
	return 0;
}

static int look_at_kernels(const struct group_facts *group, const struct bound *bound,
			   char **broken)
{
	if (group->count >= 0 && !bound->unknown && group->count != bound->native)
		return asprintf(broken, "I1: group %d has %d native devices, and its count is %d",
				group->id, bound->native, group->count);
	if (group->count > 0 && group->domain && group->type &&
	    strcmp(group->domain, group->type) != 0)
		return asprintf(broken,
				"I2: group %d is the kernel's, and its current domain is %s, "
				"not the default one (%s)",
				group->id, group->domain, group->type);
	return 0;
}

int invariants_look(const struct facts *facts, int id, char **broken)
{
	const struct group_facts *group = facts_group(facts, id);
	struct bound bound;
	char *text = NULL;
	int length;

	if (!group) {
		*broken = NULL;
		return 0;
	}
	bound = bound_in(facts, id);
	length = group->owner.kind == OWNER_USER ? look_at_owned(group, &bound, &text)
						 : look_at_kernels(group, &bound, &text);
	if (length < 0)
		return -ENOMEM;
	*broken = text;
	return 0;
}
