/* SPDX-License-Identifier: MIT */
/*
 * Look-ups that fail when they are told to.
 *
 * A program that is linked with this has its calls that look at files (open, read, readlink, stat,
 * readdir, getline, ioctl ...) counted by *point*: the call, the place in the code that makes it,
 * and the kind of path it is about (numbers in it count for nothing). A sweep makes each point fail
 * with each errno, and asks whether anything that was known to be in use then looks free.
 */
#ifndef DMAOWN_TESTS_LINUX_FAILING_LOOKS_H
#define DMAOWN_TESTS_LINUX_FAILING_LOOKS_H

#include "facts.h"

#include <stddef.h>

/* Begins to note points; `root` is cut off the paths. */
void looks_note(const char *root);

/* Ends that and gives the number of points, each of which was met. */
size_t looks_noted(void);

/* From now on the point fails with that errno (positive): once, or each time. */
void looks_fail(size_t point, int error, bool always);

/* From now on the calls of whatever point fail from the one at that place on, `count` of them. */
void looks_fail_at(size_t place, size_t count, int error);

/* Nothing fails any more. Gives how often something did. */
size_t looks_end(void);

/* The point in words, for messages: "readlink of sys/class/net/eth#". */
const char *looks_name(size_t point);

/*
 * Makes a machine of the tree and looks at it again and again, each time with another point that
 * fails with another errno. What was in use, or not known, without a failure must be so with one,
 * or the look as a whole must fail. Each point fails with each of four errnos; of these
 * failures DMAOWN_SAMPLE=K in the environment makes one in K, so that 4 is one errno a point, in
 * turn. Gives the number of failures that were made.
 */
size_t looks_sweep(const char *root);

#endif
