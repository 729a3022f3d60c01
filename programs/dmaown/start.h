/* SPDX-License-Identifier: MIT */
/*
 * How a program was started: its descriptors 0 to 2, and what becomes of signals.
 *
 * Whoever starts us may have closed a descriptor. The next file that we open would get its number,
 * and what we print would be written into that file. They may also have ignored or blocked signals,
 * which we inherit: we would not see our children end, or would end in the middle of a message.
 */
#ifndef DMAOWN_DMAOWN_START_H
#define DMAOWN_DMAOWN_START_H

#include <signal.h>

enum { STANDARD_DESCRIPTORS = 3 }; /* 0 to 2 */

/* The signals that were ignored, of those that are set here, and all that were blocked. */
struct found_signals {
	sigset_t ignored, blocked;
};

/*
 * Puts /dev/null on those of the descriptors 0 to 2 that are closed. A program does this first.
 * Returns what open(2) gives.
 */
int start_descriptors(void);

/*
 * Stores how signals were set, and sets them as we need them: SIGCHLD and the signals that end us
 * have their default action and are not blocked; SIGPIPE and SIGXFSZ are ignored, so that a failed
 * write is an errno. SIGHUP stays ignored if it was: who runs nohup(1) does not want a hangup to
 * end us.
 */
void start_signals(struct found_signals *found);

/* Sets the signals as they were found, for a command. */
void restore_signals(const struct found_signals *found);

#endif
