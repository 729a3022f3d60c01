/* SPDX-License-Identifier: MIT */
#include "glob.h"

#include <stddef.h>
#include <string.h>

/* The "]" that ends the set at `pattern`; one that comes first is in the set. NULL: no set. */
static const char *set_end(const char *pattern)
{
	const char *first = pattern + 1 + (pattern[1] == '!');

	return *first ? strchr(first + 1, ']') : NULL;
}

static bool set_has(const char *pattern, const char *end, unsigned char character)
{
	bool negated = pattern[1] == '!', found = false;

	for (const char *at = pattern + 1 + negated; at < end; at++) {
		unsigned char from = (unsigned char)*at, to = from;

		if (at[1] == '-' && at + 2 < end) {
			at += 2;
			to = (unsigned char)*at;
		}
		found |= character >= from && character <= to;
	}
	return found != negated;
}

/* What follows the element of the pattern, which is no "*", if it matches; else NULL. */
static const char *match_one(const char *pattern, char character)
{
	const char *end = *pattern == '[' ? set_end(pattern) : NULL;

	if (end)
		return set_has(pattern, end, (unsigned char)character) ? end + 1 : NULL;
	return *pattern == '?' || *pattern == character ? pattern + 1 : NULL;
}

/* A "*" takes as little as it can; where that leads nowhere, only the last one need take more. */
bool glob_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *taken = NULL;

	while (*text) {
		const char *next = *pattern == '*' ? NULL : match_one(pattern, *text);

		if (*pattern == '*') {
			star = ++pattern;
			taken = text;
		} else if (next) {
			pattern = next;
			text++;
		} else if (star) {
			pattern = star;
			text = ++taken;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}
