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
 * Opens the machine, and its journal: the host's is in DMAOWN_RUNTIME_DIR or /run/dmaown below its
 * root; a simulated machine is forgotten with the command, and so is its journal. Nothing that
 * exists is changed. EXIT_DONE: undone by close_handover(); else why not has been said.
 */
int open_handover(const struct context *context, unsigned int patience, struct opened *out);
void close_handover(struct opened *opened);

/* Reads the value of --timeout: at most a day; false: it is wrong, which has been said. */
bool read_patience(const char *text, unsigned int *out);

#endif
