/* SPDX-License-Identifier: MIT */
/* The stateless engine: how many traces there are, and what is found in them. */
#include "explore.h"
#include "programs.h"
#include "rows.h"
#include "stateless.h"
#include "subjects.h"
#include "wrongs.h"

#include <stdlib.h>
#include <string.h>

static const struct explore_options unbounded = {.max_preemptions = -1};

static struct exploration explore(const char *pattern)
{
	struct exploration exploration;

	assert_int_equal(explore_traces(pattern_find(pattern), &unbounded, &exploration), 0);
	return exploration;
}

/* ---- numbers of traces ---- */

struct count {
	const char *name, *pattern;
	unsigned int threads, rounds;
	uint64_t traces;
};

static void test_count(void **state)
{
	const struct count *count = *state;
	struct exploration exploration;

	pattern_find(count->pattern)->thread_count = count->threads;
	pattern_rounds = count->rounds;
	exploration = explore(count->pattern);
	assert_int_equal(exploration.finding.kind, FINDING_NONE);
	assert_int_equal(exploration.bound, BOUND_NONE);
	assert_int_equal(exploration.covered.executions, count->traces);
	assert_int_equal(exploration.ends, count->traces);
	assert_int_equal(exploration.covered.redundant, 0);
	exploration_release(&exploration);
}

/*
 * N threads with k sections on one mutex: (Nk)!/(k!)^N orders. Readers of what one writes: each
 * reads before or after it. Two that try a lock which a third one takes: all get it, in 6 orders;
 * one does not while one of the 2 others has it, in 2 orders of these, 8; neither gets it, 1.
 */
static struct count counts[] = {
	{"traces@one-thread", "mutex", 1, 5, 1},
	{"traces@two-threads-one-section", "mutex", 2, 1, 2},
	{"traces@two-threads-two-sections", "mutex", 2, 2, 6},
	{"traces@two-threads-six-sections", "mutex", 2, 6, 924},
	{"traces@three-threads-one-section", "mutex", 3, 1, 6},
	{"traces@three-threads-two-sections", "mutex", 3, 2, 90},
	{"traces@three-threads-three-sections", "mutex", 3, 3, 1680},
	{"traces@four-threads-two-sections", "mutex", 4, 2, 2520},
	{"traces@seven-threads-one-section", "mutex", 7, 1, 5040},
	{"traces@independent-mutexes", "independent", 8, 4, 1},
	{"traces@two-that-try-a-taken-lock", "tries", 3, 1, 15},
	{"traces@one-that-waits-on-a-condition", "condition", 2, 1, 2},
	{"traces@one-reader", "readers", 2, 1, 2},
	{"traces@three-readers", "readers", 4, 1, 8},
	{"traces@seven-readers", "readers", 8, 1, 128},
};

/* ---- what is wrong ---- */

static const struct wrong endless[] = {
	{"finds@endless", "trylock", FINDING_ENDLESS, 100000,
	 "goes on and on without coming to an end"},
};

static void test_wrong(void **state)
{
	expect_wrong(explore_traces, *state);
}

/* ---- bounds ---- */

static struct exploration explore_bounded(const char *pattern, unsigned int threads,
					  const struct explore_options *options)
{
	struct exploration exploration;

	pattern_find(pattern)->thread_count = threads;
	assert_int_equal(explore_traces(pattern_find(pattern), options, &exploration), 0);
	return exploration;
}

/* Each thread runs to its end before another begins. */
static void test_no_preemption(void **state)
{
	const struct explore_options options = {.max_preemptions = 0};
	struct exploration exploration;

	pattern_rounds = 2;
	exploration = explore_bounded("mutex", 3, &options);
	assert_int_equal(exploration.covered.executions, 6);
	assert_int_equal(exploration.bound, BOUND_PREEMPTIONS);
	exploration_release(&exploration);
}

static void test_one_preemption(void **state)
{
	const struct explore_options none = {.max_preemptions = 0}, one = {.max_preemptions = 1};
	struct exploration without, with;

	pattern_rounds = 1;
	without = explore_bounded("lost-update", 2, &none);
	with = explore_bounded("lost-update", 2, &one);
	assert_int_equal(without.finding.kind, FINDING_NONE);
	assert_int_equal(without.bound, BOUND_PREEMPTIONS);
	assert_int_equal(with.finding.kind, FINDING_EXPECTATION);
	exploration_release(&without);
	exploration_release(&with);
}

