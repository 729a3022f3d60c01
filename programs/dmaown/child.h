/* SPDX-License-Identifier: MIT */
/*
 * The command that a group is claimed for, as a child process: it gets the group's name in its
 * environment, becomes the user, and shares the lock of the claim's record, so that the claim has
 * somebody behind it if we are killed.
 *
 * The exit status of a command that was killed is 128 and the signal's number.
 */
#ifndef DMAOWN_DMAOWN_CHILD_H
#define DMAOWN_DMAOWN_CHILD_H

#include "handover.h"

/* Whether the command can be found and executed: EXIT_DONE, or else the exit code, why not having
 * been said. */
int find_command_file(const char *name);

/*
 * From here on signals that would end us wait, until the child is there to have them, or
 * signals_pending() asks for them.
 */
void hold_signals(void);

/* Whether a signal that should end us is waiting; fits struct handover's `interrupted`. */
bool signals_pending(void *context);

/*
 * Runs the command until it ends, and hands on to it the signals that we get, those excepted that
 * the terminal sends to it as well. Returns its exit status, or EXIT_OWN_FAILURE and the like,
 * having said why.
 */
int run_child(const struct claim *claim, const struct claim_request *request, char **argv);

#endif
