/* SPDX-License-Identifier: MIT */
#include "report.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_WIDTH 120
#define NUMBER_WIDTH 5
#define PLACE_MOST 30
/* What is left of a thread's column when there is no room. */
#define COLUMN_LEAST 10

/* 1234567 as 1,234,567. */
static void print_number(uint64_t number, FILE *out)
{
	if (number >= 1000) {
		print_number(number / 1000, out);
		fprintf(out, ",%03" PRIu64, number % 1000);
	} else {
		fprintf(out, "%" PRIu64, number);
	}
}

/* "1 step", "2 steps". */
static void print_count(uint64_t count, const char *thing, FILE *out)
{
	print_number(count, out);
	fprintf(out, " %s%s", thing, count == 1 ? "" : "s");
}

static void print_covered(const struct exploration *exploration, FILE *out)
{
	const struct explore_progress *covered = &exploration->covered;

	if (covered->executions)
		print_count(covered->executions, "execution", out);
	else
		print_count(covered->states, "state", out);
}

void report_verdict(const struct exploration *exploration, FILE *out)
{
	const struct finding *finding = &exploration->finding;

	if (finding->kind != FINDING_NONE) {
		fprintf(out, "%s after ", finding_name(finding->kind));
		print_count(exploration->length, "step", out);
		fputs(": ", out);
		text_print(finding->text, SIZE_MAX, out);
		fputc('\n', out);
		return;
	}
	if (exploration->schedule) {
		fputs("nothing is wrong after ", out);
		print_count(exploration->length, "step", out);
		fputs(" of this schedule\n", out);
		return;
	}
	if (exploration->bound == BOUND_NONE) {
		fputs("no violation in any of ", out);
		print_covered(exploration, out);
	} else {
		fputs("covered ", out);
		print_covered(exploration, out);
		fprintf(out, ", nothing wrong in them; not everything: %s ended it",
			explore_bound_name(exploration->bound));
	}
	fputc('\n', out);
}

static void print_figures(const struct exploration *exploration, FILE *out)
{
	const struct explore_progress *covered = &exploration->covered;
	double seconds = covered->seconds > 0 ? covered->seconds : 1e-9;

	print_covered(exploration, out);
	if (covered->executions)
		fprintf(out, " (%" PRIu64 " cut short)", covered->redundant);
	fputs(", ", out);
	print_count(covered->transitions, "step", out);
	fputs(", ", out);
	print_number(
		(uint64_t)((double)(covered->executions ? covered->executions : covered->states) /
			   seconds),
		out);
	fprintf(out, " a second, %.1f MiB, %.2f s\n", (double)covered->memory / (1u << 20),
		covered->seconds);
}

/* ---- the timeline ---- */

/* The columns' widths, each with the gap behind it. */
struct layout {
	const struct shown_schedule *shown;
	size_t columns[EXPLORE_THREADS_MAX], place;
};

static void print_gap(size_t width, FILE *out)
{
	fprintf(out, "%*s", (int)width, "");
}

static void widen(size_t *column, size_t width)
{
	if (*column < width + 2)
		*column = width + 2;
}

static size_t locks_width(const struct shown_step *step)
{
	size_t width = step->lock_count ? strlen("holds ") : 0;

	for (unsigned int i = 0; i < step->lock_count; i++)
		width += text_width(step->locks[i]) + (i ? strlen(", ") : 0);
	return width;
}

static size_t place_width(const struct source_line *place)
{
	return (size_t)snprintf(NULL, 0, "%s:%u", place->file, place->line);
}

static size_t step_width(const struct shown_step *step)
{
	return 1 + strlen(point_name(step->kind)) +
	       (step->object ? 1 + text_width(step->object) : 0);
}

/* Takes from the widest columns until a line has room for all. */
static void narrow(struct layout *layout, size_t needed)
{
	while (needed > LINE_WIDTH) {
		unsigned int widest = 0;

		for (unsigned int i = 1; i < layout->shown->subject->thread_count; i++)
			if (layout->columns[i] > layout->columns[widest])
				widest = i;
		if (layout->columns[widest] <= COLUMN_LEAST)
			return;
		layout->columns[widest]--;
		needed--;
	}
}

