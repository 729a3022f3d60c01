/* SPDX-License-Identifier: MIT */
/* The machine that the options name: the host, or a machine file, which is simulated. */
#ifndef DMAOWN_DMAOWN_OPEN_MACHINE_H
#define DMAOWN_DMAOWN_OPEN_MACHINE_H

#include "command.h"
#include "machine.h"

/*
 * Opens the machine. EXIT_DONE: the caller ends it with machine_close(). Otherwise it prints the
 * reason and returns the exit code.
 */
int open_machine(const struct context *context, struct machine **out);

/*
 * Reads that machine: all of it, or only what machine_glance() gives. EXIT_DONE: the caller
 * releases *out. Otherwise it prints the reason and returns the exit code.
 */
int read_machine(const struct context *context, bool all, struct facts *out);

#endif
