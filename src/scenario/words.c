/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) int words_wrong(struct words *words, const char *format, ...)
{
	char *said, *text;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&said, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	length = asprintf(&text, "%s:%u: %s", words->file, words->lines.number, said);
	free(said);
	if (length < 0)
		return -ENOMEM;
	*words->why = text;
	return -EINVAL;
}

const char *words_next(struct words *words)
{
	return words->at < words->lines.count ? words->lines.words[words->at++] : NULL;
}

bool words_take(struct words *words, const char *word)
{
	bool same =
		words->at < words->lines.count && strcmp(words->lines.words[words->at], word) == 0;

	words->at += same;
	return same;
}

bool words_ended(const struct words *words)
{
	return words->at == words->lines.count;
}

int words_expect(struct words *words, const char *what, const char **out)
{
	const char *word = words_next(words);

	if (!word || strcmp(word, "=") == 0)
		return words_wrong(words, "line ends early (expected %s)", what);
	*out = word;
	return 0;
}

/* "ONE, ANOTHER or A THIRD", which the caller frees; NULL: no memory. */
static char *list(word_of *name, const void *table)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (size_t i = 0; name(table, i); i++)
		fprintf(out, "%s%s",
			i == 0                       ? ""
			: name(table, i + 1) != NULL ? ", "
						     : " or ",
			name(table, i));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

int words_wrong_among(struct words *words, word_of *name, const void *table, const char *more,
		      const char *format, ...)
{
	char *expected = list(name, table), *said = NULL;
	int err = -ENOMEM;
	va_list args;

	va_start(args, format);
	if (expected && vasprintf(&said, format, args) >= 0) {
		err = words_wrong(words, "%s (expected %s%s)", said, expected, more);
		free(said);
	}
	va_end(args);
	free(expected);
	return err;
}

int words_expect_one_of(struct words *words, const char *what, word_of *name, const void *table,
			size_t *out)
{
	const char *word = "";
	int err = words_expect(words, what, &word);

	if (err)
		return err;
	for (size_t i = 0; name(table, i); i++)
		if (strcmp(name(table, i), word) == 0) {
			*out = i;
			return 0;
		}
	return words_wrong_among(words, name, table, "", "'%s' is not %s", word, what);
}

int words_expect_end(struct words *words)
{
	if (words_ended(words))
		return 0;
	return words_wrong(words, "'%s' is one word too many (expected the end of the line)",
			   words_next(words));
}

int word_keep(char **place, const char *word)
{
	*place = strdup(word);
	return *place ? 0 : -ENOMEM;
}

int words_expect_kept(struct words *words, const char *what, char **place)
{
	const char *word = "";
	int err = words_expect(words, what, &word);

	return err ? err : word_keep(place, word);
}

bool word_is_name(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '-' && word[i] != '_')
			return false;
	return length && length <= NAME_BYTES && isalpha((unsigned char)word[0]);
}

int words_expect_number(struct words *words, const char *what, uint64_t *out)
{
	const char *word = "";
	int err = words_expect(words, what, &word);
	unsigned long long number;
	char *end;

	if (err)
		return err;
	errno = 0;
	number = strtoull(word, &end, strncmp(word, "0x", 2) == 0 ? 16 : 10);
	if (!isdigit((unsigned char)word[0]) || *end || errno)
		return words_wrong(
			words, "'%s' is not %s (expected a number below 2^64, decimal or 0x...)",
			word, what);
	*out = number;
	return 0;
}
