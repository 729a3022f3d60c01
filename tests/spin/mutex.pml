/* SPDX-License-Identifier: MIT */
/*
 * N threads, each K times: lock; counter++; unlock.
 * As the updates commute, there are (K+1)^N + NK(K+1)^(N-1) states.
 */
#include "points.pml"

mtype = { LOCK, UNLOCK };

bool mutex;
byte counter;

active [N] proctype thread()
{
	mtype pc = LOCK;
	byte rounds;

	do
	:: point(LOCK, !mutex, mutex = true, UNLOCK)
	:: last_point(UNLOCK, true, counter++; mutex = false, LOCK)
	od;
	ended
}