static void test_stop(void **state)
{
	const bool stop = true;
	const struct explore_options options = {.max_preemptions = -1, .stop = &stop};
	struct exploration exploration;

	pattern_rounds = 3;
	exploration = explore_bounded("mutex", 4, &options);
	assert_int_equal(exploration.bound, BOUND_INTERRUPTED);
	assert_in_range(exploration.covered.executions, 1, 1024);
	exploration_release(&exploration);
}

/* ---- reductions against each other ---- */

/* The executions of a program, first as they came, then each trace and each end once, in order. */
struct outcomes {
	uint64_t *traces, *ends;
	size_t executions, room;
	size_t trace_count, end_count;
};

static void make_room(struct outcomes *outcomes)
{
	outcomes->room = outcomes->room ? 2 * outcomes->room : 1024;
	outcomes->traces = realloc(outcomes->traces, outcomes->room * sizeof(uint64_t));
	outcomes->ends = realloc(outcomes->ends, outcomes->room * sizeof(uint64_t));
	assert_non_null(outcomes->traces);
	assert_non_null(outcomes->ends);
}

static void note_outcome(void *context, unsigned int blocked, uint64_t trace)
{
	struct outcomes *outcomes = context;

	if (outcomes->executions == outcomes->room)
		make_room(outcomes);
	outcomes->traces[outcomes->executions] = trace;
	outcomes->ends[outcomes->executions++] = program_outcome() + blocked;
}

static int compare(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

static size_t keep_different(uint64_t *values, size_t count)
{
	size_t kept = 0;

	qsort(values, count, sizeof(*values), compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || values[i] != values[kept - 1])
			values[kept++] = values[i];
	return kept;
}

static void collect(const struct subject *program, bool spurious, enum reduction reduction,
		    struct outcomes *outcomes)
{
	const struct explore_options options = {
		.max_preemptions = -1, .keep_going = true, .spurious = spurious};
	const struct execution_visitor visitor = {note_outcome, outcomes};
	struct exploration exploration;

	outcomes->executions = 0;
	assert_int_equal(explore_schedules(program, &options, reduction, &visitor, &exploration),
			 0);
	assert_int_equal(outcomes->executions, exploration.covered.executions);
	exploration_release(&exploration);
	outcomes->trace_count = keep_different(outcomes->traces, outcomes->executions);
	outcomes->end_count = keep_different(outcomes->ends, outcomes->executions);
}

/* Whether each trace that there is was executed, and none twice, and all ends were come to. */
static bool is_each_once(const struct outcomes *reduced, const struct outcomes *all)
{
	return reduced->executions == all->trace_count &&
	       reduced->trace_count == all->trace_count && reduced->end_count == all->end_count &&
	       memcmp(reduced->traces, all->traces, all->trace_count * sizeof(uint64_t)) == 0 &&
	       memcmp(reduced->ends, all->ends, all->end_count * sizeof(uint64_t)) == 0;
}

static void compare_reductions(unsigned int number, struct outcomes outcomes[REDUCTION_NONE + 1])
{
	const struct subject *program = program_make(number);
	const struct outcomes *all = &outcomes[REDUCTION_NONE];

	for (enum reduction i = REDUCTION_SOURCE_DPOR; i <= REDUCTION_NONE; i++)
		collect(program, number % 4 == 0, i, &outcomes[i]);
	for (enum reduction i = REDUCTION_SOURCE_DPOR; i < REDUCTION_NONE; i++) {
		if (is_each_once(&outcomes[i], all))
			continue;
		program_print(stderr);
		fail_msg("program %u, reduction %d: %zu executions of %zu traces; there are %zu",
			 number, (int)i, outcomes[i].executions, outcomes[i].trace_count,
			 all->trace_count);
	}
}

#define PROGRAMS 3000

static void test_programs(void **state)
{
	struct outcomes outcomes[REDUCTION_NONE + 1] = {0};

	for (unsigned int number = 0; number < PROGRAMS; number++)
		compare_reductions(number, outcomes);
	for (enum reduction i = REDUCTION_SOURCE_DPOR; i <= REDUCTION_NONE; i++) {
		free(outcomes[i].traces);
		free(outcomes[i].ends);
	}
}

static const struct CMUnitTest others[] = {
	{"bound@no-preemption", test_no_preemption, NULL, NULL, NULL},
	{"bound@one-preemption", test_one_preemption, NULL, NULL, NULL},
	{"bound@stopped", test_stop, NULL, NULL, NULL},
	{"programs@reductions-agree", test_programs, NULL, NULL, NULL},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, counts, test_count);
	ADD_ROWS(&suite, wrongs, test_wrong);
	ADD_ROWS(&suite, endless, test_wrong);
	ADD_TESTS(&suite, others);
	return suite_run(&suite, "stateless");
}
