/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stddef.h>
#include <string.h>

enum { SIZE = NEAREST_LONGEST + 1, MOST = 3 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many changes make one of the other: the optimal string alignment distance. `table[i][j]` is
 * that of the first `i` letters to the first `j`. */
static size_t distance(const char *from, const char *to)
{
	size_t table[SIZE][SIZE], rows = strlen(from), columns = strlen(to);

	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			if (i == 0 || j == 0) {
				table[i][j] = i + j;
				continue;
			}
			table[i][j] = least(table[i - 1][j], table[i][j - 1]) + 1;
			table[i][j] = least(table[i][j],
					    table[i - 1][j - 1] + (from[i - 1] != to[j - 1]));
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
				table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
		}
	}
	return table[rows][columns];
}

const char *nearest_word(const char *text, const char *const *words)
{
	const char *nearest = NULL;
	size_t best = MOST + 1;

	if (strlen(text) > NEAREST_LONGEST)
		return NULL;
	for (; *words; words++) {
		size_t changes, length = strlen(*words);

		if (length > NEAREST_LONGEST)
			continue;
		changes = distance(text, *words);
		if (changes < best && changes * 3 <= length) {
			nearest = *words;
			best = changes;
		}
	}
	return nearest;
}
