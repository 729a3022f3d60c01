/* SPDX-License-Identifier: MIT */
/* Which word is taken for the one that was meant. */
#include "nearest.h"
#include "rows.h"

static const char *const words[] = {"claim", "claims", "list",   "release", "recover",
				    "plan",  "run",    "doctor", NULL};

static const struct row {
	const char *name, *text, *nearest;
} rows[] = {
	{"nearest@the-word-itself", "list", "list"},
	{"nearest@swapped", "lsit", "list"},
	{"nearest@missing", "docor", "doctor"},
	{"nearest@added", "releaase", "release"},
	{"nearest@another", "plam", "plan"},
	{"nearest@too-many-letters-are-others", "rexxxse", NULL},
	{"nearest@the-first-of-two", "claix", "claim"},
	{"nearest@the-nearer-of-two", "claimss", "claims"},
	{"nearest@two-of-seven", "relaese", "release"},
	{"nearest@short-words-want-more", "ran", "run"},
	{"nearest@short-words-are-not-each-other", "rot", NULL},
	{"nearest@nothing", "", NULL},
	{"nearest@longest", "abcdefghijklmnopqrstuvwxyz01234", NULL},
	{"nearest@longer-than-any", "abcdefghijklmnopqrstuvwxyz012345", NULL},
	{"nearest@bytes", "\xff\x01", NULL},
};

static void is_nearest(void **state)
{
	const struct row *row = *state;
	const char *found = nearest_word(row->text, words);

	if (row->nearest) {
		assert_non_null(found);
		assert_string_equal(found, row->nearest);
	} else {
		assert_null(found);
	}
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, is_nearest);
	return suite_run(&suite, "nearest");
}
