/* SPDX-License-Identifier: MIT */
/*
 * How a thread is written: a loop with one choice for each of its points, each an atomic step.
 *
 * `pc` is the point that the thread does next, `rounds` how often it has done all of them. README.md
 * says why threads are written so.
 */

#define point(here, enabled, effect, next) atomic { pc == here && (enabled) -> effect; pc = next }

/* The last point of a round, from which the thread ends or begins again at `first`. */
#define last_point(here, enabled, effect, first) atomic { \
	pc == here && (enabled) -> effect; pc = first; rounds++; \
	if \
	:: rounds == K -> break \
	:: else \
	fi }

/* Follows the loop. Here nothing is waited for, so whoever stays here is no deadlock. */
#define ended end: false
