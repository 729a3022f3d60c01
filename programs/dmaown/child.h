/* SPDX-License-Identifier: MIT */
/*
 * The command that groups are claimed for, as a child process. All that it will be is looked up and
 * tried before anything is claimed. It shares the lock of the claim's record, so that the claim has
 * somebody behind it if we are killed.
 *
 * The exit status of a command that was killed is 128 and the signal's number.
 */
#ifndef DMAOWN_DMAOWN_CHILD_H
#define DMAOWN_DMAOWN_CHILD_H

#include "become.h"
#include "record.h"
#include "start.h"
#include "terminal.h"

struct child {
	char **arguments;
	struct becoming becoming;
	struct terminal terminal;
	const struct found_signals *found;
};

struct child_options {
	struct becoming_options becoming;
	bool pty; /* it gets a terminal of its own */
};

/*
 * Looks up what the command has to be, and tries it: a child becomes the user and looks for the
 * command. `user`, which may be NULL, the arguments and `found` outlive the result. EXIT_DONE:
 * undone by child_release(); else the exit code, why having been said.
 */
int child_make(const struct user *user, const struct child_options *options, char **arguments,
	       const struct found_signals *found, struct child *out);
void child_release(struct child *child);

/* From here on signals that would end us wait, until the child is there to have them, or
 * signals_pending() asks for them. */
void hold_signals(const struct found_signals *found);

/* Whether a signal that should end us is waiting; fits struct handover's `interrupted`. */
bool signals_pending(void *context);

/*
 * Runs the command until it ends, and hands on to it the signals that we get, those excepted that
 * the terminal sends to it as well. It has `lock`, which stands behind the record and is closed
 * here. Returns its exit status, or EXIT_OWN_FAILURE and the like, having said why.
 */
int run_child(struct child *child, const struct record *record, int lock);

#endif
