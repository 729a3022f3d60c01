/* SPDX-License-Identifier: MIT */
/*
 * How a program was started: its descriptors 0 to 2, and what becomes of signals.
 *
 * Whoever starts us may have closed a descriptor, which the next file that is opened would get:
 * what we say would be written into it. He may have had signals ignored or blocked, which we
 * inherit: we would not see our children end, or would end in the midst of a message.
 */
#ifndef DMAOWN_DMAOWN_START_H
#define DMAOWN_DMAOWN_START_H

#include <signal.h>

enum { STANDARD_DESCRIPTORS = 3 }; /* 0 to 2 */

/* The signals that were ignored, of those that are set here, and all that were blocked. */
struct found_signals {
	sigset_t ignored, blocked;
};

/* Puts /dev/null on those of the descriptors 0 to 2 that are closed. The first thing that a program
 * does. What open(2) gives. */
int start_descriptors(void);

/*
 * Stores what was found, and makes of it what we can work with: SIGCHLD and the signals that end us
 * are as by default and not blocked; SIGPIPE and SIGXFSZ are ignored, so that what can't be written
 * is an errno. SIGHUP stays ignored if it was: whoever says nohup(1) wants no hangup to end us.
 */
void start_signals(struct found_signals *found);

/* Makes of signals what was found, for a command. */
void restore_signals(const struct found_signals *found);

#endif
