/* SPDX-License-Identifier: MIT */
/*
 * The life of a command that groups are claimed for. It shares the lock of the claim's record, so
 * that somebody stands behind the claim if we are killed.
 *
 * The exit status of a command that was killed is 128 and the signal's number.
 */
#ifndef DMAOWN_DMAOWN_CHILD_LIFE_H
#define DMAOWN_DMAOWN_CHILD_LIFE_H

#include "child.h"
#include "record.h"

/*
 * Runs the command until it ends, and hands on to it the signals that we get, but not those that
 * the terminal sends to it as well. The command gets `lock`, which stands behind the record; our
 * copy is closed here. Returns the command's exit status; or prints why it did not run, and returns
 * EXIT_OWN_FAILURE or another code of exit_code.
 */
int run_child(struct child *child, const struct record *record, int lock);

#endif
