/* SPDX-License-Identifier: MIT */
/*
 * Processes and their threads, as their folders in /proc tell: how many there are, whether they
 * have ended, and whether they can hold anything.
 */
#ifndef DMAOWN_LINUX_TASKS_H
#define DMAOWN_LINUX_TASKS_H

#include <stdbool.h>

/* How many threads a process has, which is named as in the open /proc, the kernel's. Where that
 * does not tell, there may be more. */
enum threads_left { NO_THREAD, ONE_THREAD, MORE_THREADS };
enum threads_left count_threads(int processes, const char *name);

/*
 * Whether a process can have anything open. IS_HIDDEN: whoever looks is kept from it, and from all
 * that the process has open.
 */
enum holder { HOLDS_NOTHING, MAY_HOLD, IS_HIDDEN };
enum holder look_at_program(int processes, const char *name);

/* Whether it is a thread of the kernel, or has ended but for its exit status: it has nothing open,
 * nothing mapped, and no namespace but those that every thread of the kernel has. */
bool process_holds_nothing(int processes, const char *name);

/* Whether an errno says that a task has gone. One that ends just now has no namespace any more, and
 * its mountinfo is then invalid. */
bool task_has_gone(int err);

#endif
