/* SPDX-License-Identifier: MIT */
/* What a person meant who mistyped a word. */
#ifndef DMAOWN_BASE_NEAREST_H
#define DMAOWN_BASE_NEAREST_H

enum { NEAREST_LONGEST = 31 }; /* letters of a word; a longer one is near none */

/*
 * The word of the list, which NULL ends, that is nearest to the text: of its letters at most one in
 * three, and three in all, is another, missing, added, or swapped with the next. NULL: none is that
 * near. Of two that are as near the first.
 */
const char *nearest_word(const char *text, const char *const *words);

#endif
