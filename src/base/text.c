/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "text.h"
#include "printable.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- columns ---- */

/* The bytes that begin it and go out as they are, a column each; most texts have no others. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] < 0x7f && text[length] != '\\')
		length++;
	return length;
}

/* What the C library says of a character's width depends on the locale, which commands leave alone:
 * it is asked in one of our own for as long as a text takes. */
struct ruler {
	locale_t own, before; /* own (locale_t)0: there is none */
};

static struct ruler take_ruler(void)
{
	struct ruler ruler = {.own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};

	if (ruler.own)
		ruler.before = uselocale(ruler.own);
	return ruler;
}

static void put_ruler_away(const struct ruler *ruler)
{
	if (!ruler->own)
		return;
	uselocale(ruler->before);
	freelocale(ruler->own);
}

static size_t width_of(const struct printable *character, const struct ruler *ruler)
{
	int width = -1;

	if (character->point < 0x80)
		return character->length;
	if (ruler->own)
		width = wcwidth((wchar_t)character->point);
	return width < 0 ? 1 : (size_t)width;
}

/* The columns of as much of the text as has room; *length is how many bytes that is. */
static size_t measure(const char *text, size_t room, size_t *length)
{
	struct ruler ruler = take_ruler();
	size_t width = 0, left = strlen(text), all = left;

	while (left > 0) {
		struct printable next = printable_first(text + all - left, left);
		size_t columns = width_of(&next, &ruler);

		if (columns > room - width)
			break;
		width += columns;
		left -= next.taken;
	}
	put_ruler_away(&ruler);
	*length = all - left;
	return width;
}

size_t text_width(const char *text)
{
	size_t plain = plain_length(text), length;

	return text[plain] ? measure(text, SIZE_MAX, &length) : plain;
}

static void write_printable(const char *text, size_t length, FILE *out)
{
	while (length > 0) {
		struct printable next = printable_first(text, length);

		fwrite_unlocked(next.text, 1, next.length, out);
		text += next.taken;
		length -= next.taken;
	}
}

size_t text_print(const char *text, size_t room, FILE *out)
{
	size_t plain = plain_length(text), length, width;

	if (!text[plain] && plain <= room)
		return fwrite_unlocked(text, 1, plain, out);
	width = measure(text, room, &length);
	if (text[length] && room > 0)
		width = measure(text, room - 1, &length) + 1;
	write_printable(text, length, out);
	if (text[length] && room > 0)
		fputc_unlocked('~', out);
	return width;
}

/* ---- lines ---- */

/* A stream without a buffer is written to in pieces of this size. */
struct piece {
	FILE *out;
	size_t length;
	char bytes[4096];
};

static void put_piece(struct piece *piece)
{
	fwrite_unlocked(piece->bytes, 1, piece->length, piece->out);
	piece->length = 0;
}

static void append(struct piece *piece, const char *bytes, size_t length)
{
	if (length > sizeof(piece->bytes) - piece->length)
		put_piece(piece);
	memcpy(piece->bytes + piece->length, bytes, length);
	piece->length += length;
}

static void append_printable(struct piece *piece, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		struct printable next = printable_first(text, left);

		append(piece, next.text, next.length);
		text += next.taken;
		left -= next.taken;
	}
}

void text_vline(FILE *out, const char *begin, const char *thing, const char *format, va_list args)
{
	struct piece piece = {.out = out, .length = 0};
	char room[512], *longer = NULL;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(room, sizeof(room), format, args);
	if (length >= (int)sizeof(room) && vasprintf(&longer, format, again) < 0)
		longer = NULL;
	va_end(again);
	if (begin) {
		append_printable(&piece, begin);
		append(&piece, " ", 1);
	}
	if (thing) {
		append_printable(&piece, thing);
		append(&piece, ": ", 2);
	}
	append_printable(&piece, longer ? longer : room);
	append(&piece, "\n", 1);
	put_piece(&piece);
	free(longer);
}

void text_line(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vline(out, NULL, NULL, format, args);
	va_end(args);
}
