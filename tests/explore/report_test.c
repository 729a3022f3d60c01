/* SPDX-License-Identifier: MIT */
/* What people and programs are told of explorations that are made up here, to the letter. */
#define _GNU_SOURCE
#include "report.h"
#include "rows.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* What is made up is never changed or freed, but is owned elsewhere, and so no constant there. */
#define OWN(literal) ((char[]) {literal})

/* ---- a deadlock, with names that have to be escaped ---- */

static const char *const names[] = {"left", "<r\xc3\xa4&\"t>"};
static const struct subject subject = {.thread_count = 2, .thread_names = names};

static struct shown_step steps[] = {
	{.thread = 0,
	 .kind = POINT_LOCK,
	 .object = OWN("A<B>.lock"),
	 .doing = OWN("bind \"A\" & B"),
	 .state = OWN("count 0"),
	 .place = {"bind.c", 213, "bind_one"},
	 .locks = {OWN("A<B>.lock")},
	 .lock_count = 1},
	{.thread = 1,
	 .kind = POINT_LOCK,
	 .object = OWN("C.lock"),
	 .doing = OWN("claim"),
	 .state = OWN("count 1"),
	 .place = {.line = 0},
	 .locks = {OWN("C.lock")},
	 .lock_count = 1},
};

static struct shown_end ends[] = {
	{.end = STEP_BLOCKED,
	 .kind = POINT_LOCK,
	 .object = OWN("C.lock"),
	 .doing = OWN("bind"),
	 .place = {"bind.c", 220, "bind_one"},
	 .holder = 1},
	{.end = STEP_ENDED, .holder = -1},
};

static char before[] = "count 0";

static struct shown_schedule deadlock(void)
{
	return (struct shown_schedule) {
		.subject = &subject,
		.steps = steps,
		.count = 2,
		.ends = ends,
		.before = before,
		.finding = {.kind = FINDING_DEADLOCK, .text = "left waits <&>"},
		.place = {"bind.c", 220, "bind_one"}};
}

static uint8_t schedule[14] = {0, 1};

static struct exploration found(enum finding_kind kind)
{
	return (struct exploration) {.covered = {.states = 1234567,
						 .transitions = 7654321,
						 .depth = 2,
						 .seconds = 2,
						 .memory = 3u << 20},
				     .finding = {.kind = kind, .text = "left waits <&>"},
				     .schedule = schedule,
				     .length = 2};
}

static const struct exploration nothing_found = {
	.covered = {.states = 1234567, .transitions = 1, .seconds = 2}};

static struct report about(const struct exploration *exploration,
			   const struct shown_schedule *shown)
{
	return (struct report) {.scenario = "x<y>&.scn",
				.title = "A \"title\" & <more>",
				.design = "counted",
				.again = "dmaown explore 'x<y>&.scn' --replay",
				.exploration = exploration,
				.shown = shown};
}

struct writing {
	char *text;
	size_t size;
	FILE *out;
};

static void begin_writing(struct writing *writing)
{
	writing->out = open_memstream(&writing->text, &writing->size);
	assert_non_null(writing->out);
}

static char *end_writing(struct writing *writing)
{
	assert_int_equal(fclose(writing->out), 0);
	return writing->text;
}

static char *text_of(const struct report *report)
{
	struct writing writing;

	begin_writing(&writing);
	report_text(report, writing.out);
	return end_writing(&writing);
}

/* ---- the verdict ---- */

struct verdict {
	const char *name;
	struct exploration exploration;
	const char *line, *word, *bound;
};

