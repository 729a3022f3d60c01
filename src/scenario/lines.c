/* SPDX-License-Identifier: MIT */
#include "lines.h"
#include "utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

void lines_init(struct lines *lines, const char *text, size_t length)
{
	*lines = (struct lines) {.next = text, .end = text + length};
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
	else if (!utf8_is_whole(line, length))
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
