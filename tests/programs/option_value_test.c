/* SPDX-License-Identifier: MIT */
/* What the value of an option means, and what is said of one that means nothing. */
#include "complain.h"
#include "option_value.h"
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TIME, SIZE, LIMIT, NUMBER };

struct row {
	const char *name;
	enum kind kind;
	const char *text;
	uint64_t value;
	const char *said; /* NULL: nothing, and the value is that */
};

#define DAY (24 * HOUR)
#define NO_TIME "is not a time from 0 to 24h (write 500ms, 5s, 2m, 1h or a number of seconds)"
#define NO_SIZE "is not a size (write 512M, 2G or a number of bytes)"
#define NO_LIMIT "is not a size (write 512M, 2G, a number of bytes, or unlimited)"
#define NO_NUMBER "is not a number from 1 to 7"
#define SIZE_MOST (1ULL << 62)

static const struct row rows[] = {
	{"time@a-number-is-of-seconds", TIME, "5", 5000, NULL},
	{"time@milliseconds", TIME, "500ms", 500, NULL},
	{"time@seconds", TIME, "5s", 5000, NULL},
	{"time@minutes", TIME, "2m", 120000, NULL},
	{"time@hours", TIME, "24h", DAY, NULL},
	{"time@none-to-wait", TIME, "0", 0, NULL},
	{"time@leading-zeros", TIME, "005", 5000, NULL},
	{"time@the-longest", TIME, "86400", DAY, NULL},
	{"time@too-long", TIME, "86401", 0, "'86401' " NO_TIME},
	{"time@too-long-by-a-millisecond", TIME, "86400001ms", 0, "'86400001ms' " NO_TIME},
	{"time@more-than-a-number-holds", TIME, "99999999999999999999", 0,
	 "'99999999999999999999' " NO_TIME},
	{"time@more-than-a-number-holds-with-its-unit", TIME, "18446744073709551615h", 0,
	 "'18446744073709551615h' " NO_TIME},
	{"time@word", TIME, "soon", 0, "'soon' " NO_TIME},
	{"time@empty", TIME, "", 0, "'' " NO_TIME},
	{"time@unit-alone", TIME, "ms", 0, "'ms' " NO_TIME},
	{"time@negative", TIME, "-1", 0, "'-1' " NO_TIME},
	{"time@sign", TIME, "+1", 0, "'+1' " NO_TIME},
	{"time@blank-before", TIME, " 1", 0, "' 1' " NO_TIME},
	{"time@blank-before-the-unit", TIME, "1 s", 0, "'1 s' " NO_TIME},
	{"time@two-units", TIME, "1ms2", 0, "'1ms2' " NO_TIME},
	{"time@capital", TIME, "1S", 0, "'1S' " NO_TIME},
	{"time@unit-of-a-size", TIME, "1K", 0, "'1K' " NO_TIME},
	{"time@fraction", TIME, "0.5s", 0, "'0.5s' " NO_TIME},
	{"time@hexadecimal", TIME, "0x1", 0, "'0x1' " NO_TIME},
	{"size@bytes", SIZE, "4096", 4096, NULL},
	{"size@K", SIZE, "2K", 2048, NULL},
	{"size@M", SIZE, "512M", 512ULL << 20, NULL},
	{"size@G", SIZE, "2G", 2ULL << 30, NULL},
	{"size@T", SIZE, "1T", 1ULL << 40, NULL},
	{"size@the-least", SIZE, "1", 1, NULL},
	{"size@less", SIZE, "0", 0, "'0' " NO_SIZE},
	{"size@more-than-a-number-holds-with-its-unit", SIZE, "16777216T", 0,
	 "'16777216T' " NO_SIZE},
	{"size@unit-of-nothing", SIZE, "5X", 0, "'5X' " NO_SIZE},
	{"size@two-letters", SIZE, "2GB", 0, "'2GB' " NO_SIZE},
	{"size@unlimited-is-none", SIZE, "unlimited", 0, "'unlimited' " NO_SIZE},
	{"limit@unlimited", LIMIT, "unlimited", UNLIMITED, NULL},
	{"limit@size", LIMIT, "2M", 2ULL << 20, NULL},
	{"limit@none", LIMIT, "0", 0, NULL},
	{"limit@as-much-as-unlimited", LIMIT, "18446744073709551615", 0,
	 "'18446744073709551615' " NO_LIMIT},
	{"limit@empty", LIMIT, "", 0, "'' " NO_LIMIT},
	{"number@the-least", NUMBER, "1", 1, NULL},
	{"number@the-most", NUMBER, "7", 7, NULL},
	{"number@less", NUMBER, "0", 0, "'0' " NO_NUMBER},
	{"number@more", NUMBER, "8", 0, "'8' " NO_NUMBER},
	{"number@unit", NUMBER, "1K", 0, "'1K' " NO_NUMBER},
	{"number@empty", NUMBER, "", 0, "'' " NO_NUMBER},
};

static char said[512];

int complain(enum exit_code code, const char *thing, const char *format, ...)
{
	va_list args;

	assert_int_equal(code, EXIT_USAGE);
	assert_string_equal(thing, "--option");
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return code;
}

static bool read_row(const struct row *row, uint64_t *value)
{
	switch (row->kind) {
	case TIME:
		return read_time("--option", row->text, 0, DAY, value);
	case SIZE:
		return read_size("--option", row->text, 1, SIZE_MOST, value);
	case LIMIT:
		return read_limit("--option", row->text, value);
	case NUMBER:
		return read_number("--option", row->text, 1, 7, value);
	}
	return false;
}

static void check_row(void **state)
{
	const struct row *row = *state;
	uint64_t value = 77;

	said[0] = '\0';
	assert_int_equal(read_row(row, &value), !row->said);
	assert_string_equal(said, row->said ? row->said : "");
	assert_int_equal(value, row->said ? 77 : row->value);
}

/* ---- names and words ---- */

#define NAME_21 "abcdefghijklmnopqrstu"
#define NO_NAME "is not a name (write 1 to 63 printable characters, without a blank)"

static void check_names(void **state)
{
	static const struct {
		const char *text, *said;
	} names[] = {
		{"vfio-pci", ""},
		{NAME_21 NAME_21 NAME_21, ""},
		{NAME_21 NAME_21 NAME_21 "v", "'" NAME_21 NAME_21 NAME_21 "v' " NO_NAME},
		{"", "'' " NO_NAME},
		{"a b", "'a b' " NO_NAME},
		{"a\n", "'a\n' " NO_NAME},
		{"a\x1b[31m", "'a\x1b[31m' " NO_NAME},
		{"\xff", "'\xff' " NO_NAME},
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *name = NULL;

		said[0] = '\0';
		assert_int_equal(read_name("--option", names[i].text, &name), !*names[i].said);
		assert_string_equal(said, names[i].said);
		assert_ptr_equal(name, *names[i].said ? NULL : names[i].text);
	}
}

static void check_words(void **state)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	size_t place = 77;

	said[0] = '\0';
	assert_false(read_word("--option", "alway", words, &place));
	assert_string_equal(said, "'alway' is none of auto, always, never");
	assert_int_equal(place, 77);
	assert_true(read_word("--option", "never", words, &place));
	assert_int_equal(place, 2);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, check_row);
	suite_add(&suite, "names", check_names);
	suite_add(&suite, "words", check_words);
	return suite_run(&suite, "option_value");
}