static struct verdict verdicts[] = {
	{"verdict@complete",
	 {.covered = {.states = 1234567}},
	 "no violation in any of 1,234,567 states\n",
	 "no violation",
	 NULL},
	{"verdict@one-state",
	 {.covered = {.states = 1}},
	 "no violation in any of 1 state\n",
	 "no violation",
	 NULL},
	{"verdict@executions",
	 {.covered = {.executions = 1000, .states = 5}},
	 "no violation in any of 1,000 executions\n",
	 "no violation",
	 NULL},
	{"verdict@bounded",
	 {.covered = {.states = 1000000}, .bound = BOUND_STATES},
	 "covered 1,000,000 states, nothing wrong in them; not everything: --max-states ended it\n",
	 "incomplete",
	 "--max-states"},
	{"verdict@interrupted",
	 {.covered = {.states = 999}, .bound = BOUND_INTERRUPTED},
	 "covered 999 states, nothing wrong in them; not everything: an interrupt ended it\n",
	 "incomplete",
	 "an interrupt"},
	{"verdict@bounded-before-the-first",
	 {.bound = BOUND_MEMORY},
	 "covered 0 states, nothing wrong in them; not everything: --memory ended it\n",
	 "incomplete",
	 "--memory"},
	{"verdict@violation",
	 {.finding = {.kind = FINDING_DEADLOCK, .text = "a waits"},
	  .length = 14,
	  .schedule = schedule},
	 "deadlock after 14 steps: a waits\n",
	 "violation",
	 NULL},
	{"verdict@violation-at-the-first-step",
	 {.finding = {.kind = FINDING_LEAK, .text = "a \033[2J"},
	  .length = 1,
	  .schedule = schedule},
	 "leak after 1 step: a \\x1b[2J\n",
	 "violation",
	 NULL},
	{"verdict@replay",
	 {.length = 2, .schedule = schedule},
	 "nothing is wrong after 2 steps of this schedule\n",
	 "incomplete",
	 "--replay"},
};

static json_t *json_of(const struct report *report)
{
	struct writing writing;
	json_t *object;

	begin_writing(&writing);
	assert_int_equal(report_json(report, writing.out), 0);
	end_writing(&writing);
	object = json_loads(writing.text, 0, NULL);
	assert_non_null(object);
	free(writing.text);
	return object;
}

static void check_text(const json_t *value, const char *expected)
{
	if (expected)
		assert_string_equal(json_string_value(value), expected);
	else
		assert_true(json_is_null(value));
}

static void test_verdict(void **state)
{
	const struct verdict *verdict = *state;
	const struct report report = about(&verdict->exploration, NULL);
	struct writing writing;
	json_t *object = json_of(&report);

	begin_writing(&writing);
	report_verdict(&verdict->exploration, writing.out);
	assert_string_equal(end_writing(&writing), verdict->line);
	free(writing.text);
	check_text(json_object_get(object, "verdict"), verdict->word);
	check_text(json_object_get(object, "bound"), verdict->bound);
	json_decref(object);
}

/* ---- for people ---- */

static void test_text(void **state)
{
	const struct shown_schedule shown = deadlock();
	const struct exploration exploration = found(FINDING_DEADLOCK);
	const struct report report = about(&exploration, &shown);
	char *text = text_of(&report);

	assert_string_equal(
		text,
		"x<y>&.scn: deadlock after 2 steps: left waits <&>\n"
		"1,234,567 states, 7,654,321 steps, 617,283 a second, 3.0 MiB, 2.00 s\n"
		"\n"
		"     left             <r\xc3\xa4&\"t>       where\n"
		"     = count 0\n"
		"     bind \"A\" & B\n"
		"   1  lock A<B>.lock                bind.c:213  holds A<B>.lock\n"
		"                      claim\n"
		"   2                   lock C.lock  ?           holds C.lock\n"
		"     = count 1\n"
		"     ! deadlock: left waits <&>\n"
		"       at bind.c:220 bind_one\n"
		"     left is blocked: lock C.lock, which <r\xc3\xa4&\"t> holds, at bind.c:220\n"
		"     <r\xc3\xa4&\"t> has ended\n"
		"\n"
		"again: dmaown explore 'x<y>&.scn' --replay ab\n");
	free(text);
}

static void test_text_without_schedule(void **state)
{
	const struct report report = about(&nothing_found, NULL);
	char *text = text_of(&report);

	assert_string_equal(text, "x<y>&.scn: no violation in any of 1,234,567 states\n"
				  "1,234,567 states, 1 step, 617,283 a second, 0.0 MiB, 2.00 s\n");
	free(text);
}

static void test_text_of_race(void **state)
{
	const struct exploration exploration = found(FINDING_DATA_RACE);
	struct shown_schedule shown = deadlock();
	const struct report report = about(&exploration, &shown);
	char *text;

	shown.other_place = (struct source_line) {"claim.c", 7, "claim"};
	text = text_of(&report);
	assert_non_null(strstr(text, "       at bind.c:220 bind_one and claim.c:7 claim\n"));
	free(text);
}

