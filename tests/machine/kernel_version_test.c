/* SPDX-License-Identifier: MIT */
#include "kernel_version.h"
#include "rows.h"

#include <errno.h>
#include <stdlib.h>

static const struct row {
	const char *name, *release;
	unsigned int major, minor;
	enum known before;
} rows[] = {
	{"debian-12@before", "6.1.0-56-amd64", 6, 4, KNOWN_YES},
	{"debian-12@not-before-itself", "6.1.0-56-amd64", 6, 1, KNOWN_NO},
	{"backport@two-digits-of-minor", "6.12.117+deb12-amd64", 6, 4, KNOWN_NO},
	{"major@older", "5.19.0", 6, 4, KNOWN_YES},
	{"major@newer-with-smaller-minor", "7.0.0-rc1", 6, 4, KNOWN_NO},
	{"two-numbers", "6.3", 6, 4, KNOWN_YES},
	{"suffix-at-once", "6.3-custom", 6, 4, KNOWN_YES},
	{"leading-zeros", "06.003.1", 6, 4, KNOWN_YES},
	{"none", NULL, 6, 4, KNOWN_NOT},
	{"empty", "", 6, 4, KNOWN_NOT},
	{"one-number", "6", 6, 4, KNOWN_NOT},
	{"no-minor", "6.", 6, 4, KNOWN_NOT},
	{"word-for-minor", "6.x", 6, 4, KNOWN_NOT},
	{"no-major", ".1", 6, 4, KNOWN_NOT},
	{"word", "next-20261128", 6, 4, KNOWN_NOT},
	{"sign", "-6.1", 6, 4, KNOWN_NOT},
	{"plus", "+6.1", 6, 4, KNOWN_NOT},
	{"blank-before", " 6.1", 6, 4, KNOWN_NOT},
	{"blank-between", "6. 1", 6, 4, KNOWN_NOT},
	{"too-large", "4294967302.1", 6, 4, KNOWN_NOT},
	{"too-large-minor", "6.99999999999999999999", 6, 4, KNOWN_NOT},
};

static void judge(void **state)
{
	const struct row *row = *state;
	struct facts facts = {0};
	struct kernel_version version = {77, 78};
	int err;

	assert_int_equal(facts_add_host(&facts), 0);
	assert_int_equal(facts_set_string(&facts.host->release, row->release), 0);
	assert_int_equal(kernel_is_before(facts.host, row->major, row->minor), row->before);
	facts_release(&facts);
	err = row->release ? kernel_version_parse(row->release, &version) : -EINVAL;
	assert_int_equal(err, row->before == KNOWN_NOT ? -EINVAL : 0);
	assert_int_equal(version.major == 77, row->before == KNOWN_NOT);
}

static void without_a_host(void **state)
{
	assert_int_equal(kernel_is_before(NULL, 6, 4), KNOWN_NOT);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, judge);
	suite_add(&suite, "no-host", without_a_host);
	return suite_run(&suite, "kernel_version");
}
