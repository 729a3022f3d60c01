/* SPDX-License-Identifier: MIT */
/*
 * The words of a line, taken from left to right, and how to say that one of them is wrong.
 *
 * A function that finds something wrong stores one line, FILE:LINE: what is wrong (what was
 * expected), and returns -EINVAL; -ENOMEM stores nothing.
 */
#ifndef DMAOWN_SCENARIO_WORDS_H
#define DMAOWN_SCENARIO_WORDS_H

#include "lines.h"

#include <stdbool.h>
#include <stdint.h>

struct words {
	struct lines lines;
	size_t at;        /* the next word of the line */
	const char *file; /* what messages call the text; borrowed */
	char **why;       /* where a message goes; whoever parses frees it */
};

/* Says what is wrong with the line at hand. */
__attribute__((format(printf, 2, 3))) int words_wrong(struct words *words, const char *format, ...);

/* The next word, or NULL at the end of the line. */
const char *words_next(struct words *words);

/* Takes the next word if it is this one. */
bool words_take(struct words *words, const char *word);

bool words_ended(const struct words *words);

/* Takes the next word, which `what` names in messages: "a device". */
int words_expect(struct words *words, const char *what, const char **out);

/* The same, as a copy that the owner of `place` frees. */
int words_expect_kept(struct words *words, const char *what, char **place);

/* A number below 2^64, decimal or 0x... */
int words_expect_number(struct words *words, const char *what, uint64_t *out);

int words_expect_end(struct words *words);

/* The words of a table by their numbers, from 0 on; NULL behind the last. */
typedef const char *word_of(const void *table, size_t number);

/* Says what is wrong, and after it "(expected ONE, ANOTHER or A THIRD", `more` and ")". */
__attribute__((format(printf, 5, 6))) int words_wrong_among(struct words *words, word_of *name,
							    const void *table, const char *more,
							    const char *format, ...);

/* Takes the next word, which must be one of the table's; *out is its number. */
int words_expect_one_of(struct words *words, const char *what, word_of *name, const void *table,
			size_t *out);

/* Stores a copy, which the owner of `place` frees. -ENOMEM. */
int word_keep(char **place, const char *word);

/* Names are short, so that a printed step, whose numbers may grow, is never too long a line. */
#define NAME_BYTES 32

/* Whether the first `length` bytes can name a role or a thread. */
bool word_is_name(const char *word, size_t length);

#endif
