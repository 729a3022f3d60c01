/* SPDX-License-Identifier: MIT */
/*
 * Text for people: in columns, and in lines. All of it goes out as printable.h says, so that no
 * string from outside makes a second line or tells a terminal something.
 */
#ifndef DMAOWN_BASE_TEXT_H
#define DMAOWN_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* The columns that a text takes when it is printed: two for wide characters, none for marks on
 * others. Where the system has no locale C.UTF-8 to tell that, one for each. */
size_t text_width(const char *text);

/* Writes the text, at most `room` columns of it; a longer one ends in "~". Returns the columns
 * taken. */
size_t text_print(const char *text, size_t room, FILE *out);

/*
 * Writes one line, "BEGIN THING: formatted" with what is NULL left out, whatever its length. Goes
 * out in one write(2), if the stream is unbuffered and the line is no longer than 4 KiB: lines of
 * several processes do not mix. Of a line that there is no memory for the beginning is written.
 */
__attribute__((format(printf, 4, 0))) void
text_vline(FILE *out, const char *begin, const char *thing, const char *format, va_list args);

/* The same with neither beginning nor thing. */
__attribute__((format(printf, 2, 3))) void text_line(FILE *out, const char *format, ...);

#endif
