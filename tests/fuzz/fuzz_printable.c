/* SPDX-License-Identifier: MIT */
/*
 * Strings from outside, made printable. Whatever the bytes: what is printed is UTF-8 without a
 * control character, says which bytes it was, and names them; a copy with less room is its
 * beginning.
 */
#include "must.h"
#include "printable.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_characters(const char *text)
{
	size_t left = strlen(text), taken;
	uint32_t point = 0;

	for (; left > 0; text += taken, left -= taken) {
		taken = utf8_decode(text, left, &point);
		must(taken > 0, "it is UTF-8");
		must(point >= ' ' && (point < 0x7f || point >= 0xa0), "nothing controls");
		must(point < 0x200b || point > 0x200f, "nothing is hidden");
	}
}

/* The bytes again, in the text's place; returns how many they are. */
static size_t undo(char *text)
{
	char *in = text, *out = text;

	while (*in) {
		char digits[3] = {0};

		if (*in != '\\' || in[1] == '\\') {
			in += *in == '\\';
			*out++ = *in++;
			continue;
		}
		must(in[1] == 'x' && strspn(in + 2, "0123456789abcdef") >= 2, "two digits");
		memcpy(digits, in + 2, 2);
		*out++ = (char)strtoul(digits, NULL, 16);
		in += 4;
	}
	return (size_t)(out - text);
}

static void check_copy(const char *bytes, size_t size, const char *text)
{
	char copy[24];
	size_t length = printable_copy(bytes, size, copy, sizeof(copy));

	must(length == strlen(copy) && length < sizeof(copy), "it fits");
	must(strncmp(copy, text, length) == 0, "it is the beginning");
	must(length == strlen(text) || length + PRINTABLE_MOST >= sizeof(copy), "it is full");
	check_characters(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	char *text = printable_text(bytes, size), *name = strndup(bytes, size);
	char *of_name = printable_text(name, strlen(name));

	check_characters(text);
	check_copy(bytes, size, text);
	must(printable_names(of_name, name), "what is printed names it");
	must(undo(text) == size && memcmp(text, bytes, size) == 0, "it says which bytes it was");
	free(of_name);
	free(name);
	free(text);
	return 0;
}
