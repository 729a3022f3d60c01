/* SPDX-License-Identifier: MIT */
/*
 * PRODUCERS threads, each K times: lock; items++; signal; unlock.
 * CONSUMERS threads (at most 4), each K times: lock; while (items == 0) wait; items--; unlock.
 *
 * A wait is three points: it gives up the mutex and sleeps, wakes, and takes the mutex again. A
 * signal lets one more of those wake that sleep then, a broadcast (-DBROADCAST) all of them;
 * `tokens` counts how many of the `eligible` may still wake. Nobody wakes of itself.
 */
#include "points.pml"

mtype = { LOCK, SIGNAL, UNLOCK, WAIT_OR_UNLOCK, WAKE, LOCK_AGAIN, WAIT_AGAIN_OR_UNLOCK };

bool mutex;
byte items;
byte asleep, eligible; /* sets of consumers, the second within the first */
byte tokens;

#define self (1 << _pid)
#define size(set) ((set & 1) + (set >> 1 & 1) + (set >> 2 & 1) + (set >> 3 & 1))
#ifdef BROADCAST
#define TOKENS size(asleep)
#else
#define TOKENS (tokens < size(asleep) -> tokens + 1 : tokens)
#endif

active [CONSUMERS] proctype consumer()
{
	mtype pc = LOCK;
	byte rounds;

	do
	:: point(LOCK, !mutex, mutex = true, WAIT_OR_UNLOCK)
	:: point(WAIT_OR_UNLOCK, items == 0, mutex = false; asleep = asleep | self, WAKE)
	:: last_point(WAIT_OR_UNLOCK, items > 0, items--; mutex = false, LOCK)
	:: point(WAKE, eligible & self, asleep = asleep & ~self; tokens--;
		eligible = (tokens > 0 -> eligible & ~self : 0), LOCK_AGAIN)
	:: point(LOCK_AGAIN, !mutex, mutex = true, WAIT_AGAIN_OR_UNLOCK)
	:: point(WAIT_AGAIN_OR_UNLOCK, items == 0, mutex = false; asleep = asleep | self, WAKE)
	:: last_point(WAIT_AGAIN_OR_UNLOCK, items > 0, items--; mutex = false, LOCK)
	od;
	ended
}

active [PRODUCERS] proctype producer()
{
	mtype pc = LOCK;
	byte rounds;

	do
	:: point(LOCK, !mutex, mutex = true, SIGNAL)
	:: point(SIGNAL, true, items++; eligible = asleep; tokens = TOKENS, UNLOCK)
	:: last_point(UNLOCK, true, mutex = false, LOCK)
	od;
	ended
}
