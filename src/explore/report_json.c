/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *place_json(const struct source_line *place)
{
	return place->line ? json_sprintf("%s:%u", place->file, place->line) : json_null();
}

static json_t *step_json(const struct subject *subject, const struct shown_step *step)
{
	json_t *object = json_object(), *locks = json_array();

	for (unsigned int i = 0; i < step->lock_count; i++)
		json_array_append_new(locks, json_string(step->locks[i]));
	json_object_set_new(object, "thread", json_string(subject->thread_names[step->thread]));
	json_object_set_new(object, "point", json_string(point_name(step->kind)));
	json_object_set_new(object, "object", text_or_null(step->object));
	json_object_set_new(object, "doing", text_or_null(step->doing));
	json_object_set_new(object, "place", place_json(&step->place));
	json_object_set_new(object, "function",
			    step->place.line ? json_string(step->place.function) : json_null());
	json_object_set_new(object, "locks", locks);
	json_object_set_new(object, "state", text_or_null(step->state));
	return object;
}

static json_t *steps_json(const struct shown_schedule *shown)
{
	json_t *steps = json_array();

	for (size_t i = 0; shown && i < shown->count; i++)
		json_array_append_new(steps, step_json(shown->subject, &shown->steps[i]));
	return steps;
}

static json_t *finding_json(const struct report *report)
{
	const struct finding *finding = &report->exploration->finding;
	const struct source_line nowhere = {.line = 0};
	const struct shown_schedule *shown = report->shown;
	json_t *object;

	if (finding->kind == FINDING_NONE)
		return json_null();
	object = json_object();
	json_object_set_new(object, "kind", json_string(finding_name(finding->kind)));
	json_object_set_new(object, "text", json_string(finding->text));
	json_object_set_new(object, "place", place_json(shown ? &shown->place : &nowhere));
	json_object_set_new(object, "other_place",
			    place_json(shown ? &shown->other_place : &nowhere));
	json_object_set_new(object, "loop",
			    finding->kind == FINDING_ENDLESS
				    ? json_integer((json_int_t)report->exploration->loop)
				    : json_null());
	return object;
}

static const char *verdict_word(const struct exploration *exploration)
{
	if (exploration->finding.kind != FINDING_NONE)
		return "violation";
	return exploration->bound == BOUND_NONE ? "no violation" : "incomplete";
}

static void add_figures(json_t *object, const struct explore_progress *covered)
{
	double seconds = covered->seconds > 0 ? covered->seconds : 1e-9;

	json_object_set_new(object, "states", json_integer((json_int_t)covered->states));
	json_object_set_new(object, "transitions", json_integer((json_int_t)covered->transitions));
	json_object_set_new(object, "executions", json_integer((json_int_t)covered->executions));
	json_object_set_new(object, "redundant", json_integer((json_int_t)covered->redundant));
	json_object_set_new(object, "depth", json_integer(covered->depth));
	json_object_set_new(object, "seconds", json_real(covered->seconds));
	json_object_set_new(object, "states_per_second",
			    json_real((double)covered->states / seconds));
	json_object_set_new(object, "memory", json_integer((json_int_t)covered->memory));
}

static json_t *threads_json(const struct shown_schedule *shown)
{
	json_t *threads = json_array();

	for (unsigned int i = 0; shown && i < shown->subject->thread_count; i++)
		json_array_append_new(threads, json_string(shown->subject->thread_names[i]));
	return threads;
}

int report_json(const struct report *report, FILE *out)
{
	const struct exploration *exploration = report->exploration;
	char *schedule = exploration->schedule
				 ? schedule_to_text(exploration->schedule, exploration->length)
				 : NULL;
	json_t *object = json_object();
	int err;

	json_object_set_new(object, "scenario", json_string(report->scenario));
	json_object_set_new(object, "title", text_or_null(report->title));
	json_object_set_new(object, "design", json_string(report->design));
	json_object_set_new(object, "verdict", json_string(verdict_word(exploration)));
	json_object_set_new(object, "finding", finding_json(report));
	json_object_set_new(object, "bound",
			    exploration->bound ? json_string(explore_bound_name(exploration->bound))
					       : json_null());
	add_figures(object, &exploration->covered);
	json_object_set_new(object, "threads", threads_json(report->shown));
	json_object_set_new(object, "steps", steps_json(report->shown));
	json_object_set_new(object, "replay", text_or_null(schedule));
	free(schedule);
	err = object && json_dumpf(object, out, JSON_INDENT(1)) == 0 ? 0 : -EIO;
	if (!err && fputc('\n', out) == EOF)
		err = -EIO;
	json_decref(object);
	return err;
}
