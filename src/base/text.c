/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "text.h"

#include <stdbool.h>

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += begins_character(*text);
	return width;
}

/* The bytes of a control character, those of ISO 6429's second set in UTF-8 included; 0: it is
 * none. */
static size_t control_length(const char *text)
{
	unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return byte < 0x20 || byte == 0x7f;
}

/* Writes one character, and returns where the next one begins. */
static const char *print_character(const char *text, FILE *out)
{
	size_t control = control_length(text);

	if (control) {
		fputc_unlocked('?', out);
		return text + control;
	}
	do
		fputc_unlocked(*text++, out);
	while (*text && !begins_character(*text));
	return text;
}

/* The bytes that begin it and are one column each; most texts have no others. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] < 0x7f)
		length++;
	return length;
}

size_t text_print(const char *text, size_t room, FILE *out)
{
	size_t plain = plain_length(text), width, whole;

	if (!text[plain] && plain <= room)
		return fwrite_unlocked(text, 1, plain, out);
	width = text_width(text);
	whole = width <= room ? width : room - (room > 0);
	for (size_t i = 0; i < whole && *text; i++)
		text = print_character(text, out);
	if (width > room && room > 0)
		fputc_unlocked('~', out);
	return width <= room ? width : room;
}

void text_make_printable(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
	}
}
