/* SPDX-License-Identifier: MIT */
/*
 * What a function requires of its caller in this tree, where no type says it: at the borders of the
 * layers, of what would else be found out on a machine that runs. What comes from outside, from a
 * file, a kernel or a person, is never a precondition; it is answered with an errno.
 *
 * Debug builds end the program with the condition and its place; in others it is not evaluated. The
 * core, which others embed, tells its embedder instead (core_require() and lock.h there).
 */
#ifndef DMAOWN_BASE_PRECONDITION_H
#define DMAOWN_BASE_PRECONDITION_H

#ifdef DMAOWN_CHECK_PRECONDITIONS
#include <assert.h>
#define precondition(condition) assert(condition)
#else
#define precondition(condition) ((void)sizeof(condition))
#endif

#endif
