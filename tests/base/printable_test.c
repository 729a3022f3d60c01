/* SPDX-License-Identifier: MIT */
/* What strings from outside are printed as: any bytes become one line of visible UTF-8. */
#define _GNU_SOURCE
#include "printable.h"
#include "rows.h"
#include "text.h"
#include "utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what becomes of bytes ---- */

struct row {
	const char *name, *bytes, *expected;
};

static const struct row rows[] = {
	{"stays@nothing", "", ""},
	{"stays@ascii", "eth0: up, 10.0.0.2/24 ~!\"'", "eth0: up, 10.0.0.2/24 ~!\"'"},
	{"stays@letters", "\xc3\xa4\xc3\xb6\xc3\xbc \xce\xb1 \xd0\xb6",
	 "\xc3\xa4\xc3\xb6\xc3\xbc \xce\xb1 \xd0\xb6"},
	{"stays@letters-that-run-to-the-left", "\xd7\xa9\xd9\x85", "\xd7\xa9\xd9\x85"},
	{"stays@wide", "\xe7\xbd\x91\xed\x95\x9c", "\xe7\xbd\x91\xed\x95\x9c"},
	{"stays@beyond-16-bits", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	{"stays@mark-on-a-letter", "e\xcc\x81", "e\xcc\x81"},
	{"stays@registered", "Intel\xc2\xae", "Intel\xc2\xae"},

	{"control@newline", "a\nb", "a\\x0ab"},
	{"control@tab-and-return", "\t\r", "\\x09\\x0d"},
	{"control@bell", "\a", "\\x07"},
	{"control@escape", "\033[31m", "\\x1b[31m"},
	{"control@title", "\033]0;PWN\007", "\\x1b]0;PWN\\x07"},
	{"control@delete", "\x7f", "\\x7f"},
	{"control@c1", "\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f"},
	{"control@next-line", "\xc2\x85", "\\xc2\\x85"},

	{"hidden@soft-hyphen", "\xc2\xad", "\\xc2\\xad"},
	{"hidden@zero-width-space", "\xe2\x80\x8b", "\\xe2\\x80\\x8b"},
	{"hidden@mark-of-direction", "\xe2\x80\x8f", "\\xe2\\x80\\x8f"},
	{"hidden@arabic-mark-of-direction", "\xd8\x9c", "\\xd8\\x9c"},
	{"hidden@line-separator", "\xe2\x80\xa8", "\\xe2\\x80\\xa8"},
	{"hidden@paragraph-separator", "\xe2\x80\xa9", "\\xe2\\x80\\xa9"},
	{"hidden@override-of-direction", "\xe2\x80\xae", "\\xe2\\x80\\xae"},
	{"hidden@word-joiner", "\xe2\x81\xa0", "\\xe2\\x81\\xa0"},
	{"hidden@isolate", "\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
	{"hidden@byte-order-mark", "\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
	{"hidden@annotation", "\xef\xbf\xb9", "\\xef\\xbf\\xb9"},
	{"hidden@tag", "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},
	{"hidden@selector-of-a-variant", "\xef\xb8\x8f", "\\xef\\xb8\\x8f"},
	{"hidden@hangul-filler", "\xe3\x85\xa4", "\\xe3\\x85\\xa4"},
	{"hidden@next-to-them", "\xe2\x80\x90\xe2\x80\xaf\xe2\x80\xa7",
	 "\xe2\x80\x90\xe2\x80\xaf\xe2\x80\xa7"},

	{"none@end-of-a-plane", "\xef\xbf\xbe\xef\xbf\xbf", "\\xef\\xbf\\xbe\\xef\\xbf\\xbf"},
	{"none@last-of-all", "\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf"},
	{"none@in-the-middle", "\xef\xb7\x90", "\\xef\\xb7\\x90"},
	{"stays@replacement", "\xef\xbf\xbd", "\xef\xbf\xbd"},

	{"bytes@high", "\xff", "\\xff"},
	{"bytes@latin-1", "caf\xe9", "caf\\xe9"},
	{"bytes@continuation-alone", "\x9b", "\\x9b"},
	{"bytes@cut-off", "a\xe2\x82", "a\\xe2\\x82"},
	{"bytes@cut-off-before-text", "\xf0\x9f\x98z", "\\xf0\\x9f\\x98z"},
	{"bytes@begun-anew", "\xe2\xc3\xa4", "\\xe2\xc3\xa4"},
	{"bytes@too-long-form-of-a-slash", "\xc0\xaf", "\\xc0\\xaf"},
	{"bytes@too-long-form-of-escape", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
	{"bytes@half-of-a-pair", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"bytes@beyond-the-last", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},

	{"backslash@alone", "\\", "\\\\"},
	{"backslash@what-looks-escaped", "\\x1b", "\\\\x1b"},
	{"backslash@before-a-control", "\\\033", "\\\\\\x1b"},
};

static void becomes(void **state)
{
	const struct row *row = *state;
	char *text = printable_text(row->bytes, strlen(row->bytes));

	assert_string_equal(text, row->expected);
	assert_true(printable_names(text, row->bytes));
	assert_true(printable_names(row->bytes, row->bytes));
	free(text);
}

static void a_nul_among_the_bytes_is_one_of_them(void **state)
{
	char *text = printable_text("a\0b", 3);

	assert_string_equal(text, "a\\x00b");
	free(text);
}

/* ---- what is bounded ---- */

static void a_copy_ends_between_characters(void **state)
{
	static const char bytes[] = "ab\xc3\xa4\033z";
	static const char *const expected[] = {"",
					       "",
					       "a",
					       "ab",
					       "ab",
					       "ab\xc3\xa4",
					       "ab\xc3\xa4",
					       "ab\xc3\xa4",
					       "ab\xc3\xa4",
					       "ab\xc3\xa4\\x1b",
					       "ab\xc3\xa4\\x1bz",
					       "ab\xc3\xa4\\x1bz"};

	for (size_t size = 1; size < COUNT(expected); size++) {
		char out[16];
		size_t length;

		memset(out, '#', sizeof(out));
		length = printable_copy(bytes, strlen(bytes), out, size);
		assert_string_equal(out, expected[size]);
		assert_int_equal(length, strlen(out));
		assert_int_equal(out[size], '#');
	}
}

static void only_it_and_what_was_printed_is_its_name(void **state)
{
	assert_false(printable_names("a", "ab"));
	assert_false(printable_names("ab", "a"));
	assert_false(printable_names("\\x1", "\033"));
	assert_false(printable_names("\\x1B", "\033"));
	assert_false(printable_names("", "a"));
	assert_true(printable_names("", ""));
	assert_false(printable_names("?", "\033"));
}

/* ---- all of them ---- */

static size_t encode(uint32_t point, char out[4])
{
	static const unsigned char begins[] = {[2] = 0xc0, [3] = 0xe0, [4] = 0xf0};
	size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	if (length == 1) {
		*out = (char)point;
		return 1;
	}
	for (size_t i = length; i-- > 1; point >>= 6)
		out[i] = (char)(0x80 | (point & 0x3f));
	*out = (char)(begins[length] | point);
	return length;
}

/* Each stays or becomes ASCII, and says which bytes it was. */
static void each_character_stays_or_is_spelled_out(void **state)
{
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		char bytes[4];
		size_t length = encode(point, bytes);
		struct printable made = printable_first(bytes, length);
		bool pair = point >= 0xd800 && point <= 0xdfff;

		assert_int_equal(made.taken, pair ? 1 : length);
		if (made.point) {
			assert_int_equal(made.point, point);
			assert_int_equal(made.length, length);
			assert_memory_equal(made.text, bytes, length);
			assert_true(point >= ' ' && (point < 0x7f || point >= 0xa0) && !pair);
			continue;
		}
		for (size_t i = 0; i < made.length; i++)
			assert_in_range(made.text[i], '!', '~');
		assert_int_equal(made.length, point == '\\' ? 2 : 4 * made.taken);
	}
}

/* ---- columns and lines ---- */

struct cell {
	const char *name, *text;
	size_t room;
	const char *expected;
	size_t width;
};

static const struct cell cells[] = {
	{"cell@fits", "abc", 3, "abc", 3},
	{"cell@cut", "abcd", 3, "ab~", 3},
	{"cell@one-column", "abcd", 1, "~", 1},
	{"cell@no-room", "abcd", 0, "", 0},
	{"cell@characters-not-bytes", "\xc3\xa4\xc3\xb6", 2, "\xc3\xa4\xc3\xb6", 2},
	{"cell@cut-between-characters", "\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4~", 2},
	{"cell@escaped", "a\033", 5, "a\\x1b", 5},
	{"cell@no-part-of-what-is-escaped", "a\033b", 5, "a~", 2},
	{"cell@wide", "\xe7\xbd\x91z", 3, "\xe7\xbd\x91z", 3},
	{"cell@wide-cut", "\xe7\xbd\x91\xe7\xbd\x91", 3, "\xe7\xbd\x91~", 3},
	{"cell@wide-beside-its-room", "z\xe7\xbd\x91\xe7\xbd\x91", 3, "z~", 2},
	{"cell@mark", "e\xcc\x81z", 2, "e\xcc\x81z", 2},
};

static void has_room(void **state)
{
	const struct cell *cell = *state;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	size_t width = text_print(cell->text, cell->room, out);

	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, cell->expected);
	assert_int_equal(width, cell->width);
	free(text);
}

static char *line_of(const char *begin, const char *thing, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	va_start(args, format);
	text_vline(out, begin, thing, format, args);
	va_end(args);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void a_line_is_one_line(void **state)
{
	char *text = line_of("dmaown:", "a\nb", "in use: %s (%d)", "\033[31m\xff", 7);

	assert_string_equal(text, "dmaown: a\\x0ab: in use: \\x1b[31m\\xff (7)\n");
	free(text);
	text = line_of(NULL, NULL, "%s", "");
	assert_string_equal(text, "\n");
	free(text);
}

/* What matters may stand at the end. */
static void a_line_is_whole_however_long(void **state)
{
	for (size_t length = 500; length < 20000; length = length * 5 / 4) {
		char *long_name = malloc(length + 1), *text;

		memset(long_name, '\n', length);
		long_name[length] = '\0';
		text = line_of("dmaown:", long_name, "%s (do it)", long_name);
		assert_int_equal(strlen(text),
				 8 * length + strlen("dmaown: : ") + strlen(" (do it)\n"));
		assert_string_equal(text + strlen(text) - strlen(" (do it)\n"), " (do it)\n");
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		free(long_name);
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(a_nul_among_the_bytes_is_one_of_them),
		cmocka_unit_test(a_copy_ends_between_characters),
		cmocka_unit_test(only_it_and_what_was_printed_is_its_name),
		cmocka_unit_test(each_character_stays_or_is_spelled_out),
		cmocka_unit_test(a_line_is_one_line),
		cmocka_unit_test(a_line_is_whole_however_long),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, becomes);
	ADD_ROWS(&suite, cells, has_room);
	return suite_run(&suite, "printable");
}
