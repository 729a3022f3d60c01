/* SPDX-License-Identifier: MIT */
/*
 * Text as lines of words: separated by blanks, up to a word that begins with '#'. Lines without a
 * word are passed over.
 */
#ifndef DMAOWN_SCENARIO_LINES_H
#define DMAOWN_SCENARIO_LINES_H

#include <stddef.h>

#define LINE_BYTES 1000

struct lines {
	const char *next, *end; /* what is left of the text, borrowed */
	unsigned int number;    /* of the line that `words` are of, from 1 */
	char buffer[LINE_BYTES + 1];
	char *words[LINE_BYTES / 2 + 1]; /* in `buffer` */
	size_t count;
};

void lines_init(struct lines *lines, const char *text, size_t length);

/*
 * Goes on to the next line that has a word. 1: there is one; 0: the text has ended; -EINVAL: the
 * line is no text (NUL, another control character, not UTF-8) or longer than LINE_BYTES, and *wrong
 * says so in a static string.
 */
int lines_next(struct lines *lines, const char **wrong);

#endif
