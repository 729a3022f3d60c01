/* SPDX-License-Identifier: MIT */
/*
 * The life of a command that groups are claimed for: it shares the lock of the claim's record, so
 * that the claim has somebody behind it if we are killed.
 *
 * The exit status of a command that was killed is 128 and the signal's number.
 */
#ifndef DMAOWN_DMAOWN_CHILD_LIFE_H
#define DMAOWN_DMAOWN_CHILD_LIFE_H

#include "child.h"
#include "record.h"

/*
 * Runs the command until it ends, and hands on to it the signals that we get, those excepted that
 * the terminal sends to it as well. It has `lock`, which stands behind the record and is closed
 * here. Returns its exit status, or EXIT_OWN_FAILURE and the like, having said why.
 */
int run_child(struct child *child, const struct record *record, int lock);

#endif