static struct layout lay_out(const struct shown_schedule *shown)
{
	struct layout layout = {.shown = shown, .place = strlen("where") + 2};
	size_t needed = NUMBER_WIDTH, locks = 0;

	for (unsigned int i = 0; i < shown->subject->thread_count; i++)
		widen(&layout.columns[i], text_width(shown->subject->thread_names[i]));
	for (size_t i = 0; i < shown->count; i++) {
		const struct shown_step *step = &shown->steps[i];

		widen(&layout.columns[step->thread], step_width(step));
		widen(&layout.columns[step->thread], step->doing ? text_width(step->doing) : 0);
		widen(&layout.place, place_width(&step->place));
		if (locks < locks_width(step))
			locks = locks_width(step);
	}
	if (layout.place > PLACE_MOST)
		layout.place = PLACE_MOST;
	for (unsigned int i = 0; i < shown->subject->thread_count; i++)
		needed += layout.columns[i];
	narrow(&layout, needed + layout.place + locks);
	return layout;
}

/* The columns of the threads before it. */
static size_t column_begin(const struct layout *layout, unsigned int thread)
{
	size_t begin = NUMBER_WIDTH;

	for (unsigned int i = 0; i < thread; i++)
		begin += layout->columns[i];
	return begin;
}

static void print_heads(const struct layout *layout, FILE *out)
{
	const struct subject *subject = layout->shown->subject;

	print_gap(NUMBER_WIDTH, out);
	for (unsigned int i = 0; i < subject->thread_count; i++)
		print_gap(layout->columns[i] -
				  text_print(subject->thread_names[i], layout->columns[i] - 2, out),
			  out);
	fputs("where\n", out);
}

static void print_doing(const struct layout *layout, const struct shown_step *step, FILE *out)
{
	print_gap(column_begin(layout, step->thread), out);
	text_print(step->doing, layout->columns[step->thread] - 2, out);
	fputc('\n', out);
}

/* What it does, in its thread's column. Returns the columns taken. */
static size_t print_point(const struct layout *layout, const struct shown_step *step, FILE *out)
{
	size_t room = layout->columns[step->thread] - 2, used = 1;

	fputc(' ', out);
	used += text_print(point_name(step->kind), room - used, out);
	if (step->object && used + 1 < room) {
		fputc(' ', out);
		used += 1 + text_print(step->object, room - used - 1, out);
	}
	return used;
}

static size_t print_place(const struct layout *layout, const struct source_line *place, FILE *out)
{
	char text[sizeof(place->file) + 16] = "?";

	if (place->line)
		snprintf(text, sizeof(text), "%s:%u", place->file, place->line);
	return text_print(text, layout->place - 2, out);
}

static void print_locks(const struct shown_step *step, size_t room, FILE *out)
{
	for (unsigned int i = 0; i < step->lock_count && room > 0; i++) {
		room -= text_print(i ? ", " : "holds ", room, out);
		room -= text_print(step->locks[i], room, out);
	}
}

static void print_step(const struct layout *layout, size_t number, FILE *out)
{
	const struct shown_step *step = &layout->shown->steps[number];
	size_t place = column_begin(layout, layout->shown->subject->thread_count);
	size_t begin = column_begin(layout, step->thread), used;

	fprintf(out, "%*zu ", NUMBER_WIDTH - 1, number + 1);
	print_gap(begin - NUMBER_WIDTH, out);
	used = begin + print_point(layout, step, out);
	print_gap(place - used, out);
	used = print_place(layout, &step->place, out);
	if (step->lock_count) {
		print_gap(layout->place - used, out);
		print_locks(step,
			    place + layout->place < LINE_WIDTH ? LINE_WIDTH - place - layout->place
							       : COLUMN_LEAST,
			    out);
	}
	fputc('\n', out);
}

/* The bytes of text that go on a line of so many columns: up to a blank, if there is one. */
static size_t line_length(const char *text, size_t room)
{
	size_t width = 0, blank = 0, i;

	for (i = 0; text[i]; i++) {
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (width > room)
			return blank ? blank : i;
		if (text[i] == ' ')
			blank = i;
	}
	return i;
}

