/* SPDX-License-Identifier: MIT */
/* Two threads take two mutexes in opposite order, each K times: each may end up with one of them. */
#include "points.pml"

mtype = { LOCK_OWN, LOCK_OTHER, UNLOCK_OTHER, UNLOCK_OWN };

bool mutex[2];

#define own mutex[_pid]
#define other mutex[1 - _pid]

active [2] proctype thread()
{
	mtype pc = LOCK_OWN;
	byte rounds;

	do
	:: point(LOCK_OWN, !own, own = true, LOCK_OTHER)
	:: point(LOCK_OTHER, !other, other = true, UNLOCK_OTHER)
	:: point(UNLOCK_OTHER, true, other = false, UNLOCK_OWN)
	:: last_point(UNLOCK_OWN, true, own = false, LOCK_OWN)
	od;
	ended
}
