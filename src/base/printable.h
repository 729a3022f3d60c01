/* SPDX-License-Identifier: MIT */
/*
 * What may stand in a line for people. Whoever names a process, a mount point, an interface or a
 * file may choose any bytes; printed, they stay one line, tell a terminal nothing and look like
 * nothing else.
 *
 * Printable UTF-8 stays. Each byte of all else becomes \xNN, with two lower-case hex digits:
 * control characters (C0, DEL, C1), what can't be seen or turns the direction of what follows,
 * ends of lines and paragraphs, noncharacters, and bytes that are no UTF-8. A backslash becomes
 * two. So the bytes can be told from what is printed, and a shell's $'...' makes them again.
 */
#ifndef DMAOWN_BASE_PRINTABLE_H
#define DMAOWN_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINTABLE_MOST = 16 }; /* bytes that one character becomes */

/* One character, or one byte that is none. */
struct printable {
	char text[PRINTABLE_MOST]; /* not ended by NUL */
	size_t length;             /* of the text */
	size_t taken;              /* bytes that it stands for */
	uint32_t point;            /* the character, if it stays as it is; else 0 */
};

/* Makes the first character of the bytes printable. There must be one byte at least. */
struct printable printable_first(const char *bytes, size_t count);

/*
 * Writes as many whole characters of the bytes, made printable, as have room, and a NUL; `size` is
 * at least 1. Returns the length written. What is written is UTF-8, whatever the bytes are.
 */
size_t printable_copy(const char *bytes, size_t count, char *out, size_t size);

/* All of the bytes, made printable, in a string that the caller frees; NULL: out of memory. */
char *printable_text(const char *bytes, size_t count);

/* Whether `given` is the name, or the name as it is printed: people type what they have read. */
bool printable_names(const char *given, const char *name);

#endif
