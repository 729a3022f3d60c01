/* SPDX-License-Identifier: MIT */
/*
 * Patterns as fnmatch(3) has them without flags but FNM_NOESCAPE: "*", "?", "[0-9A]", "[!0]". In
 * time of pattern times text, which fnmatch() is not: patterns come out of files that anyone may
 * have written.
 */
#ifndef DMAOWN_BASE_GLOB_H
#define DMAOWN_BASE_GLOB_H

#include <stdbool.h>

/* Whether the pattern matches the whole text. A "[" without its "]" stands for itself. */
bool glob_matches(const char *pattern, const char *text);

#endif
