/* SPDX-License-Identifier: MIT */
/* Schedules as text, and as what their steps do: where, under which locks, and how it ends. */
#include "rows.h"
#include "schedule.h"
#include "shown_subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- as text ---- */

struct text_case {
	const char *name, *text;
	unsigned int threads;
	const char *is; /* a letter a step, or what is wrong with it */
};

static void test_round_trip(void **state)
{
	const struct text_case *expected = *state;
	size_t length;
	uint8_t *schedule;
	char *why = NULL, *again;

	assert_int_equal(
		schedule_parse(expected->text, expected->threads, &schedule, &length, &why), 0);
	assert_null(why);
	assert_int_equal(length, strlen(expected->is));
	for (size_t i = 0; i < length; i++)
		assert_int_equal(schedule[i], expected->is[i] - 'a');
	again = schedule_to_text(schedule, length);
	assert_string_equal(again, expected->text);
	free(again);
	free(schedule);
}

static const struct text_case round_trips[] = {
	{"text@one-step", "a", 1, "a"},
	{"text@steps-of-one-thread", "a3", 1, "aaa"},
	{"text@switches", "a3ba2", 2, "aaabaa"},
	{"text@more-than-nine", "b12a", 2, "bbbbbbbbbbbba"},
	{"text@last-thread", "ah2", 8, "ahh"},
};

static void test_refusal(void **state)
{
	const struct text_case *expected = *state;
	uint8_t untouched = 1, *schedule = &untouched;
	size_t length = 7;
	char *why = NULL;

	assert_int_equal(
		schedule_parse(expected->text, expected->threads, &schedule, &length, &why),
		-EINVAL);
	assert_string_equal(why, expected->is);
	assert_ptr_equal(schedule, &untouched);
	assert_int_equal(length, 7);
	free(why);
}

static const struct text_case refusals[] = {
	{"text@empty", "", 2, "no schedule (expected letters and numbers, as a3ba2)"},
	{"text@unknown-thread", "abc", 2, "'c' is no thread of this scenario (it has a to b)"},
	{"text@only-one-thread", "b", 1, "'b' is no thread of this scenario (it has only a)"},
	{"text@capital-letter", "aA", 2, "'A' is no thread of this scenario (it has a to b)"},
	{"text@number-first", "3a", 2, "'3' is no thread of this scenario (it has a to b)"},
	{"text@space", "a b", 2,
	 "a character in the schedule is no thread of this scenario (it has a to b)"},
	{"text@half-a-character", "a\xc3\xa9", 2,
	 "a character in the schedule is no thread of this scenario (it has a to b)"},
	{"text@escape", "\033[2J", 2,
	 "a character in the schedule is no thread of this scenario (it has a to b)"},
	{"text@no-steps", "a0", 2, "0 is no number of steps"},
	{"text@too-many-steps", "a1000001", 2, "1000001 is no number of steps"},
	{"text@too-many-in-all", "a1000000b", 2, "there are more than 1000000 steps"},
	{"text@more-than-a-number-holds", "a99999999999999999999", 2,
	 "99999999999999999999 is no number of steps"},
};

/* ---- as what it does ---- */

static int show(const struct subject *subject, const char *text, struct shown_schedule *out,
		char **why)
{
	const struct execution_options options = {.callers = true};
	struct source_lines *lines = source_lines_open();
	struct execution *execution;
	uint8_t *schedule;
	size_t length;
	int err;

	assert_int_equal(schedule_parse(text, 2, &schedule, &length, why), 0);
	assert_int_equal(execution_create(subject, &options, &execution), 0);
	err = schedule_show(execution, schedule, length, NULL, lines, out, why);
	execution_destroy(execution);
	source_lines_close(lines);
	free(schedule);
	return err;
}

static struct shown_schedule show_right(const struct subject *subject, const char *text)
{
	struct shown_schedule shown;
	char *why = NULL;

