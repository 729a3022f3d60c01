/* SPDX-License-Identifier: MIT */
#include "wrongs.h"

#include "subjects.h"

const struct wrong wrongs[] = {
	{"finds@deadlock", "order", FINDING_DEADLOCK, 2,
	 "a waits for other lock, which b holds; b waits for lock, which a holds"},
	{"finds@lost-wake-up", "lost-wake-up", FINDING_LOST_WAKE_UP, 5,
	 "a sleeps on condition and nobody is left to wake it"},
	{"finds@use-after-free", "use-after-free", FINDING_USE_AFTER_FREE, 5,
	 "a frees memory and b writes it, in no order"},
	{"finds@data-race", "data-race", FINDING_DATA_RACE, 3,
	 "a reads counter and b writes it, in no order"},
	{"finds@leak", "leak", FINDING_LEAK, 10, "is still allocated when all is torn down"},
	{"finds@double-free", "double-free", FINDING_BAD_FREE, 4,
	 "a frees memory and b frees it, in no order"},
	{"finds@lock-dropped-by-another", "drops-foreign", FINDING_LOCK_MISUSE, 1,
	 "drops a lock that it does not hold"},
	{"finds@lock-taken-twice", "takes-twice", FINDING_LOCK_MISUSE, 2,
	 "takes a lock that it holds"},
	{"finds@invariant", "invariant", FINDING_INVARIANT, 6, "the counter has come to 3"},
	{"finds@expectation-at-the-end", "lost-update", FINDING_EXPECTATION, 4,
	 "an update was lost"},
};

void expect_wrong(engine_fn *engine, const struct wrong *wrong)
{
	const struct explore_options unbounded = {.max_preemptions = -1};
	struct exploration exploration;

	pattern_rounds = 1;
	assert_int_equal(engine(pattern_find(wrong->pattern), &unbounded, &exploration), 0);
	assert_string_equal(finding_name(exploration.finding.kind), finding_name(wrong->kind));
	assert_string_equal(exploration.finding.text, wrong->text);
	assert_int_equal(exploration.length, wrong->steps);
	exploration_release(&exploration);
}
