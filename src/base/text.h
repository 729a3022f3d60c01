/* SPDX-License-Identifier: MIT */
/* Text in columns: one column for each character of UTF-8, and none that commands a terminal. */
#ifndef DMAOWN_BASE_TEXT_H
#define DMAOWN_BASE_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* The columns that a text takes on a terminal. */
size_t text_width(const char *text);

/*
 * Writes the text, at most `room` columns of it; a longer one ends in "~". Control characters are
 * written as "?". Returns the columns taken.
 */
size_t text_print(const char *text, size_t room, FILE *out);

/* Puts "?" for control characters. Whoever names a mount point or a program may choose any bytes: a
 * message stays one line, and tells a terminal nothing. */
void text_make_printable(char *text);

#endif