	assert_int_equal(show(subject, text, &shown, &why), 0);
	assert_null(why);
	return shown;
}

static void test_steps(void **state)
{
	static const struct {
		unsigned int thread;
		enum point_kind kind;
		const char *object, *doing, *state;
		const char *locks[2];
	} expected[] = {
		{0, POINT_LOCK, "lock", "count", "counter 0", {"lock"}},
		{0, POINT_UNLOCK, "lock", "count", "counter 1", {NULL}},
		{1, POINT_LOCK, "lock", "count", "counter 1", {"lock"}},
		{1, POINT_UNLOCK, "lock", "count", "counter 2", {NULL}},
		{0, POINT_LOCK, "lock", "cross", "counter 2", {"lock"}},
		{0, POINT_LOCK, "other lock", "cross", "counter 2", {"lock", "other lock"}},
	};
	struct shown_schedule shown = show_right(&shown_subject, "a2b2a2");

	assert_string_equal(shown.before, "counter 0");
	assert_int_equal(shown.finding.kind, FINDING_NONE);
	assert_int_equal(shown.count, 6);
	for (size_t i = 0; i < shown.count; i++) {
		const struct shown_step *step = &shown.steps[i];

		assert_int_equal(step->thread, expected[i].thread);
		assert_int_equal(step->kind, expected[i].kind);
		assert_string_equal(step->object, expected[i].object);
		assert_string_equal(step->doing, expected[i].doing);
		assert_string_equal(step->state, expected[i].state);
		assert_int_equal(step->lock_count, !!expected[i].locks[0] + !!expected[i].locks[1]);
		for (unsigned int j = 0; j < step->lock_count; j++)
			assert_string_equal(step->locks[j], expected[i].locks[j]);
	}
	shown_schedule_release(&shown);
}

static void check_end(const struct shown_end *end, enum step_end how, enum point_kind kind,
		      const char *object, int holder)
{
	assert_int_equal(end->end, how);
	assert_int_equal(end->kind, kind);
	assert_int_equal(end->holder, holder);
	if (object)
		assert_string_equal(end->object, object);
	else
		assert_null(end->object);
}

static void test_ends_blocked(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a3");

	check_end(&shown.ends[0], STEP_DONE, POINT_LOCK, "other lock", -1);
	check_end(&shown.ends[1], STEP_BLOCKED, POINT_LOCK, "lock", 0);
	assert_string_equal(shown.ends[1].doing, "count");
	shown_schedule_release(&shown);
}

static void test_ends_independent(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a2");

	check_end(&shown.ends[0], STEP_DONE, POINT_LOCK, "lock", -1);
	check_end(&shown.ends[1], STEP_DONE, POINT_LOCK, "lock", -1);
	shown_schedule_release(&shown);
}

static void test_ends_deadlocked(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a2b3a");

	check_end(&shown.ends[0], STEP_BLOCKED, POINT_LOCK, "other lock", 1);
	check_end(&shown.ends[1], STEP_BLOCKED, POINT_LOCK, "lock", 0);
	shown_schedule_release(&shown);
}

static void test_ends_ended(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a6");

	check_end(&shown.ends[0], STEP_ENDED, POINT_NONE, NULL, -1);
	assert_null(shown.ends[0].doing);
	check_end(&shown.ends[1], STEP_DONE, POINT_LOCK, "lock", -1);
	shown_schedule_release(&shown);
}

static void test_breaks(void **state)
{
	struct shown_schedule shown = show_right(&breaking_subject, "ab");

	assert_int_equal(shown.count, 2);
	assert_int_equal(shown.steps[1].kind, POINT_NONE);
	assert_null(shown.steps[1].object);
	assert_int_equal(shown.finding.kind, FINDING_EXPECTATION);
	assert_string_equal(shown.finding.text, "2 < 1");
	assert_null(shown.ends);
	shown_schedule_release(&shown);
}

