/* SPDX-License-Identifier: MIT */
/*
 * Opening the journal of the host that the options name: it is in DMAOWN_RUNTIME_DIR or /run/dmaown
 * below the host's root.
 */
#ifndef DMAOWN_DMAOWN_OPEN_JOURNAL_H
#define DMAOWN_DMAOWN_OPEN_JOURNAL_H

#include "command.h"
#include "journal.h"

/*
 * Opens the journal, and changes nothing that exists. EXIT_DONE: undone by journal_close().
 * Otherwise it prints the reason and returns the exit code.
 */
int open_journal(const struct context *context, struct journal **out);

/*
 * Reads the journal. EXIT_DONE: undone by entries_release(). Otherwise it prints the reason and
 * returns the exit code.
 */
int read_entries(struct journal *journal, struct entries *out);

#endif
