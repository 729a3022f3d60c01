/* SPDX-License-Identifier: MIT */
/*
 * What the values of options mean: times, sizes, numbers, names, and words out of a few.
 *
 * A reader returns true and stores the value in *out; or it prints what is wrong with the value of
 * `option`, and what it could be, returns false, and leaves *out alone.
 */
#ifndef DMAOWN_DMAOWN_OPTION_VALUE_H
#define DMAOWN_DMAOWN_OPTION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_LENGTH = 63 };

/* Milliseconds. */
#define SECOND 1000ULL
#define HOUR (SECOND * 60 * 60)

/* Reads a time into milliseconds: "500ms", "5s", "2m", "1h", or a number of seconds. */
bool read_time(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* Reads a size into bytes: "512M", "2G" (K, M, G and T are powers of 1024), or a number of bytes.
 */
bool read_size(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* Reads a size, or "unlimited". */
#define UNLIMITED UINT64_MAX
bool read_limit(const char *option, const char *text, uint64_t *out);

bool read_number(const char *option, const char *text, uint64_t least, uint64_t most,
		 uint64_t *out);

/*
 * Reads a name that may appear in messages and lists: 1 to NAME_LENGTH printable ASCII characters,
 * no blank. *out is the text itself.
 */
bool read_name(const char *option, const char *text, const char **out);

/* Reads one of the words, and stores its place in the list, which ends with NULL. */
bool read_word(const char *option, const char *text, const char *const *words, size_t *out);

#endif
