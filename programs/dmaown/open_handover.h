/* SPDX-License-Identifier: MIT */
/*
 * The handover of a command: the machine and the journal that the options name, and saying what
 * came of it.
 */
#ifndef DMAOWN_DMAOWN_OPEN_HANDOVER_H
#define DMAOWN_DMAOWN_OPEN_HANDOVER_H

#include "command.h"
#include "handover.h"

enum { DEFAULT_TIMEOUT = 10 }; /* seconds */

struct opened {
	struct handover handover;
	char *scratch; /* the folder of a simulated machine's journal, which goes with it; or NULL
			*/
};

/*
 * Opens the machine, and its journal: the host's is in DMAOWN_RUNTIME_DIR or /run/dmaown below its
 * root; a simulated machine is forgotten with the command, and so is its journal. Nothing that
 * exists is changed. EXIT_DONE: undone by close_handover(); else why not has been said.
 */
int open_handover(const struct context *context, unsigned int seconds, struct opened *out);
void close_handover(struct opened *opened);

/* Opens the host's journal alone; undone by journal_close(). */
int open_journal(const struct context *context, struct journal **out);

/* Reads a number of seconds, at most a day, from an option's argument; false: it is none, and that
 * has been said. */
bool read_seconds(const char *text, unsigned int *seconds);

/* Reads the journal. EXIT_DONE: undone by entries_release(); else why not has been said. */
int read_entries(struct journal *journal, struct entries *out);

/* Says each trouble in a line and frees them; returns `code`. */
int complain_troubles(int code, struct troubles *troubles);

/* What a refusal says behind the thing that it is about: what is wrong, and what to do; for the
 * caller to free. NULL: out of memory. */
char *refusal_words(const struct refusal *refusal);

/* Says each refusal in a line; returns the exit code of the gravest. */
int complain_refusals(const struct plan *plan);
int refusals_code(const struct plan *plan);

/* Says each use that the plan takes, and what is lost with it. */
void say_losses(const struct plan *plan);

/* The exit code for what a handover gave; not for -EPERM, of which the plan knows more. */
int handover_code(int err);

#endif
