/* SPDX-License-Identifier: MIT */
/* Characters of UTF-8. */
#ifndef DMAOWN_BASE_UTF8_H
#define DMAOWN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Stores the first character of the bytes and returns how many of them it takes; 0, and nothing is
 * stored, if they begin with no character: too long a form, half of a pair, cut off, none there.
 */
size_t utf8_decode(const char *bytes, size_t count, uint32_t *point);

/* Whether the bytes are characters, all of them. */
bool utf8_is_whole(const char *bytes, size_t count);

#endif
