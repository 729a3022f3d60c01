/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_WIDTH 20
#define NUMBER_WIDTH 5
#define LINE_WIDTH 120

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

static void print_covered(const struct exploration *exploration, FILE *out)
{
	const struct explore_progress *covered = &exploration->covered;

	if (covered->executions) {
		print_number(covered->executions, out);
		fputs(" executions", out);
	} else {
		print_number(covered->states, out);
		fputs(" states", out);
	}
}

void report_verdict(const struct exploration *exploration, FILE *out)
{
	const struct finding *finding = &exploration->finding;

	if (finding->kind != FINDING_NONE) {
		fprintf(out, "%s after %zu steps: %s\n", finding_name(finding->kind),
			exploration->length, finding->text);
		return;
	}
	if (exploration->covered.states + exploration->covered.executions == 0) {
		fprintf(out, "nothing is wrong after these %zu steps\n", exploration->length);
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

	if (covered->executions) {
		print_number(covered->executions, out);
		fprintf(out, " executions (%" PRIu64 " cut short), ", covered->redundant);
	} else {
		print_number(covered->states, out);
		fputs(" states, ", out);
	}
	print_number(covered->transitions, out);
	fputs(" steps, ", out);
	print_number(
		(uint64_t)((double)(covered->executions ? covered->executions : covered->states) /
			   seconds),
		out);
	fprintf(out, " a second, %.1f MiB, %.2f s\n", (double)covered->memory / (1u << 20),
		covered->seconds);
}

/* ---- the timeline ---- */

static int column_width(const struct shown_schedule *shown)
{
	int width = (LINE_WIDTH - NUMBER_WIDTH - PLACE_WIDTH) /
		    (int)(shown->subject->thread_count ? shown->subject->thread_count : 1);

	return width > 34 ? 34 : width;
}

/* Text in its thread's column, the columns before it empty, cut to what a column has. */
static int print_in_column(const struct shown_schedule *shown, unsigned int thread,
			   const char *text, FILE *out)
{
	int width = column_width(shown), length = (int)strlen(text);

	fprintf(out, "%*s", width * (int)thread, "");
	if (length < width)
		return width * (int)thread + fprintf(out, "%s", text);
	fprintf(out, "%.*s", width - 2, text);
	fputc('~', out);
	return width * (int)thread + width - 1;
}

static void print_heads(const struct shown_schedule *shown, FILE *out)
{
	fprintf(out, "%*s", NUMBER_WIDTH, "");
	for (unsigned int i = 0; i < shown->subject->thread_count; i++)
		fprintf(out, "%-*.*s", column_width(shown), column_width(shown) - 1,
			shown->subject->thread_names[i]);
	fputs("where\n", out);
}

static void print_doing(const struct shown_schedule *shown, const struct shown_step *step,
			FILE *out)
{
	fprintf(out, "%*s", NUMBER_WIDTH, "");
	print_in_column(shown, step->thread, step->doing, out);
	fputc('\n', out);
}

static void print_place(const struct source_line *place, FILE *out)
{
	if (place->line)
		fprintf(out, "%s:%u", place->file, place->line);
	else
		fputs("?", out);
}

static void print_step(const struct shown_schedule *shown, size_t number, FILE *out)
{
	const struct shown_step *step = &shown->steps[number];
	char text[80];
	int used;

	snprintf(text, sizeof(text), " %s %s", point_name(step->kind),
		 step->object ? step->object : "");
	fprintf(out, "%*zu ", NUMBER_WIDTH - 1, number + 1);
	used = print_in_column(shown, step->thread, text, out);
	fprintf(out, "%*s", column_width(shown) * (int)shown->subject->thread_count - used, "");
	print_place(&step->place, out);
	for (unsigned int i = 0; i < step->lock_count; i++)
		fprintf(out, "%s%s", i ? ", " : "  holds ", step->locks[i]);
	fputc('\n', out);
}

static bool differ(const char *one, const char *other)
{
	return one && (!other || strcmp(one, other) != 0);
}

static void print_state(const char *state, FILE *out)
{
	if (state)
		fprintf(out, "%*s= %s\n", NUMBER_WIDTH, "", state);
}

static void print_timeline(const struct report *report, FILE *out)
{
	const struct shown_schedule *shown = report->shown;
	const char *doing[EXPLORE_THREADS_MAX] = {0}, *state = shown->before;

	print_heads(shown, out);
	print_state(state, out);
	for (size_t i = 0; i < shown->count; i++) {
		const struct shown_step *step = &shown->steps[i];

		if (report->exploration->finding.kind == FINDING_ENDLESS &&
		    i == report->exploration->loop)
			fprintf(out, "%*s--- from here it goes round ---\n", NUMBER_WIDTH, "");
		if (differ(step->doing, doing[step->thread]))
			print_doing(shown, step, out);
		doing[step->thread] = step->doing;
		print_step(shown, i, out);
		if (differ(step->state, state))
			print_state(step->state, out);
		state = step->state;
	}
}

static void print_finding(const struct shown_schedule *shown, FILE *out)
{
	if (shown->finding.kind == FINDING_NONE)
		return;
	fprintf(out, "%*s! %s: %s\n", NUMBER_WIDTH, "", finding_name(shown->finding.kind),
		shown->finding.text);
	if (!shown->place.line)
		return;
	fprintf(out, "%*s  at %s:%u %s", NUMBER_WIDTH, "", shown->place.file, shown->place.line,
		shown->place.function);
	if (shown->other_place.line)
		fprintf(out, " and %s:%u %s", shown->other_place.file, shown->other_place.line,
			shown->other_place.function);
	fputc('\n', out);
}

void report_text(const struct report *report, FILE *out)
{
	const struct exploration *exploration = report->exploration;
	char *schedule;

	fprintf(out, "%s: ", report->scenario);
	report_verdict(exploration, out);
	if (exploration->covered.states || exploration->covered.executions)
		print_figures(exploration, out);
	if (!report->shown)
		return;
	fputc('\n', out);
	print_timeline(report, out);
	print_finding(report->shown, out);
	schedule = schedule_to_text(exploration->schedule, exploration->length);
	if (schedule)
		fprintf(out, "\nagain: %s %s\n", report->again, schedule);
	free(schedule);
}
