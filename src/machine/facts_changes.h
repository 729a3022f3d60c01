/* SPDX-License-Identifier: MIT */
/*
 * What has changed from one picture of a machine to the next.
 *
 * Two pictures do not tell what happened between them, and no more is said than they show. But the
 * least that must have happened is told step by step, so that the same steps are told whether the
 * pictures were taken between them or around them: a device that has another driver was unbound and
 * bound; one that has gone was unbound first; one that has come was added and then bound. A device
 * that comes has no override and a group that comes has no owner, until it is told otherwise.
 */
#ifndef DMAOWN_MACHINE_FACTS_CHANGES_H
#define DMAOWN_MACHINE_FACTS_CHANGES_H

#include "facts.h"

/* In the order in which the changes between two pictures are told: an override is written before
 * the driver that it is to replace is unbound. */
enum facts_change_kind {
	CHANGED_ADDED,
	CHANGED_GROUP, /* a device that stayed is in another group */
	CHANGED_OVERRIDE,
	CHANGED_UNBOUND,
	CHANGED_REMOVED,
	CHANGED_BOUND,
	CHANGED_TYPE, /* of a group of which both pictures know it */
	CHANGED_OWNER,
};

/* All pointers are into the two pictures. */
struct facts_change {
	enum facts_change_kind kind;
	const char *device;            /* NULL: it is the group that changed */
	int group_before, group_after; /* the device's, or the one that changed; -1: none */
	const char *from, *to;         /* driver, override or type; NULL: none */
	const struct owner_facts *owner_from, *owner_to; /* CHANGED_OWNER only, else NULL */
};

struct facts_changes {
	struct facts_change *all;
	size_t count;
};

/* The kind in a word: "unbound", "owner". */
const char *facts_change_name(enum facts_change_kind kind);

/*
 * Stores what has changed from `before` to `after`, which must outlive it. -ENOMEM: *out untouched.
 * Undone by facts_changes_release().
 */
int facts_changes_init(struct facts_changes *out, const struct facts *before,
		       const struct facts *after);
void facts_changes_release(struct facts_changes *changes);

#endif
