/* SPDX-License-Identifier: MIT */
/*
 * The suite of a test program: cases that stand alone, and one for each row of a table. A row is a
 * struct that begins with the name of its case; its test finds it as *state.
 */
#ifndef DMAOWN_TESTS_ROWS_H
#define DMAOWN_TESTS_ROWS_H

#include "array.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Begins as {0}; suite_run() ends it. */
struct suite {
	struct CMUnitTest *tests;
	size_t count;
};

static inline void suite_add_test(struct suite *suite, struct CMUnitTest test)
{
	struct CMUnitTest *tests = array_with_room(suite->tests, suite->count, sizeof(test));

	if (!tests)
		abort();
	suite->tests = tests;
	suite->tests[suite->count++] = test;
}

static inline void suite_add_tests(struct suite *suite, const struct CMUnitTest *tests,
				   size_t count)
{
	for (size_t i = 0; i < count; i++)
		suite_add_test(suite, tests[i]);
}

static inline void suite_add_row(struct suite *suite, const char *name, CMUnitTestFunction test,
				 const void *row)
{
	suite_add_test(suite, (struct CMUnitTest) {.name = name,
						   .test_func = test,
						   .initial_state = (void *)(uintptr_t)row});
}

static inline void suite_add(struct suite *suite, const char *name, CMUnitTestFunction test)
{
	suite_add_row(suite, name, test, NULL);
}

/* Adds a test like `like` for each of `count` rows of `size` bytes, the first of which begins with
 * `names`. */
static inline void suite_add_rows(struct suite *suite, const char *const *names, size_t count,
				  size_t size, struct CMUnitTest like)
{
	const char *row = (const char *)names;

	for (size_t i = 0; i < count; i++, row += size) {
		like.name = *(const char *const *)row;
		like.initial_state = (void *)(uintptr_t)row;
		suite_add_test(suite, like);
	}
}

/* Each row between what sets up and what tears down; both see the row as *state. */
#define ADD_ROWS_BETWEEN(suite, table, function, set_up, tear_down)                                \
	do {                                                                                       \
		_Static_assert(offsetof(__typeof__((table)[0]), name) == 0, "begins with name");   \
		suite_add_rows(suite, &(table)[0].name, COUNT(table), sizeof((table)[0]),          \
			       (struct CMUnitTest) {NULL, function, set_up, tear_down, NULL});     \
	} while (0)
#define ADD_ROWS(suite, table, function) ADD_ROWS_BETWEEN(suite, table, function, NULL, NULL)
#define ADD_TESTS(suite, tests) suite_add_tests(suite, tests, COUNT(tests))

/* Runs what was added, between what sets up and what tears down the whole. Returns what main()
 * does: 0 if every case passed. */
static inline int suite_run_between(struct suite *suite, const char *name, CMFixtureFunction set_up,
				    CMFixtureFunction tear_down)
{
	int failed = _cmocka_run_group_tests(name, suite->tests, suite->count, set_up, tear_down);

	free(suite->tests);
	*suite = (struct suite) {0};
	return failed;
}

static inline int suite_run(struct suite *suite, const char *name)
{
	return suite_run_between(suite, name, NULL, NULL);
}

#endif
