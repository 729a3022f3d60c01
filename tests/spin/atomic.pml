/* SPDX-License-Identifier: MIT */
/*
 * N threads, each K times: load counter; store what was loaded and 1. Updates are lost, so there are
 * many end values. A thread knows what it has stored until its next point, which is a load.
 */
#include "points.pml"

mtype = { LOAD, STORE };

byte counter;

active [N] proctype thread()
{
	mtype pc = LOAD;
	byte rounds, seen;

	do
	:: point(LOAD, true, seen = counter, STORE)
	:: last_point(STORE, true, counter = seen + 1, LOAD)
	od;
	ended
}
