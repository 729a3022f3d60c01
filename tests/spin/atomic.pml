/* SPDX-License-Identifier: MIT */
/*
 * N threads, each K times: load counter; store what was loaded and 1. Updates are lost, but not so
 * many that the counter ends below LEAST: 1 if anyone has one round only, else 2.
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
	:: last_point(STORE, true, counter = seen + 1; seen = 0; at_end = at_end + (rounds + 1 == K);
		assert(at_end < N || counter >= LEAST), LOAD)
	od;
	ended
}