/* After a mark, on as many lines as it takes. */
static void print_wrapped(const char *mark, const char *text, FILE *out)
{
	while (text) {
		size_t length = line_length(text, LINE_WIDTH - NUMBER_WIDTH - 2);
		char *line = strndup(text, length);

		print_gap(NUMBER_WIDTH, out);
		fprintf(out, "%s ", mark);
		text_print(line ? line : text, SIZE_MAX, out);
		fputc('\n', out);
		mark = " ";
		text = line && text[length] ? text + length + (text[length] == ' ') : NULL;
		free(line);
	}
}

static bool differ(const char *one, const char *other)
{
	return one && (!other || strcmp(one, other) != 0);
}

static void print_timeline(const struct report *report, FILE *out)
{
	const struct shown_schedule *shown = report->shown;
	const char *doing[EXPLORE_THREADS_MAX] = {0}, *state = shown->before;
	const struct layout layout = lay_out(shown);

	print_heads(&layout, out);
	print_wrapped("=", state, out);
	for (size_t i = 0; i < shown->count; i++) {
		const struct shown_step *step = &shown->steps[i];

		if (report->exploration->finding.kind == FINDING_ENDLESS &&
		    i == report->exploration->loop)
			fprintf(out, "%*s--- from here it goes round ---\n", NUMBER_WIDTH, "");
		if (differ(step->doing, doing[step->thread]))
			print_doing(&layout, step, out);
		doing[step->thread] = step->doing;
		print_step(&layout, i, out);
		if (differ(step->state, state))
			print_wrapped("=", step->state, out);
		state = step->state;
	}
}

/* ---- what came of it ---- */

static void print_finding(const struct shown_schedule *shown, FILE *out)
{
	char text[FINDING_TEXT + 40];

	if (shown->finding.kind == FINDING_NONE)
		return;
	snprintf(text, sizeof(text), "%s: %s", finding_name(shown->finding.kind),
		 shown->finding.text);
	print_wrapped("!", text, out);
	if (!shown->place.line)
		return;
	fprintf(out, "%*s  at %s:%u %s", NUMBER_WIDTH, "", shown->place.file, shown->place.line,
		shown->place.function);
	if (shown->other_place.line)
		fprintf(out, " and %s:%u %s", shown->other_place.file, shown->other_place.line,
			shown->other_place.function);
	fputc('\n', out);
}

static void print_next_point(const struct shown_schedule *shown, const struct shown_end *end,
			     FILE *out)
{
	fprintf(out, "%s", point_name(end->kind));
	if (end->object) {
		fputc(' ', out);
		text_print(end->object, SIZE_MAX, out);
	}
	if (end->holder >= 0) {
		fputs(", which ", out);
		text_print(shown->subject->thread_names[end->holder], SIZE_MAX, out);
		fputs(" holds", out);
	}
	if (end->place.line)
		fprintf(out, ", at %s:%u", end->place.file, end->place.line);
}

static void print_end(const struct shown_schedule *shown, unsigned int thread, FILE *out)
{
	static const char *const words[] = {
		[STEP_DONE] = "can go on: ",
		[STEP_BLOCKED] = "is blocked: ",
		[STEP_ENDED] = "has ended",
		[STEP_BROKEN] = "breaks next",
		[STEP_FULL] = "needs more memory than there is",
	};
	const struct shown_end *end = &shown->ends[thread];

	print_gap(NUMBER_WIDTH, out);
	text_print(shown->subject->thread_names[thread], SIZE_MAX, out);
	fprintf(out, " %s", words[end->end]);
	if (end->kind != POINT_NONE)
		print_next_point(shown, end, out);
	fputc('\n', out);
}

void report_text(const struct report *report, FILE *out)
{
	const struct exploration *exploration = report->exploration;
	const struct shown_schedule *shown = report->shown;
	char *schedule;

	text_print(report->scenario, SIZE_MAX, out);
	fputs(": ", out);
	report_verdict(exploration, out);
	if (exploration->covered.states || exploration->covered.executions)
		print_figures(exploration, out);
	if (!shown)
		return;
	fputc('\n', out);
	print_timeline(report, out);
	print_finding(shown, out);
	for (unsigned int i = 0; shown->ends && i < shown->subject->thread_count; i++)
		print_end(shown, i, out);
	schedule = schedule_to_text(exploration->schedule, exploration->length);
	if (schedule) {
		fputc('\n', out);
		text_line(out, "again: %s %s", report->again, schedule);
	}
	free(schedule);
}
