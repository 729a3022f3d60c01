/* SPDX-License-Identifier: MIT */
/* The signals that we get while a claim has a command: they wait, and are handed on to it. */
#ifndef DMAOWN_DMAOWN_CHILD_SIGNALS_H
#define DMAOWN_DMAOWN_CHILD_SIGNALS_H

#include "start.h"

#include <stdbool.h>

/*
 * Stores the signals that are handed on. SIGHUP is not one of them if it was ignored: then it ends
 * neither us nor the command.
 */
void make_forwarded_set(const struct found_signals *found, sigset_t *set);

/*
 * Holds the signals that would end us: they wait until the child is there to get them, or until
 * signals_pending() asks for them.
 */
void hold_signals(const struct found_signals *found);

/* Whether a signal that should end us is waiting; fits struct handover's `interrupted`. */
bool signals_pending(void *context);

#endif
