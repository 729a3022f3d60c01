/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void lines_init(struct lines *lines, const char *text, size_t length)
{
	*lines = (struct lines) {.next = text, .end = text + length};
}

/* How many bytes follow the first one of a character; SIZE_MAX: none begins with it. */
static size_t bytes_after(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc0 && first < 0xe0)
		return 1;
	if (first >= 0xe0 && first < 0xf0)
		return 2;
	return first >= 0xf0 && first < 0xf8 ? 3 : SIZE_MAX;
}

/* A character is spelled in the least number of bytes, and is no surrogate. */
static bool spelled_right(uint32_t character, size_t after)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

	return character >= least[after] && character <= 0x10ffff &&
	       (character < 0xd800 || character > 0xdfff);
}

static bool is_utf8(const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		unsigned char first = (unsigned char)text[i++];
		size_t after = bytes_after(first);
		uint32_t character;

		if (after > length - i)
			return false;
		character = after ? first & (0x3fu >> after) : first;
		for (size_t end = i + after; i < end; i++) {
			unsigned char byte = (unsigned char)text[i];

			if ((byte & 0xc0) != 0x80)
				return false;
			character = character << 6 | (byte & 0x3f);
		}
		if (!spelled_right(character, after))
			return false;
	}
	return true;
}

static bool has_control_character(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return true;
	return false;
}

static void split(struct lines *lines)
{
	char *rest = lines->buffer, *word;

	lines->count = 0;
	while ((word = strtok_r(rest, " \t", &rest)) && *word != '#')
		lines->words[lines->count++] = word;
}

static int take_line(struct lines *lines, const char **wrong)
{
	size_t left = (size_t)(lines->end - lines->next);
	const char *line = lines->next, *newline = memchr(line, '\n', left);
	size_t length = newline ? (size_t)(newline - line) : left;

	lines->number++;
	if (length > LINE_BYTES)
		*wrong = "line too long (expected at most 1000 bytes)";
	else if (has_control_character(line, length))
		*wrong = "control character (expected plain text, lines ended by a newline)";
	else if (!is_utf8(line, length))
		*wrong = "not UTF-8 (expected plain text)";
	else {
		memcpy(lines->buffer, line, length);
		lines->buffer[length] = '\0';
		split(lines);
		lines->next = line + length + (newline ? 1 : 0);
		return 0;
	}
	return -EINVAL;
}

int lines_next(struct lines *lines, const char **wrong)
{
	while (lines->next < lines->end) {
		int err = take_line(lines, wrong);

		if (err)
			return err;
		if (lines->count)
			return 1;
	}
	return 0;
}
