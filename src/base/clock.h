/* SPDX-License-Identifier: MIT */
/* Time limits, in milliseconds of a clock that nobody sets. */
#ifndef DMAOWN_BASE_CLOCK_H
#define DMAOWN_BASE_CLOCK_H

/* The time; only differences mean anything. */
long clock_now(void);

/* Waits so long; a signal ends it early. */
void clock_rest(long milliseconds);

/* The pause after `pause` for who looks again and again: twice as long, up to `longest`. */
static inline long clock_longer(long pause, long longest)
{
	return pause * 2 < longest ? pause * 2 : longest;
}

#endif
