/* SPDX-License-Identifier: MIT */
/*
 * N threads, each K times: load counter; store what was loaded and 1. Updates are lost, but not so
 * many that the counter ends below LEAST: 1 if they have one round each, else 2. A thread knows what it
 * has stored until its next point, which is a load.
 */
#include "points.pml"

mtype = { LOAD, STORE };

#ifndef LEAST
#define LEAST (N == 1 -> K : (K == 1 -> 1 : 2))
#endif

byte counter;
byte at_end;

active [N] proctype thread()
{
	mtype pc = LOAD;
	byte rounds, seen;

	do
	:: point(LOAD, true, seen = counter, STORE)
	:: last_point(STORE, true, counter = seen + 1; at_end = at_end + (rounds + 1 == K);
		assert(at_end < N || counter >= LEAST), LOAD)
	od;
	ended
}
