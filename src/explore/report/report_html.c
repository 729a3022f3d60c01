/* SPDX-License-Identifier: MIT */
/*
 * A page that needs nothing else: the verdict, the figures, and the timeline drawn, a lane a
 * thread, time downwards. A step is a dot in its thread's lane, a switch a line to the next
 * thread's, a held lock a bar beside the lane, in the lock's own colour.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LANE_WIDTH 190
#define ROW_HEIGHT 22
#define LEFT 50
#define TOP 40
#define BAR_WIDTH 4
#define STATE_WIDTH 560

static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void print_head(const struct report *report, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
	      out);
	print_escaped(report->title ? report->title : report->scenario, out);
	fputs("</title>\n<style>\n"
	      ":root { color-scheme: light dark; --ink: #222; --faint: #999; --page: #fff;"
	      " --wrong: #c22; --move: #46c; }\n"
	      "@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --faint: #777;"
	      " --page: #181818; --wrong: #f66; --move: #8ae; } }\n"
	      "body { font: 14px sans-serif; color: var(--ink); background: var(--page);"
	      " margin: 2em; }\n"
	      "svg text { font: 12px monospace; fill: var(--ink); }\n"
	      "svg .faint { fill: var(--faint); }\n"
	      "svg .lane { stroke: var(--faint); stroke-width: 1; }\n"
	      "svg .switch { stroke: var(--move); stroke-width: 1; stroke-dasharray: 3 2; }\n"
	      "svg .step { fill: var(--move); }\n"
	      "svg .wrong { fill: var(--wrong); }\n"
	      ".wrong { color: var(--wrong); }\n"
	      "</style>\n</head>\n<body>\n",
	      out);
}

static void print_summary(const struct report *report, FILE *out)
{
	const struct explore_progress *covered = &report->exploration->covered;
	char verdict[FINDING_TEXT + 80] = "";
	FILE *text = fmemopen(verdict, sizeof(verdict) - 1, "w");

	if (text) {
		report_verdict(report->exploration, text);
		fclose(text);
	}
	fputs("<h1>", out);
	print_escaped(report->title ? report->title : report->scenario, out);
	fprintf(out, "</h1>\n<p class=\"%s\">",
		report->exploration->finding.kind ? "wrong" : "right");
	print_escaped(verdict, out);
	fputs("</p>\n<p>", out);
	print_escaped(report->scenario, out);
	fputs(", design ", out);
	print_escaped(report->design, out);
	fprintf(out,
		": %" PRIu64 " states, %" PRIu64 " steps, %" PRIu64
		" executions, %.2f s, %.1f MiB</p>\n",
		covered->states, covered->transitions, covered->executions, covered->seconds,
		(double)covered->memory / (1u << 20));
}

static unsigned int lane_x(unsigned int thread)
{
	return LEFT + thread * LANE_WIDTH;
}

static unsigned int row_y(size_t row)
{
	return TOP + (unsigned int)row * ROW_HEIGHT;
}

/* A colour of the lock's own, from its name. */
static unsigned int hue(const char *name)
{
	unsigned int sum = 0;

	for (; *name; name++)
		sum = sum * 31 + (unsigned char)*name;
	return sum % 360;
}

static void print_bars(const struct shown_step *step, size_t row, FILE *out)
{
	for (unsigned int i = 0; i < step->lock_count; i++) {
		fprintf(out,
			"<rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" "
			"fill=\"hsl(%u 70%% 50%%)\"><title>",
			lane_x(step->thread) - 8 - i * (BAR_WIDTH + 1), row_y(row) - ROW_HEIGHT / 2,
			BAR_WIDTH, ROW_HEIGHT, hue(step->locks[i]));
		print_escaped(step->locks[i], out);
		fputs("</title></rect>\n", out);
	}
}

static void print_switch(const struct shown_schedule *shown, size_t row, FILE *out)
{
	unsigned int before = shown->steps[row - 1].thread, now = shown->steps[row].thread;

	if (before != now)
		fprintf(out, "<line class=\"switch\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n",
			lane_x(before), row_y(row - 1), lane_x(now), row_y(row));
}

static void print_point(const struct shown_step *step, size_t row, bool wrong, FILE *out)
{
	fprintf(out, "<circle class=\"%s\" cx=\"%u\" cy=\"%u\" r=\"4\"><title>",
		wrong ? "wrong" : "step", lane_x(step->thread), row_y(row));
	print_escaped(step->doing ? step->doing : "", out);
	fputs("</title></circle>\n", out);
	fprintf(out, "<text x=\"%u\" y=\"%u\">%s ", lane_x(step->thread) + 8, row_y(row) + 4,
		point_name(step->kind));
	print_escaped(step->object ? step->object : "", out);
	fputs("</text>\n", out);
}

static void print_margin(const struct shown_schedule *shown, size_t row, const char *before,
			 FILE *out)
{
	const struct shown_step *step = &shown->steps[row];
	unsigned int x = lane_x(shown->subject->thread_count);

	fprintf(out, "<text class=\"faint\" x=\"4\" y=\"%u\">%zu</text>\n", row_y(row) + 4,
		row + 1);
	if (step->place.line) {
		fprintf(out, "<text class=\"faint\" x=\"%u\" y=\"%u\">", x, row_y(row) + 4);
		print_escaped(step->place.file, out);
		fprintf(out, ":%u</text>\n", step->place.line);
	}
	if (!step->state || (before && strcmp(step->state, before) == 0))
		return;
	fprintf(out, "<text x=\"%u\" y=\"%u\">", x + 150, row_y(row) + 4);
	print_escaped(step->state, out);
	fputs("</text>\n", out);
}

static void print_lanes(const struct shown_schedule *shown, FILE *out)
{
	for (unsigned int i = 0; i < shown->subject->thread_count; i++) {
		fprintf(out,
			"<line class=\"lane\" x1=\"%u\" y1=\"%d\" x2=\"%u\" y2=\"%u\"/>\n<text "
			"x=\"%u\" y=\"16\">",
			lane_x(i), TOP - 14, lane_x(i), row_y(shown->count), lane_x(i));
		print_escaped(shown->subject->thread_names[i], out);
		fputs("</text>\n", out);
	}
}

static void print_timeline(const struct report *report, FILE *out)
{
	const struct shown_schedule *shown = report->shown;
	const char *state = shown->before;

	fprintf(out, "<svg width=\"%u\" height=\"%u\" role=\"img\" aria-label=\"timeline\">\n",
		lane_x(shown->subject->thread_count) + 150 + STATE_WIDTH,
		row_y(shown->count) + ROW_HEIGHT);
	print_lanes(shown, out);
	for (size_t row = 0; row < shown->count; row++) {
		print_bars(&shown->steps[row], row, out);
		if (row > 0)
			print_switch(shown, row, out);
		print_margin(shown, row, state, out);
		state = shown->steps[row].state;
	}
	for (size_t row = 0; row < shown->count; row++)
		print_point(&shown->steps[row], row, row + 1 == shown->count, out);
	fputs("</svg>\n", out);
}

static void print_again(const struct report *report, FILE *out)
{
	char *schedule =
		schedule_to_text(report->exploration->schedule, report->exploration->length);

	if (!schedule)
		return;
	fputs("<p>again: <code>", out);
	print_escaped(report->again, out);
	fprintf(out, " %s</code></p>\n", schedule);
	free(schedule);
}

int report_html(const struct report *report, FILE *out)
{
	print_head(report, out);
	print_summary(report, out);
	if (report->shown) {
		print_timeline(report, out);
		print_again(report, out);
	}
	fputs("</body>\n</html>\n", out);
	return 0;
}
