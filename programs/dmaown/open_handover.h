/* SPDX-License-Identifier: MIT */
/*
 * The handover of a command: the machine and the journal that the options name.
 */
#ifndef DMAOWN_DMAOWN_OPEN_HANDOVER_H
#define DMAOWN_DMAOWN_OPEN_HANDOVER_H

#include "command.h"
#include "handover.h"

enum { DEFAULT_PATIENCE = 10000 }; /* milliseconds */

struct opened {
	struct handover handover;
	char *scratch; /* the folder of a simulated machine's journal; NULL: the host's is used */
};

/*
 * Opens the machine and its journal. The host's journal is in DMAOWN_RUNTIME_DIR or /run/dmaown
 * below its root; a simulated machine and its journal are forgotten with the command. Changes
 * nothing that exists. EXIT_DONE: undone by close_handover(). Otherwise it prints the reason and
 * returns the exit code.
 */
int open_handover(const struct context *context, unsigned int patience, struct opened *out);
void close_handover(struct opened *opened);

/*
 * Reads the value of --timeout, which is at most a day. false: it is wrong, and the reason was
 * printed.
 */
bool read_patience(const char *text, unsigned int *out);

#endif
