/* SPDX-License-Identifier: MIT */
/*
 * Answers to questions about the world: yes, no, or not known.
 *
 * Unknown is not no. A question whose answer could not be had (a file that can't be read, a folder
 * that can't be opened) is not answered, and whoever asks must say what he does then. An answer is
 * a struct, so that it can't stand in a condition by itself; "not known" is its zero, so that a
 * field that somebody forgot to fill in reassures nobody.
 */
#ifndef DMAOWN_BASE_ANSWER_H
#define DMAOWN_BASE_ANSWER_H

#include <errno.h>
#include <stdbool.h>

enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

struct answer {
	enum known known;
	int hidden_by; /* KNOWN_NOT: the -errno that hid it; 0: nobody asked */
};

static inline struct answer answer_of(bool yes)
{
	return (struct answer) {.known = yes ? KNOWN_YES : KNOWN_NO};
}

static inline struct answer answer_hidden(int err)
{
	return (struct answer) {.known = KNOWN_NOT, .hidden_by = err};
}

static inline bool answer_is_yes(struct answer answer)
{
	return answer.known == KNOWN_YES;
}

static inline bool answer_is_no(struct answer answer)
{
	return answer.known == KNOWN_NO;
}

/* Why an answer is not known, never 0: that nobody asked is -ENODATA. */
static inline int answer_error(struct answer answer)
{
	return answer.hidden_by ? answer.hidden_by : -ENODATA;
}

/* Whether permission hid it: then somebody with more of it may get the answer. */
bool hidden_by_permission(int err);

/* What hid an answer, in words for people; of 0, that nobody asked. */
const char *hidden_words(int err);

#endif
