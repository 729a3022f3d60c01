/* SPDX-License-Identifier: MIT */
/* Small random programs of locks, conditions, atomics and memory, each known by its number. */
#ifndef DMAOWN_TESTS_EXPLORE_PROGRAMS_H
#define DMAOWN_TESTS_EXPLORE_PROGRAMS_H

#include "subject.h"

/* Of two or three threads; valid until the next call. */
const struct subject *program_make(unsigned int number);

/* A digest of all that the program has come to: what each thread saw, and the shared objects. */
uint64_t program_outcome(void);

/* Writes the program, a thread a line. */
void program_print(FILE *out);

#endif
