/* SPDX-License-Identifier: MIT */
/*
 * The devices of a machine ordered by group, and in a group as the facts have them: so that a
 * machine of many groups is gone through once. It borrows the facts, which must not be added to,
 * sorted or released while it lives.
 */
#ifndef DMAOWN_MACHINE_BY_GROUP_H
#define DMAOWN_MACHINE_BY_GROUP_H

#include "facts.h"

struct by_group {
	const struct facts *facts;
	const struct device_facts **sorted; /* owned */
};

/* -ENOMEM. Undone by by_group_release(). */
int by_group_init(struct by_group *order, const struct facts *facts);
void by_group_release(struct by_group *order);

/* Devices of one group, one after the other. */
struct members {
	const struct facts *facts;
	const struct device_facts **first;
	size_t count;
};

/* Those whose group is `group`, which need not be one of the machine's: -1, GROUP_BY_RULES. */
struct members by_group_members(const struct by_group *order, int group);

#endif
