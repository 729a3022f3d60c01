/* SPDX-License-Identifier: MIT */
#include "printable.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/*
 * Control characters; Unicode's Default_Ignorable_Code_Point (soft hyphen, joiners, marks and
 * overrides of direction, fillers, selectors of variants, tags), of which nothing is seen;
 * separators of lines and paragraphs; marks of annotation; noncharacters, but for the last two of
 * each plane.
 */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
	{0x061c, 0x061c}, {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
	{0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
	{0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
	{0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_hidden(uint32_t point)
{
	if ((point & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden) && hidden[i].first <= point; i++) {
		if (point <= hidden[i].last)
			return true;
	}
	return false;
}

static void append_escape(struct printable *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

	memcpy(out->text + out->length, escape, sizeof(escape));
	out->length += sizeof(escape);
}

struct printable printable_first(const char *bytes, size_t count)
{
	struct printable first = {.length = 0};
	uint32_t point = 0;
	size_t length = utf8_decode(bytes, count, &point);

	first.taken = length ? length : 1;
	if (length && !is_hidden(point) && point != '\\') {
		memcpy(first.text, bytes, length);
		first.length = length;
		first.point = point;
	} else if (length && point == '\\') {
		memcpy(first.text, "\\\\", 2);
		first.length = 2;
	} else {
		for (size_t i = 0; i < first.taken; i++)
			append_escape(&first, (unsigned char)bytes[i]);
	}
	return first;
}

size_t printable_copy(const char *bytes, size_t count, char *out, size_t size)
{
	size_t length = 0;

	while (count > 0) {
		struct printable next = printable_first(bytes, count);

		if (next.length >= size - length)
			break;
		memcpy(out + length, next.text, next.length);
		length += next.length;
		bytes += next.taken;
		count -= next.taken;
	}
	out[length] = '\0';
	return length;
}

/* No byte becomes more than four. */
char *printable_text(const char *bytes, size_t count)
{
	size_t size = 4 * count + 1;
	char *text = count < SIZE_MAX / 4 ? malloc(size) : NULL;

	if (text)
		printable_copy(bytes, count, text, size);
	return text;
}

bool printable_names(const char *given, const char *name)
{
	size_t left = strlen(name), given_left = strlen(given);

	if (strcmp(given, name) == 0)
		return true;
	while (left > 0) {
		struct printable next = printable_first(name, left);

		if (next.length > given_left || memcmp(given, next.text, next.length) != 0)
			return false;
		given += next.length;
		given_left -= next.length;
		name += next.taken;
		left -= next.taken;
	}
	return given_left == 0;
}
