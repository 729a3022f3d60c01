/* SPDX-License-Identifier: MIT */
/* Names of errnos are the C library's, and each names its errno back. */
#define _GNU_SOURCE
#include "errname.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *expected(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

static void names_are_those_of_the_c_library(void **state)
{
	for (int err = 0; err < 512; err++) {
		assert_string_equal(errno_name(err), expected(err));
		assert_string_equal(errno_name(-err), expected(err));
	}
}

static void a_name_names_its_errno(void **state)
{
	for (int err = 0; err < 512; err++) {
		int found = -1;

		if (strerrorname_np(err)) {
			assert_int_equal(errno_from_name(strerrorname_np(err), &found), 0);
			assert_int_equal(found, err);
		}
	}
}

static void the_kernels_own_is_known(void **state)
{
	int found = -1;

	assert_string_equal(errno_name(-EPROBE_DEFER), "EPROBE_DEFER");
	assert_int_equal(errno_from_name("EPROBE_DEFER", &found), 0);
	assert_int_equal(found, EPROBE_DEFER);
}

static void what_is_no_errno_has_no_name(void **state)
{
	assert_string_equal(errno_name(INT_MAX), "E?");
	assert_string_equal(errno_name(INT_MIN), "E?");
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const no_names[] = {"", "E?", "EPER", "EPERMM", "eperm", "1", "00"};
	int found = -1;

	for (size_t i = 0; i < sizeof(no_names) / sizeof(*no_names); i++) {
		assert_int_equal(errno_from_name(no_names[i], &found), -EINVAL);
		assert_int_equal(found, -1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_c_library),
		cmocka_unit_test(a_name_names_its_errno),
		cmocka_unit_test(the_kernels_own_is_known),
		cmocka_unit_test(what_is_no_errno_has_no_name),
		cmocka_unit_test(what_is_no_name_is_refused),
	};

	return cmocka_run_group_tests_name("errname", tests, NULL, NULL);
}
