/* SPDX-License-Identifier: MIT */
/*
 * A subject whose places, names and states a test knows: two threads count under one lock, then
 * take two locks in opposite order. Lines that are looked for end in a comment with their name.
 */
#ifndef DMAOWN_TESTS_EXPLORE_SHOWN_SUBJECT_H
#define DMAOWN_TESTS_EXPLORE_SHOWN_SUBJECT_H

#include "subject.h"

/* In a header, as the core's are: people look for who called it. */
static inline void pass_on_lock(struct explored_lock *lock)
{
	explored_lock(lock);
}

extern const struct subject shown_subject;

/* The same, but the second thread breaks before its first point. */
extern const struct subject breaking_subject;

#endif