struct misfit {
	const char *name;
	const struct subject *subject;
	const char *schedule, *why;
};

static void test_misfit(void **state)
{
	const struct misfit *misfit = *state;
	struct shown_schedule shown;
	char *why = NULL;

	assert_int_equal(show(misfit->subject, misfit->schedule, &shown, &why), -EINVAL);
	assert_string_equal(why, misfit->why);
	free(why);
}

static const struct misfit misfits[] = {
	{"misfit@blocked", &shown_subject, "ab", "step 2: thread right is blocked there"},
	{"misfit@ended", &shown_subject, "a7", "step 7: thread left has ended there"},
	{"misfit@breaks-too-early", &breaking_subject, "aba", "step 2: thread right breaks there"},
};

/* ---- places ---- */

#ifdef HAVE_LIBDW

/* The line of the subject's file that ends in this comment. */
static unsigned int line_of(const char *comment)
{
	FILE *in = fopen(SHOWN_SUBJECT, "re");
	char line[200];
	unsigned int number = 0;
	bool found = false;

	assert_non_null(in);
	while (!found && fgets(line, sizeof(line), in)) {
		number++;
		found = strstr(line, comment) != NULL;
	}
	fclose(in);
	assert_true(found);
	return number;
}

static void check_place(const struct source_line *place, const char *comment, const char *function)
{
	assert_string_equal(place->file, "shown_subject.c");
	assert_int_equal(place->line, line_of(comment));
	assert_string_equal(place->function, function);
}

static void test_place(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a2");

	check_place(&shown.steps[0].place, "/* count: lock */", "run");
	check_place(&shown.steps[1].place, "/* count: unlock */", "run");
	check_place(&shown.ends[1].place, "/* count: lock */", "run");
	shown_schedule_release(&shown);
}

static void test_place_inlined(void **state)
{
	struct shown_schedule shown = show_right(&shown_subject, "a4");

	check_place(&shown.steps[2].place, "/* cross: outer */", "run");
	check_place(&shown.steps[3].place, "/* cross: inner */", "run");
	shown_schedule_release(&shown);
}

static void test_place_of_finding(void **state)
{
	struct shown_schedule shown = show_right(&breaking_subject, "b");

	check_place(&shown.place, "/* breaks */", "run_breaking");
	check_place(&shown.steps[0].place, "/* breaks */", "run_breaking");
	assert_int_equal(shown.other_place.line, 0);
	shown_schedule_release(&shown);
}

static void test_place_unknown(void **state)
{
	static const char in_no_code[2];
	struct source_lines *lines = source_lines_open();
	struct source_line place = {.line = 7};

	assert_non_null(lines);
	assert_false(source_line_find(lines, NULL, &place));
	assert_false(source_line_find(lines, in_no_code + 1, &place));
	assert_false(source_line_find(NULL, in_no_code, &place));
	assert_int_equal(place.line, 7);
	source_lines_close(lines);
}

#endif

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, round_trips, test_round_trip);
	ADD_ROWS(&suite, refusals, test_refusal);
	ADD_ROWS(&suite, misfits, test_misfit);
	suite_add(&suite, "shows@steps", test_steps);
	suite_add(&suite, "shows@last-step-breaks", test_breaks);
	suite_add(&suite, "ends@blocked-and-ready", test_ends_blocked);
	suite_add(&suite, "ends@each-from-the-same-state", test_ends_independent);
	suite_add(&suite, "ends@each-blocked-by-the-other", test_ends_deadlocked);
	suite_add(&suite, "ends@ended", test_ends_ended);
#ifdef HAVE_LIBDW
	suite_add(&suite, "place@call", test_place);
	suite_add(&suite, "place@who-called-the-header", test_place_inlined);
	suite_add(&suite, "place@finding", test_place_of_finding);
	suite_add(&suite, "place@unknown", test_place_unknown);
#endif
	return suite_run(&suite, "schedule");
}