static void test_text_of_loop(void **state)
{
	const struct shown_schedule shown = deadlock();
	struct exploration exploration = found(FINDING_ENDLESS);
	const struct report report = about(&exploration, &shown);
	char *text;

	exploration.loop = 1;
	text = text_of(&report);
	assert_non_null(strstr(text, "holds A<B>.lock\n"
				     "     --- from here it goes round ---\n"));
	free(text);
}

/* Eight threads with long names, of two bytes a character, long places and many locks. */
static void test_text_in_120_columns(void **state)
{
	static const char *const long_names[EXPLORE_THREADS_MAX] = {
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
		"b",
		"c",
		"d",
		"e",
		"f",
		"g",
		"a thread with quite a name"};
	static char name[] = "\xc3\xa4 lock with a name that is longer than most";
	static char line[] = "G: kernel 2, DMA; A=e1000 B=none C=e1000 | H: user 1, blocked; "
			     "D=\xc3\xa4 E=vfio-pci F=none G=none H=none I=none J=none K=none";
	const struct subject many = {.thread_count = 8, .thread_names = long_names};
	struct shown_step wide[EXPLORE_THREADS_MAX];
	struct shown_schedule shown = {.subject = &many, .steps = wide, .count = 8, .before = line};
	const struct exploration exploration = found(FINDING_NONE);
	const struct report report = about(&exploration, &shown);
	char *text, *rest;

	for (unsigned int i = 0; i < EXPLORE_THREADS_MAX; i++)
		wide[i] = (struct shown_step) {
			.thread = i,
			.kind = POINT_RESCHEDULE,
			.object = name,
			.doing = name,
			.place = {"a_file_with_a_name_that_is_long.c", 12345, "f"},
			.locks = {name, name},
			.lock_count = 2};
	text = rest = text_of(&report);
	for (char *at = strsep(&rest, "\n"); at; at = strsep(&rest, "\n")) {
		json_t *utf8 = json_string(at);

		assert_in_range(text_width(at), 0, 120);
		assert_non_null(utf8);
		json_decref(utf8);
	}
	free(text);
}

/* ---- for programs ---- */

static void test_json(void **state)
{
	const struct shown_schedule shown = deadlock();
	const struct exploration exploration = found(FINDING_DEADLOCK);
	const struct report report = about(&exploration, &shown);
	json_t *object = json_of(&report), *expected;

	expected = json_loads(
		"{\"scenario\": \"x<y>&.scn\", \"title\": \"A \\\"title\\\" & <more>\","
		" \"design\": \"counted\", \"verdict\": \"violation\","
		" \"finding\": {\"kind\": \"deadlock\", \"text\": \"left waits <&>\","
		"  \"place\": \"bind.c:220\", \"other_place\": null, \"loop\": null},"
		" \"bound\": null, \"states\": 1234567, \"transitions\": 7654321,"
		" \"executions\": 0, \"redundant\": 0, \"depth\": 2, \"seconds\": 2.0,"
		" \"states_per_second\": 617283.5, \"memory\": 3145728,"
		" \"threads\": [\"left\", \"<r\xc3\xa4&\\\"t>\"],"
		" \"steps\": [{\"thread\": \"left\", \"point\": \"lock\","
		"   \"object\": \"A<B>.lock\", \"doing\": \"bind \\\"A\\\" & B\","
		"   \"place\": \"bind.c:213\", \"function\": \"bind_one\","
		"   \"locks\": [\"A<B>.lock\"], \"state\": \"count 0\"},"
		"  {\"thread\": \"<r\xc3\xa4&\\\"t>\", \"point\": \"lock\","
		"   \"object\": \"C.lock\", \"doing\": \"claim\", \"place\": null,"
		"   \"function\": null, \"locks\": [\"C.lock\"], \"state\": \"count 1\"}],"
		" \"ends\": [{\"thread\": \"left\", \"end\": \"blocked\","
		"   \"point\": \"lock\", \"object\": \"C.lock\", \"doing\": \"bind\","
		"   \"place\": \"bind.c:220\", \"holder\": \"<r\xc3\xa4&\\\"t>\"},"
		"  {\"thread\": \"<r\xc3\xa4&\\\"t>\", \"end\": \"ended\", \"point\": null,"
		"   \"object\": null, \"doing\": null, \"place\": null, \"holder\": null}],"
		" \"replay\": \"ab\"}",
		0, NULL);
	assert_non_null(expected);
	assert_true(json_equal(object, expected));
	json_decref(expected);
	json_decref(object);
}

