/* SPDX-License-Identifier: MIT */
#include "parallel.h"
#include "rows.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MOST = 10000 };

struct row {
	const char *name;
	size_t count;
	bool no_threads;
};

static const struct row rows[] = {
	{"parallel@nothing", 0, false},           {"parallel@one", 1, false},
	{"parallel@too-few-for-two", 511, false}, {"parallel@two", 512, false},
	{"parallel@many", MOST, false},           {"parallel@threads-cannot-be-had", MOST, true},
};

static bool no_threads;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*begin)(void *argument), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*begin)(void *argument), void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  void *(*begin)(void *argument), void *argument)
{
	return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, begin, argument);
}

static int count_visit(void *context, size_t place)
{
	unsigned char *visits = context;

	visits[place]++;
	return 0;
}

static void each_place_is_visited_once(void **state)
{
	static unsigned char visits[MOST + 1];
	const struct row *row = *state;

	memset(visits, 0, sizeof(visits));
	no_threads = row->no_threads;
	assert_int_equal(parallel_for(row->count, count_visit, visits), 0);
	no_threads = false;
	for (size_t i = 0; i <= MOST; i++)
		assert_int_equal(visits[i], i < row->count);
}

struct failing {
	size_t at;
	atomic_size_t visits;
};

static int fail_at(void *context, size_t place)
{
	struct failing *failing = context;

	failing->visits++;
	return place == failing->at ? -EIO : 0;
}

static void a_failure_is_the_result_and_the_end(void **state)
{
	struct failing failing = {.at = 100};

	assert_int_equal(parallel_for(SIZE_MAX / 2, fail_at, &failing), -EIO);
	assert_true(failing.visits < SIZE_MAX / 4);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(a_failure_is_the_result_and_the_end),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, each_place_is_visited_once);
	return suite_run(&suite, "parallel");
}
