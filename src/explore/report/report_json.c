/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A string of JSON is UTF-8; in what is not, bytes that are no ASCII become '?'. */
static json_t *string_of(const char *text)
{
	json_t *string = json_string(text);
	char *ascii = string ? NULL : strdup(text);

	if (!ascii)
		return string;
	for (char *at = ascii; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}

static json_t *text_json(const char *text)
{
	return text ? string_of(text) : json_null();
}

static json_t *place_json(const struct source_line *place)
{
	char text[sizeof(place->file) + 16];

	snprintf(text, sizeof(text), "%s:%u", place->file, place->line);
	return text_json(place->line ? text : NULL);
}

/* Adds to an array, which is dropped if there is no memory for that. */
static json_t *append(json_t *array, json_t *value)
{
	if (array && json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *locks_json(const struct shown_step *step)
{
	json_t *locks = json_array();

	for (unsigned int i = 0; i < step->lock_count; i++)
		locks = append(locks, text_json(step->locks[i]));
	return locks;
}

static json_t *step_json(const struct subject *subject, const struct shown_step *step)
{
	const char *function = step->place.line ? step->place.function : NULL;

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "thread",
			 text_json(subject->thread_names[step->thread]), "point",
			 point_name(step->kind), "object", text_json(step->object), "doing",
			 text_json(step->doing), "place", place_json(&step->place), "function",
			 text_json(function), "locks", locks_json(step), "state",
			 text_json(step->state));
}

static json_t *steps_json(const struct shown_schedule *shown)
{
	json_t *steps = json_array();

	for (size_t i = 0; shown && i < shown->count; i++)
		steps = append(steps, step_json(shown->subject, &shown->steps[i]));
	return steps;
}

static const char *end_word(enum step_end end)
{
	static const char *const words[] = {
		[STEP_DONE] = "can go on", [STEP_BLOCKED] = "blocked", [STEP_ENDED] = "ended",
		[STEP_BROKEN] = "breaks",  [STEP_FULL] = "no memory",
	};

	return words[end];
}

static json_t *end_json(const struct subject *subject, unsigned int thread,
			const struct shown_end *end)
{
	const char *holder = end->holder < 0 ? NULL : subject->thread_names[end->holder];
	const char *point = end->kind == POINT_NONE ? NULL : point_name(end->kind);

	return json_pack("{s:o, s:s, s:s?, s:o, s:o, s:o, s:o}", "thread",
			 text_json(subject->thread_names[thread]), "end", end_word(end->end),
			 "point", point, "object", text_json(end->object), "doing",
			 text_json(end->doing), "place", place_json(&end->place), "holder",
			 text_json(holder));
}

static json_t *ends_json(const struct shown_schedule *shown)
{
	json_t *ends = json_array();

	for (unsigned int i = 0; shown && shown->ends && i < shown->subject->thread_count; i++)
		ends = append(ends, end_json(shown->subject, i, &shown->ends[i]));
	return ends;
}

static json_t *finding_json(const struct report *report)
{
	const struct finding *finding = &report->exploration->finding;
	const struct source_line nowhere = {.line = 0};
	const struct shown_schedule *shown = report->shown;

	if (finding->kind == FINDING_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", finding_name(finding->kind), "text",
			 text_json(finding->text), "place",
			 place_json(shown ? &shown->place : &nowhere), "other_place",
			 place_json(shown ? &shown->other_place : &nowhere), "loop",
			 finding->kind == FINDING_ENDLESS
				 ? json_integer((json_int_t)report->exploration->loop)
				 : json_null());
}

/* One schedule that was taken again says nothing of all others. */
static const char *verdict_word(const struct exploration *exploration)
{
	if (exploration->finding.kind != FINDING_NONE)
		return "violation";
	return exploration->bound == BOUND_NONE && !exploration->schedule ? "no violation"
									  : "incomplete";
}

static json_t *bound_json(const struct exploration *exploration)
{
	if (exploration->bound != BOUND_NONE)
		return text_json(explore_bound_name(exploration->bound));
	return text_json(exploration->finding.kind == FINDING_NONE && exploration->schedule
				 ? "--replay"
				 : NULL);
}

static json_t *figures_json(const struct explore_progress *covered)
{
	double seconds = covered->seconds > 0 ? covered->seconds : 1e-9;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:I}", "states",
			 (json_int_t)covered->states, "transitions",
			 (json_int_t)covered->transitions, "executions",
			 (json_int_t)covered->executions, "redundant",
			 (json_int_t)covered->redundant, "depth", (json_int_t)covered->depth,
			 "seconds", covered->seconds, "states_per_second",
			 (double)covered->states / seconds, "memory", (json_int_t)covered->memory);
}

static json_t *threads_json(const struct shown_schedule *shown)
{
	json_t *threads = json_array();

	for (unsigned int i = 0; shown && i < shown->subject->thread_count; i++)
		threads = append(threads, text_json(shown->subject->thread_names[i]));
	return threads;
}

static json_t *replay_json(const struct exploration *exploration)
{
	char *text;
	json_t *replay;

	if (!exploration->schedule)
		return json_null();
	text = schedule_to_text(exploration->schedule, exploration->length);
	replay = text ? json_string(text) : NULL;
	free(text);
	return replay;
}

/* NULL: no memory. */
static json_t *object_of(const struct report *report)
{
	const struct exploration *exploration = report->exploration;
	json_t *figures = figures_json(&exploration->covered);
	json_t *object = json_pack(
		"{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "scenario",
		text_json(report->scenario), "title", text_json(report->title), "design",
		text_json(report->design), "verdict", verdict_word(exploration), "finding",
		finding_json(report), "bound", bound_json(exploration), "threads",
		threads_json(report->shown), "steps", steps_json(report->shown), "ends",
		ends_json(report->shown), "replay", replay_json(exploration));

	if (object && (!figures || json_object_update(object, figures) != 0)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(figures);
	return object;
}

int report_json(const struct report *report, FILE *out)
{
	json_t *object = object_of(report);
	int err = object ? 0 : -ENOMEM;

	if (!err && (json_dumpf(object, out, JSON_INDENT(1) | JSON_ENSURE_ASCII) ||
		     fputc('\n', out) == EOF))
		err = -EIO;
	json_decref(object);
	return err;
}
