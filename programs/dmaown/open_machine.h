/* SPDX-License-Identifier: MIT */
/* The machine that the options name: the host, or a machine file, which is simulated. */
#ifndef DMAOWN_DMAOWN_OPEN_MACHINE_H
#define DMAOWN_DMAOWN_OPEN_MACHINE_H

#include "command.h"
#include "machine.h"

/* EXIT_DONE: *out is ended with machine_close(); else why not has been said. */
int open_machine(const struct context *context, struct machine **out);

/*
 * Reads that machine: all of it, or only what machine_glance() gives. EXIT_DONE: *out is the
 * caller's to release; else why not has been said.
 */
int read_machine(const struct context *context, bool all, struct facts *out);

#endif
