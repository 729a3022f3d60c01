/* SPDX-License-Identifier: MIT */
/* The stateful engine: how many states there are, and what is found in them and after how many
 * steps. */
#include "explore.h"
#include "rows.h"
#include "subjects.h"
#include "wrongs.h"

#include <stdlib.h>
#include <string.h>

static struct exploration explore(const char *pattern, const struct explore_options *options)
{
	static const struct explore_options unbounded = {.max_preemptions = -1};
	struct exploration exploration;

	assert_int_equal(
		explore_states(pattern_find(pattern), options ? options : &unbounded, &exploration),
		0);
	return exploration;
}

/* ---- numbers of states ---- */

struct closed_form {
	const char *name;
	unsigned int threads, rounds;
};

static uint64_t power(uint64_t base, unsigned int exponent)
{
	return exponent ? base * power(base, exponent - 1) : 1;
}

static void test_closed_form(void **state)
{
	const struct closed_form *form = *state;
	unsigned int n = form->threads, k = form->rounds;
	struct exploration exploration;

	pattern_find("mutex")->thread_count = n;
	pattern_rounds = k;
	exploration = explore("mutex", NULL);
	assert_int_equal(exploration.finding.kind, FINDING_NONE);
	assert_int_equal(exploration.covered.states, power(k + 1, n) + n * k * power(k + 1, n - 1));
	assert_int_equal(exploration.ends, 1);
	exploration_release(&exploration);
}

static struct closed_form forms[] = {
	{"states@one-thread", 1, 3},
	{"states@two-threads-one-section", 2, 1},
	{"states@two-threads-four-sections", 2, 4},
	{"states@three-threads-three-sections", 3, 3},
	{"states@five-threads-two-sections", 5, 2},
	{"states@eight-threads-one-section", 8, 1},
};

/* ---- what is wrong ---- */

static const struct wrong endless[] = {
	{"finds@endless-unfair", "trylock", FINDING_ENDLESS, 3,
	 "goes round for ever, 1 steps a round, as long as nothing is done by a"},
};

static void test_wrong(void **state)
{
	expect_wrong(explore_states, *state);
}

static void test_nothing_wrong(void **state)
{
	struct exploration exploration = explore("condition", NULL);

	assert_int_equal(exploration.finding.kind, FINDING_NONE);
	assert_int_equal(exploration.bound, BOUND_NONE);
	exploration_release(&exploration);
}

static void test_spurious(void **state)
{
	const struct explore_options spurious = {.spurious = true, .max_preemptions = -1};
	struct exploration without = explore("condition", NULL);
	struct exploration with = explore("condition", &spurious);

	assert_int_equal(with.finding.kind, FINDING_ENDLESS);
	assert_true(with.covered.states > without.covered.states);
	exploration_release(&without);
	exploration_release(&with);
}

static void test_bound(void **state)
{
	const struct explore_options few = {.max_states = 10, .max_preemptions = -1};
	struct exploration exploration;

	pattern_find("mutex")->thread_count = 3;
	pattern_rounds = 3;
	exploration = explore("mutex", &few);
	assert_int_equal(exploration.bound, BOUND_STATES);
	assert_true(exploration.covered.states >= 10);
	exploration_release(&exploration);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, forms, test_closed_form);
	ADD_ROWS(&suite, wrongs, test_wrong);
	ADD_ROWS(&suite, endless, test_wrong);
	suite_add(&suite, "condition@nothing-wrong", test_nothing_wrong);
	suite_add(&suite, "condition@spurious-wake-ups", test_spurious);
	suite_add(&suite, "bound@states", test_bound);
	return suite_run(&suite, "stateful");
}
