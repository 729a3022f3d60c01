/* SPDX-License-Identifier: MIT */
/*
 * The command that groups are claimed for, as a child process. All that it will be is looked up and
 * tried before anything is claimed. Its life is child_life.h's.
 */
#ifndef DMAOWN_DMAOWN_CHILD_H
#define DMAOWN_DMAOWN_CHILD_H

#include "become.h"
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
 * undone by child_release(). Otherwise it prints the reason and returns the exit code.
 */
int child_make(const struct user *user, const struct child_options *options, char **arguments,
	       const struct found_signals *found, struct child *out);
void child_release(struct child *child);

#endif
