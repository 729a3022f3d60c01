/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "schedule.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* More steps than any scenario has. */
#define STEPS_MAX 1000000u

__attribute__((format(printf, 2, 3))) static int refuse(char **why, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(why, format, args);
	va_end(args);
	return length < 0 ? -ENOMEM : -EINVAL;
}

/* ---- as text ---- */

char *schedule_to_text(const uint8_t *schedule, size_t length)
{
	char *text = NULL;
	size_t size, run;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < length; i += run) {
		for (run = 1; i + run < length && schedule[i + run] == schedule[i];)
			run++;
		fputc('a' + schedule[i], out);
		if (run > 1)
			fprintf(out, "%zu", run);
	}
	return fclose(out) ? NULL : text;
}

static int add_run(unsigned int thread, unsigned long run, uint8_t **schedule, size_t *length)
{
	uint8_t *longer = realloc(*schedule, *length + run);

	if (!longer)
		return -ENOMEM;
	memset(longer + *length, (int)thread, run);
	*schedule = longer;
	*length += run;
	return 0;
}

/* What is no printable ASCII is not repeated: half a character, or worse, would reach a terminal.
 */
static int refuse_letter(char **why, char letter, unsigned int threads)
{
	char quoted[] = {'\'', letter, '\'', 0};

	return refuse(why, "%s is no thread of this scenario (it has %s%c)",
		      letter > ' ' && letter < 0x7f ? quoted : "a character in the schedule",
		      threads > 1 ? "a to " : "only ", 'a' + threads - 1);
}

static int parse_run(const char **at, unsigned int threads, uint8_t **schedule, size_t *length,
		     char **why)
{
	unsigned int thread = (unsigned int)(**at - 'a');
	unsigned long run = 1;
	char *end;

	if (thread >= threads)
		return refuse_letter(why, **at, threads);
	++*at;
	if (**at >= '0' && **at <= '9') {
		run = strtoul(*at, &end, 10);
		if (run == 0 || run > STEPS_MAX)
			return refuse(why, "%.*s is no number of steps", (int)(end - *at), *at);
		*at = end;
	}
	if (run > STEPS_MAX - *length)
		return refuse(why, "there are more than %u steps", STEPS_MAX);
	return add_run(thread, run, schedule, length);
}

int schedule_parse(const char *text, unsigned int threads, uint8_t **schedule, size_t *length,
		   char **why)
{
	uint8_t *parsed = NULL;
	size_t count = 0;
	int err = *text ? 0 : refuse(why, "no schedule (expected letters and numbers, as a3ba2)");

	while (!err && *text)
		err = parse_run(&text, threads, &parsed, &count, why);
	if (err) {
		free(parsed);
		return err;
	}
	*schedule = parsed;
	*length = count;
	return 0;
}

/* ---- as what it does ---- */

