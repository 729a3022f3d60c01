/* SPDX-License-Identifier: MIT */
/*
 * Handing whole groups to a user, and getting them back: a transaction over a machine.
 *
 * A claim locks the groups, looks at them, refuses or writes its record, and then goes through the
 * plan. Whatever fails, everything is *put back* from the record: by one function, which looks at
 * what is and makes it what was, so that it may be begun anew at any point, by another process, and
 * as often as it takes. To *release* a claim is to take access to it away, to put everything back,
 * and to remove its record.
 *
 * A claim *has* a device as long as that is the one that it was given (record.h). A complete claim
 * that does not have all of its devices any more is *broken*: it goes on to hold the others, and
 * nothing is done to a device that somebody else has by now.
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
	/* Told what handover_release() gave for a claim that nobody stood behind, and that was in
	 * the way of another; may be NULL. */
	void (*ended)(void *context, const struct record *record, int err);
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
 * On success the facts and the plan, which borrows from them, are the caller's to release.
 */
int handover_plan(struct handover *handover, const struct claim_request *request, bool load,
		  struct facts *facts, struct plan *plan);

/*
 * Claims the groups for the request's user, all or none. On success the claim's entry is open and
 * locked: a claim that is kept is complete and may be closed; one that isn't lasts as long as that
 * lock, and ends with handover_release(). A claim of these groups that nobody stands behind any
 * more is put back first.
 *
 * -EPERM: refused, and the claim holds the plan with the refusals; -ECANCELED: interrupted;
 * -ETIMEDOUT: the group is being changed by another, or a change of ours is stuck; -EINPROGRESS: a
 * change that a killed process began has not ended; -EBUSY: somebody has the group open, or has
 * changed it meanwhile; -ETIME: udev is not known to be done with a node; -EUCLEAN: a record tells
 * nothing of its groups, or the journal is not ours alone; -EAGAIN: others leave claims of these
 * groups unfinished as fast as they are put back; -ENOKEY: this boot can't be told from others;
 * -EACCES, -EROFS, -ENOSPC: the journal can't be written, nothing was changed; else what a change
 * gave. In all of these everything is as it was, and troubles say what was wrong, but for -EPERM,
 * -ENOMEM and what reading the machine gives. -ENOTRECOVERABLE: not everything could be put back;
 * the record stays, for handover_release(). -ESTALE: failed, and somebody else put a device on
 * another driver meanwhile, which was left. Always undone by claim_close().
 */
int handover_claim(struct handover *handover, const struct claim_request *request,
		   struct claim *out, struct troubles *troubles);

/* Frees what the claim holds here, the lock of its record included. Harmless on an empty one. */
void claim_close(struct claim *claim);

enum {
	RELEASE_OURS = 1,  /* the record's lock is ours: it is our own claim */
	RELEASE_WAIT = 2,  /* for whoever has a group open, without a limit */
	RELEASE_FORCE = 4, /* also if somebody stands behind it, if nobody has a group open */
};

/*
 * Ends a claim: takes access away, waits until nobody has a group open, puts everything back and
 * removes the record. The entry stays the caller's and open; its record then tells where each
 * device is, in its progress.
 *
 * Whether somebody has a group open is told by opening it: a second open fails until every copy of
 * the first is closed (testbed.md). Needs no memory but for words where RELEASE_OURS.
 *
 * -EBUSY: somebody stands behind it; -ENOENT: somebody else has ended it; -ETIMEDOUT, -EINPROGRESS:
 * the groups are being changed, as handover_claim(); -ETIMEDOUT also: somebody still has a group
 * open, and a trouble names them, and they have access again; -ECANCELED: interrupted, likewise;
 * -ENOLCK: there is no folder for locks; -EUCLEAN: the record is none any more; -EACCES and what
 * else writing the journal gives. In all of these the claim is as it was. -ENOTRECOVERABLE: not
 * everything could be put back, and the record stays; -ESTALE: what somebody else has put on
 * another driver was left there, the rest is back, and the record is gone.
 */
int handover_release(struct handover *handover, struct entry *entry, unsigned int how,
		     struct troubles *troubles);

/*
 * Looks whether a complete claim still has what it was given. Adds a trouble for each device that
 * is not where the claim put it. 0: it has; -ESTALE: it is broken; else the -errno for which that
 * is not known. A claim that is not complete is not looked at: 0.
 */
int handover_inspect(struct handover *handover, struct entry *entry, struct troubles *troubles);

#endif