/* Nothing is known, and all keys are there. */
static void test_json_without_schedule(void **state)
{
	const struct shown_schedule shown = deadlock();
	const struct exploration exploration = found(FINDING_DEADLOCK);
	const struct report full = about(&exploration, &shown);
	struct report empty = about(&nothing_found, NULL);
	json_t *all = json_of(&full), *none, *value;
	const char *key;

	empty.title = NULL;
	none = json_of(&empty);
	assert_int_equal(json_object_size(none), json_object_size(all));
	json_object_foreach (all, key, value)
		assert_non_null(json_object_get(none, key));
	check_text(json_object_get(none, "title"), NULL);
	check_text(json_object_get(none, "replay"), NULL);
	json_decref(all);
	json_decref(none);
}

static void test_json_of_no_utf8(void **state)
{
	struct report report = about(&nothing_found, NULL);
	json_t *object;

	report.scenario = "a\xff\xfe.scn";
	object = json_of(&report);
	check_text(json_object_get(object, "scenario"), "a?\?.scn");
	json_decref(object);
}

static void test_json_of_loop(void **state)
{
	struct exploration exploration = found(FINDING_ENDLESS);
	const struct report report = about(&exploration, NULL);
	json_t *object;

	exploration.loop = 1;
	object = json_of(&report);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(object, "finding"), "loop")), 1);
	json_decref(object);
}

/* ---- locks ---- */

static char *lock_graph_of(struct lock_pair *pairs, size_t count)
{
	const struct exploration exploration = {.lock_pairs = pairs, .lock_pair_count = count};
	struct writing writing;

	begin_writing(&writing);
	assert_int_equal(report_lock_graph(&exploration, writing.out), 0);
	return end_writing(&writing);
}

static void test_lock_graph(void **state)
{
	struct lock_pair pairs[] = {{OWN("a"), OWN("b")},
				    {OWN("b"), OWN("c")},
				    {OWN("c"), OWN("a")},
				    {OWN("c"), OWN("d")},
				    {OWN("e"), OWN("a")}};
	char *text = lock_graph_of(pairs, 5);

	assert_string_equal(text, "digraph locks {\n"
				  "\t\"a\" -> \"b\" [color=red];\n"
				  "\t\"b\" -> \"c\" [color=red];\n"
				  "\t\"c\" -> \"a\" [color=red];\n"
				  "\t\"c\" -> \"d\";\n"
				  "\t\"e\" -> \"a\";\n"
				  "}\n");
	free(text);
}

static void test_lock_graph_of_long_cycle(void **state)
{
	static char locks[40][4];
	struct lock_pair pairs[40];
	size_t red = 0;
	char *text;

	for (int i = 0; i < 40; i++) {
		snprintf(locks[i], sizeof(locks[i]), "%d", i);
		pairs[i] = (struct lock_pair) {locks[i], locks[(i + 1) % 40]};
	}
	text = lock_graph_of(pairs, 40);
	for (const char *at = text; (at = strstr(at, "red")); at++)
		red++;
	assert_int_equal(red, 40);
	free(text);
}

static void test_lock_graph_names(void **state)
{
	struct lock_pair pair = {OWN("a\"b"), OWN("c\\d")};
	char *text = lock_graph_of(&pair, 1);

	assert_string_equal(text, "digraph locks {\n\t\"a\\\"b\" -> \"c\\\\d\";\n}\n");
	free(text);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, verdicts, test_verdict);
	suite_add(&suite, "text@deadlock", test_text);
	suite_add(&suite, "text@no-schedule", test_text_without_schedule);
	suite_add(&suite, "text@both-places-of-a-race", test_text_of_race);
	suite_add(&suite, "text@where-a-loop-begins", test_text_of_loop);
	suite_add(&suite, "text@in-120-columns", test_text_in_120_columns);
	suite_add(&suite, "json@deadlock", test_json);
	suite_add(&suite, "json@no-schedule-all-keys", test_json_without_schedule);
	suite_add(&suite, "json@no-utf8", test_json_of_no_utf8);
	suite_add(&suite, "json@where-a-loop-begins", test_json_of_loop);
	suite_add(&suite, "lock-graph@cycle-is-red", test_lock_graph);
	suite_add(&suite, "lock-graph@long-cycle", test_lock_graph_of_long_cycle);
	suite_add(&suite, "lock-graph@names-are-escaped", test_lock_graph_names);
	return suite_run(&suite, "report");
}