/* What `write` writes, for the caller to free; NULL: nothing. */
static char *subject_text(const struct subject *subject, const void *object,
			  void (*write)(const struct subject *subject, const void *object,
					FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write(subject, object, out);
	if (fclose(out) || !text[0]) {
		free(text);
		return NULL;
	}
	return text;
}

static void write_name(const struct subject *subject, const void *object, FILE *out)
{
	if (subject->name && object)
		subject->name(subject->context, object, out);
}

static void write_state(const struct subject *subject, const void *object, FILE *out)
{
	if (subject->describe)
		subject->describe(subject->context, out);
}

static char *copy_doing(const struct subject *subject, unsigned int thread)
{
	const char *doing = subject->doing ? subject->doing(subject->context, thread) : NULL;

	return doing ? strdup(doing) : NULL;
}

/* Small functions that do no more than pass on a point; who called them is who people look for. */
static bool passes_on(const char *function)
{
	static const char *const names[] = {
		"core_allocate",        "core_free", "dmaown_device_lock",
		"dmaown_device_unlock", "lock",      "unlock"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(function, names[i]) == 0)
			return true;
	return false;
}

static void find_place(struct source_lines *lines, const struct point *point,
		       struct source_line *out)
{
	if (!source_line_find(lines, point->code, out))
		*out = (struct source_line) {.line = 0};
	else if (passes_on(out->function))
		source_line_find(lines, point->caller, out);
}

static void show_locks(struct execution *execution, struct shown_step *step)
{
	const void *locks[EXPLORE_THREADS_MAX];
	unsigned int count = execution_locks(execution, step->thread, locks, EXPLORE_THREADS_MAX);

	for (unsigned int i = 0; i < count; i++) {
		char *name = subject_text(execution_subject(execution), locks[i], write_name);

		step->locks[step->lock_count++] = name ? name : strdup("a lock");
	}
}

static void show_step(struct execution *execution, unsigned int thread, struct source_lines *lines,
		      struct shown_step *out)
{
	const struct subject *subject = execution_subject(execution);
	const struct point *point = execution_point(execution, thread);

	*out = (struct shown_step) {.thread = thread, .kind = point->kind};
	out->object = subject_text(subject, point->object, write_name);
	out->doing = copy_doing(subject, thread);
	out->state = subject_text(subject, NULL, write_state);
	find_place(lines, point, &out->place);
	show_locks(execution, out);
}

/* What breaks is in local code: no point is reached. */
static void show_break(struct source_lines *lines, const struct finding *finding,
		       struct shown_step *step)
{
	step->kind = POINT_NONE;
	free(step->object);
	step->object = NULL;
	if (!source_line_find(lines, finding->code, &step->place))
		step->place = (struct source_line) {.line = 0};
}

/* The thread that holds the lock; -1: none. */
static int holder_of(const struct execution *execution, const void *lock)
{
	const void *held[EXPLORE_THREADS_MAX];
	unsigned int threads = execution_subject(execution)->thread_count;

	for (unsigned int thread = 0; thread < threads; thread++) {
		unsigned int count = execution_locks(execution, thread, held, EXPLORE_THREADS_MAX);

		for (unsigned int i = 0; i < count && i < EXPLORE_THREADS_MAX; i++)
			if (held[i] == lock)
				return (int)thread;
	}
	return -1;
}

/* Lets the thread try its next step, from which the state is to be put back. */
static void show_end(struct execution *execution, unsigned int thread, struct source_lines *lines,
		     struct shown_end *out)
{
	const struct subject *subject = execution_subject(execution);
	enum step_end end = execution_step(execution, thread);
	const struct point *point = execution_point(execution, thread);

	*out = (struct shown_end) {.end = end, .holder = -1};
	if (end == STEP_ENDED)
		return;
	out->doing = copy_doing(subject, thread);
	if (end != STEP_DONE && end != STEP_BLOCKED)
		return;
	out->kind = point->kind;
	out->object = subject_text(subject, point->object, write_name);
	find_place(lines, point, &out->place);
	if (end == STEP_BLOCKED && point->kind == POINT_LOCK)
		out->holder = holder_of(execution, point->object);
}

static int show_ends(struct execution *execution, struct source_lines *lines,
		     struct shown_schedule *shown)
{
	unsigned int threads = shown->subject->thread_count;
	void *here = malloc(execution_save_max(execution));

	shown->ends = calloc(threads, sizeof(*shown->ends));
	if (!here || !shown->ends) {
		free(here);
		return -ENOMEM;
	}
	execution_save(execution, here);
	for (unsigned int thread = 0; thread < threads; thread++) {
		show_end(execution, thread, lines, &shown->ends[thread]);
		execution_load(execution, here);
	}
	free(here);
	return 0;
}

static const char *end_word(enum step_end end)
{
	return end == STEP_BLOCKED ? "is blocked"
	       : end == STEP_ENDED ? "has ended"
				   : "needs more memory than there is";
}

static int take_steps(struct execution *execution, const uint8_t *schedule, size_t length,
		      struct source_lines *lines, struct shown_schedule *shown, char **why)
{
	bool broken = false;

	for (size_t i = 0; i < length; i++) {
		enum step_end end = execution_step(execution, schedule[i]);

		if (end != STEP_DONE && (end != STEP_BROKEN || i + 1 < length))
			return refuse(why, "step %zu: thread %s %s there", i + 1,
				      shown->subject->thread_names[schedule[i]],
				      end == STEP_BROKEN ? "breaks" : end_word(end));
		broken = end == STEP_BROKEN;
		if (broken && shown->finding.kind == FINDING_NONE)
			shown->finding = *execution_finding(execution);
		show_step(execution, schedule[i], lines, &shown->steps[shown->count]);
		if (broken)
			show_break(lines, &shown->finding, &shown->steps[shown->count]);
		shown->count++;
	}
	if (broken)
		return 0;
	if (shown->finding.kind == FINDING_NONE && !execution_check(execution))
		shown->finding = *execution_finding(execution);
	return show_ends(execution, lines, shown);
}

int schedule_show(struct execution *execution, const uint8_t *schedule, size_t length,
		  const struct finding *finding, struct source_lines *lines,
		  struct shown_schedule *out, char **why)
{
	struct shown_schedule shown = {.subject = execution_subject(execution),
				       .steps = calloc(length + 1, sizeof(*shown.steps))};
	int err;

	if (!shown.steps)
		return -ENOMEM;
	if (finding)
		shown.finding = *finding;
	execution_restart(execution);
	shown.before = subject_text(shown.subject, NULL, write_state);
	err = take_steps(execution, schedule, length, lines, &shown, why);
	if (err) {
		shown_schedule_release(&shown);
		return err;
	}
	source_line_find(lines, shown.finding.code, &shown.place);
	source_line_find(lines, shown.finding.other_code, &shown.other_place);
	*out = shown;
	return 0;
}

void shown_schedule_release(struct shown_schedule *shown)
{
	for (size_t i = 0; i < shown->count; i++) {
		struct shown_step *step = &shown->steps[i];

		for (unsigned int j = 0; j < step->lock_count; j++)
			free(step->locks[j]);
		free(step->object);
		free(step->doing);
		free(step->state);
	}
	for (unsigned int i = 0; shown->ends && i < shown->subject->thread_count; i++) {
		free(shown->ends[i].object);
		free(shown->ends[i].doing);
	}
	free(shown->ends);
	free(shown->steps);
	free(shown->before);
	*shown = (struct shown_schedule) {.count = 0};
}
