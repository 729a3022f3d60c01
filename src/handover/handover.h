/* SPDX-License-Identifier: MIT */
/*
 * Handing whole groups to a user, and getting them back: a transaction over a machine.
 *
 * A claim locks the groups, looks at them, refuses or writes its record, and then goes through the
 * plan. Whatever fails, everything is put back from the record, by the same function that a release
 * and a recovery use: it looks at what is and makes it what was, so that it may be begun anew at
 * any point, by another process, and as often as it takes.
 *
 * Nothing here prints. What went wrong with a device is a *trouble*, in words for people.
 */
#ifndef DMAOWN_HANDOVER_HANDOVER_H
#define DMAOWN_HANDOVER_HANDOVER_H

#include "journal.h"

struct handover {
	struct machine *machine;
	struct journal *journal;
	unsigned int patience; /* milliseconds for what may be stuck: a change, a lock, a holder */
	/* Whether to give a claim up between two phases; may be NULL. */
	bool (*interrupted)(void *context);
	/* Told of a plan before the first change, for what is lost by it; may be NULL. */
	void (*about_to)(void *context, const struct plan *plan);
	void *context;
};

struct trouble {
	char *thing; /* a device's address, or a record's name */
	char *reason;
};

struct troubles {
	struct trouble *all;
	size_t count;
};

void troubles_release(struct troubles *troubles);

/* Adds one; of what there is no memory for nothing is said. */
__attribute__((format(printf, 3, 4))) void trouble(struct troubles *troubles, const char *thing,
						   const char *format, ...);

/* A claim under way: what it was made from, and its record. */
struct claim {
	struct facts facts;
	struct plan plan;
	struct entry entry;
};

/*
 * Looks at the request's groups and makes the plan of it, changing nothing but, where `load`, which
 * modules are loaded. -ENOMEM, and what reading the machine or the journal gives; nothing is left.
 */
int handover_plan(struct handover *handover, const struct claim_request *request, bool load,
		  struct facts *facts, struct plan *plan);

/*
 * Claims the groups for the request's user, all or none. On success the claim's entry is open and
 * locked: a claim that is kept is complete and may be closed; one that isn't lasts as long as that
 * lock, and ends with handover_end(). A claim that nobody stands behind any more is put back first.
 *
 * -EPERM: refused, and the claim holds the plan with the refusals; -ECANCELED: interrupted;
 * -ETIMEDOUT: the group is being changed by another, or a change of ours is stuck; -EACCES, -EROFS,
 * -ENOSPC: the journal can't be written, nothing was changed; else what a change gave. In all of
 * these everything is as it was, and troubles say what was wrong. -ENOTRECOVERABLE: not everything
 * could be put back; the record stays, for handover_recover(). Always undone by claim_release().
 */
int handover_claim(struct handover *handover, const struct claim_request *request,
		   struct claim *out, struct troubles *troubles);

/* Frees what the claim holds here, the lock of its record included. Harmless on an empty one. */
void claim_release(struct claim *claim);

/*
 * Waits until nobody has any of the record's groups open, which only the attempt to open it tells
 * (testbed.md: a second open is EBUSY until every copy of the first is closed). With `forever`
 * patience has no limit. -ETIMEDOUT: somebody still has, and a trouble names them; -ECANCELED:
 * interrupted.
 */
int handover_wait(struct handover *handover, const struct record *record, bool forever,
		  struct troubles *troubles);

/*
 * Puts everything back and removes the record, whose lock is ours and which stays open.
 * -ETIMEDOUT: the groups are being changed by another; -ENOTRECOVERABLE: not everything could be
 * put back, and the record stays.
 */
int handover_end(struct handover *handover, struct entry *entry, struct troubles *troubles);

/*
 * Ends a claim that is kept or abandoned, waiting for whoever still has a group open. -EBUSY:
 * somebody stands behind it; else as handover_wait() and handover_end().
 */
int handover_release(struct handover *handover, struct entry *entry, struct troubles *troubles);

/* The same with the groups locked by the caller. */
int handover_put_back(struct handover *handover, struct entry *entry, struct troubles *troubles);

/*
 * Puts the record's devices back: unbinds all that are not where they were, gives all their
 * overrides back, binds all, and all of it again for a while for what is not as it was; then the
 * nodes.
 * Needs no memory but for words. -ENOTRECOVERABLE: a trouble for each device that is not as it was.
 */
int handover_restore(struct handover *handover, struct record *record, struct troubles *troubles);

#endif
