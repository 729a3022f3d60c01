/* SPDX-License-Identifier: MIT */
/*
 * THREADS threads, each with a device and a native driver of its own, all devices in one group:
 * each K times dmaown_device_bind(), dmaown_device_unbind(). With -DCLAIMERS=n as many more threads,
 * each K times dmaown_group_claim() and, if that succeeded, dmaown_group_release().
 *
 * Nobody else takes a device's or its driver's lock, so taking them waits for nothing and changes
 * nothing that others see; nobody listens to events and no probe is deferred, so all that is loaded
 * of notifier_count, deferred_count and retry_deferred is 0. A bind that finds the group owned fails
 * (-EBUSY), and then its unbind (-ENODEV); so does a claim that finds it counted (-EPERM). The first
 * claim makes the blocking domain: it is allocated.
 */
#include "points.pml"

mtype = {
	/* bind */
	LOCK_TO_BIND, LOAD_TRIGGERS, LOCK_DRIVER, UNLOCK_DRIVER, LOCK_GROUP, USE_UNLOCK_GROUP,
	NOTIFY_BIND, LOAD_DEFERRED, NOTIFY_BOUND, ADD_TRIGGER, LOAD_DEFERRED_AGAIN,
	UNDO_LOCK_DRIVER, UNDO_UNLOCK_DRIVER, UNLOCK_BOUND, LOAD_RETRY,
	/* unbind */
	LOCK_TO_UNBIND, NOTIFY_UNBIND, LOCK_GROUP_AGAIN, UNUSE_UNLOCK_GROUP, LOCK_DRIVER_AGAIN,
	UNLOCK_DRIVER_AGAIN, NOTIFY_UNBOUND, UNLOCK_UNBOUND,
	/* claim and release */
	LOCK_TO_CLAIM, CLAIM_UNLOCK, BLOCK_CLAIM_UNLOCK, LOCK_TO_RELEASE, RELEASE_UNLOCK
};

bool group; /* its mutex is held */
byte count; /* of uses, or with an owner of claims */
bool owned;
bool blocking_domain; /* exists, once the group has been claimed */
byte triggers;

#define pass(here, next) point(here, true, skip, next)

active [THREADS] proctype binder()
{
	mtype pc = LOCK_TO_BIND;
	byte rounds;
	byte seen;   /* triggers, as this bind found it; known until it returns */
	byte before; /* triggers, as it was when this bind added to it; known until the next point */
	bool failed; /* the bind, and what follows from that until the next */

	do
	:: point(LOCK_TO_BIND, true, failed = false, LOAD_TRIGGERS)
	:: point(LOAD_TRIGGERS, true, seen = triggers, LOCK_DRIVER)
	:: pass(LOCK_DRIVER, UNLOCK_DRIVER)
	:: pass(UNLOCK_DRIVER, LOCK_GROUP)
	:: point(LOCK_GROUP, !group, group = true, USE_UNLOCK_GROUP)
	:: point(USE_UNLOCK_GROUP, !owned, count++; group = false, NOTIFY_BIND)
	:: point(USE_UNLOCK_GROUP, owned, group = false, UNDO_LOCK_DRIVER)
	:: pass(NOTIFY_BIND, LOAD_DEFERRED)
	:: pass(LOAD_DEFERRED, NOTIFY_BOUND)
	:: pass(NOTIFY_BOUND, ADD_TRIGGER)
	:: point(ADD_TRIGGER, true, before = triggers; triggers++, LOAD_DEFERRED_AGAIN)
	:: point(LOAD_DEFERRED_AGAIN, true, before = 0, UNLOCK_BOUND)
	:: pass(UNDO_LOCK_DRIVER, UNDO_UNLOCK_DRIVER)
	:: point(UNDO_UNLOCK_DRIVER, true, failed = true, UNLOCK_BOUND)
	:: point(UNLOCK_BOUND, true, seen = 0, LOAD_RETRY)
	:: pass(LOAD_RETRY, LOCK_TO_UNBIND)

	:: point(LOCK_TO_UNBIND, true, skip, (failed -> UNLOCK_UNBOUND : NOTIFY_UNBIND))
	:: pass(NOTIFY_UNBIND, LOCK_GROUP_AGAIN)
	:: point(LOCK_GROUP_AGAIN, !group, group = true, UNUSE_UNLOCK_GROUP)
	:: point(UNUSE_UNLOCK_GROUP, true, count--; group = false, LOCK_DRIVER_AGAIN)
	:: pass(LOCK_DRIVER_AGAIN, UNLOCK_DRIVER_AGAIN)
	:: pass(UNLOCK_DRIVER_AGAIN, NOTIFY_UNBOUND)
	:: pass(NOTIFY_UNBOUND, UNLOCK_UNBOUND)
	:: last_point(UNLOCK_UNBOUND, true, skip, LOCK_TO_BIND)
	od;
	ended
}

#ifdef CLAIMERS
active [CLAIMERS] proctype claimer()
{
	mtype pc = LOCK_TO_CLAIM;
	byte rounds;
	bool failed; /* the claim; known until the next */

	do
	:: point(LOCK_TO_CLAIM, !group, group = true; failed = false, CLAIM_UNLOCK)
	:: last_point(CLAIM_UNLOCK, count > 0, group = false; failed = true, LOCK_TO_CLAIM)
	:: point(CLAIM_UNLOCK, count == 0 && !blocking_domain, skip, BLOCK_CLAIM_UNLOCK)
	:: point(CLAIM_UNLOCK, count == 0 && blocking_domain, owned = true; count++; group = false,
		LOCK_TO_RELEASE)
	:: point(BLOCK_CLAIM_UNLOCK, true, blocking_domain = true; owned = true; count++;
		group = false, LOCK_TO_RELEASE)
	:: point(LOCK_TO_RELEASE, !group, group = true, RELEASE_UNLOCK)
	:: last_point(RELEASE_UNLOCK, true, owned = false; count--; group = false, LOCK_TO_CLAIM)
	od;
	ended
}
#endif
