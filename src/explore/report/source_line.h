/* SPDX-License-Identifier: MIT */
/*
 * Where in the source an address of this program is, from its debugging information.
 *
 * An address in something small that is called from everywhere, an inline function of a header,
 * say, is said to be where that was called from, as far as it was inlined.
 */
#ifndef DMAOWN_EXPLORE_SOURCE_LINE_H
#define DMAOWN_EXPLORE_SOURCE_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct source_lines;

struct source_line {
	char file[64]; /* without its folder */
	unsigned int line;
	char function[64];
};

/* NULL: the program has no debugging information that can be read. Undone by source_lines_close().
 */
struct source_lines *source_lines_open(void);
void source_lines_close(struct source_lines *lines);

/* `code` is a return address. False: not known; also for `lines` NULL. */
bool source_line_find(struct source_lines *lines, const void *code, struct source_line *out);

#endif
