/* SPDX-License-Identifier: MIT */
/*
 * What failed in a child before it was the command: how the child reports it, and how we print it.
 */
#ifndef DMAOWN_DMAOWN_CHILD_REPORT_H
#define DMAOWN_DMAOWN_CHILD_REPORT_H

#include "child.h"

/* What failed: a step of what it becomes, or one of these. */
struct report {
	size_t step;
	int err;
};

enum { STEP_TERMINAL = 1000, STEP_COMMAND };

/* In the child: reports what failed through the socket, and ends. */
_Noreturn void end_with(int socket, size_t step, int err);

/* Prints what failed, with a remark at the end, and returns the exit code. */
int explain_report(const struct child *child, const struct report *report, const char *remark);

#endif
