/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "timeline.h"
#include "facts_json.h"
#include "text.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOT_VISIBLE_HERE "not visible here"

static const char *word_or(const char *word, const char *otherwise)
{
	return word ? word : otherwise;
}

void timeline_release(struct timeline *timeline)
{
	if (!timeline->scenario)
		return;
	for (size_t i = 0; i < timeline->event_count; i++) {
		view_release(&timeline->events[i].after, timeline->scenario);
		free(timeline->events[i].broken);
	}
	view_release(&timeline->before, timeline->scenario);
	view_release(&timeline->end, timeline->scenario);
	free(timeline->events);
	free(timeline->finals);
	free(timeline->broken);
	free(timeline->machine);
	*timeline = (struct timeline) {0};
}

static const char *result(const struct event *event)
{
	const struct expectation *check = &event->step->check;

	if (event->step->operation->perform)
		return outcome_name(event->step->operation, event->outcome);
	return word_or(view_word(&event->after, check->role, check->property), NOT_VISIBLE_HERE);
}

static const char *expected(const struct step *step, char room[EXPECTED_ROOM])
{
	return step->operation->perform ? step_expected_name(step, room) : step->check.value;
}

/* What a step does, as text that the caller frees; NULL for lack of memory. */
static char *step_text(const struct scenario *scenario, const struct step *step)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return NULL;
	step_print(scenario, step, stream);
	if (fclose(stream)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- the table ---- */

struct widths {
	size_t thread, operation, result;
};

static void widen(size_t *width, const char *text)
{
	size_t columns = text_width(text);

	if (columns > *width)
		*width = columns;
}

/* One column, and two blanks. */
static void print_cell(const char *text, size_t width, FILE *out)
{
	size_t taken = text_print(text, SIZE_MAX, out);

	fprintf(out, "%*s", (int)(width - taken) + 2, "");
}

static struct widths measure(const struct timeline *timeline)
{
	struct widths widths = {strlen("thread"), strlen("operation"), strlen("result")};

	for (size_t i = 0; i < timeline->event_count; i++) {
		const struct event *event = &timeline->events[i];
		char *text = step_text(timeline->scenario, event->step);

		widen(&widths.thread, timeline->scenario->threads[event->step->thread]);
		widen(&widths.operation, word_or(text, ""));
		widen(&widths.result, result(event));
		free(text);
	}
	return widths;
}

static bool same_word(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_there(const struct scenario *scenario, const struct view *view, size_t role)
{
	if (role < scenario->device_count)
		return strcmp(view_word(view, role, PROPERTY_PRESENT), "yes") == 0;
	return strcmp(view_word(view, role, PROPERTY_VIABLE), PROPERTY_ABSENT) != 0;
}

/* Of one role, "A driver e1000 -> none, override ...", or that it is gone or back. */
static void print_role_changes(const struct scenario *scenario, const struct view *before,
			       const struct view *after, size_t role, FILE *out)
{
	bool was = is_there(scenario, before, role), is = is_there(scenario, after, role);
	const char *separator = was == is ? "" : ",";

	fprintf(out, "%s%s", scenario_role(scenario, role),
		was == is ? ""
		: is      ? " back"
			  : " gone");
	for (enum property property = 0; is && property < PROPERTIES; property++) {
		const char *from = view_word(before, role, property);
		const char *to = view_word(after, role, property);

		if (same_word(from, to) || property == PROPERTY_PRESENT)
			continue;
		if (was)
			fprintf(out, "%s %s %s -> %s", separator, property_name(property),
				word_or(from, "?"), word_or(to, "?"));
		else if (to && strcmp(to, SCENARIO_NONE) != 0)
			fprintf(out, "%s %s %s", separator, property_name(property), to);
		separator = ",";
	}
}

static bool role_changed(const struct view *before, const struct view *after, size_t role)
{
	for (enum property property = 0; property < PROPERTIES; property++)
		if (!same_word(view_word(before, role, property), view_word(after, role, property)))
			return true;
	return false;
}

static void print_changes(const struct scenario *scenario, const struct view *before,
			  const struct view *after, FILE *out)
{
	const char *separator = "";

	for (size_t role = 0; role < scenario_roles(scenario); role++) {
		if (!role_changed(before, after, role))
			continue;
		fputs(separator, out);
		print_role_changes(scenario, before, after, role, out);
		separator = "; ";
	}
}

static void print_event(const struct timeline *timeline, size_t index, const struct widths *widths,
			FILE *out)
{
	const struct scenario *scenario = timeline->scenario;
	const struct event *event = &timeline->events[index];
	const struct view *before = index ? &timeline->events[index - 1].after : &timeline->before;
	char *text = step_text(scenario, event->step), *changes = NULL;
	size_t length;
	FILE *stream = open_memstream(&changes, &length);

	if (stream) {
		print_changes(scenario, before, &event->after, stream);
		fclose(stream);
	}
	fprintf(out, "%3zu  ", index + 1);
	print_cell(scenario->threads[event->step->thread], widths->thread, out);
	print_cell(word_or(text, "?"), widths->operation, out);
	if (changes && *changes)
		print_cell(result(event), widths->result, out);
	text_line(out, "%s", changes && *changes ? changes : result(event));
	free(changes);
	free(text);
}

static const char *final_word(const struct timeline *timeline, const struct expectation *final)
{
	return word_or(view_word(&timeline->end, final->role, final->property), NOT_VISIBLE_HERE);
}

static void print_difference(const struct timeline *timeline, const struct event *event, FILE *out)
{
	const struct scenario *scenario = timeline->scenario;
	char room[EXPECTED_ROOM];

	if (event->agreement == OTHERWISE) {
		char *text = step_text(scenario, event->step);

		text_line(out, "%s:%u: %s: expected %s, got %s", scenario->file, event->step->line,
			  word_or(text, "?"), expected(event->step, room), result(event));
		free(text);
	}
	if (event->broken)
		text_line(out, "%s:%u: broken after this: %s", scenario->file, event->step->line,
			  event->broken);
}

static void print_differences(const struct timeline *timeline, FILE *out)
{
	const struct scenario *scenario = timeline->scenario;

	for (size_t i = 0; i < timeline->event_count; i++)
		print_difference(timeline, &timeline->events[i], out);
	for (size_t i = 0; i < scenario->final_count; i++) {
		const struct expectation *final = &scenario->finals[i];

		if (timeline->finals[i] != OTHERWISE)
			continue;
		text_line(out, "%s:%u: %s %s in the end: expected %s, got %s", scenario->file,
			  final->line, scenario_role(scenario, final->role),
			  property_name(final->property), final->value,
			  final_word(timeline, final));
	}
	if (timeline->broken)
		text_line(out, "%s: broken in the end: %s", scenario->file, timeline->broken);
}

void timeline_print(const struct timeline *timeline, FILE *out)
{
	const struct scenario *scenario = timeline->scenario;
	struct widths widths = measure(timeline);

	text_line(out, "%s, on %s", word_or(scenario->title, scenario->file),
		  word_or(timeline->machine, "a machine"));
	fprintf(out, "%3s  ", "");
	print_cell("thread", widths.thread, out);
	print_cell("operation", widths.operation, out);
	print_cell("result", widths.result, out);
	fputs("what changed\n", out);
	for (size_t i = 0; i < timeline->event_count; i++)
		print_event(timeline, i, &widths, out);
	print_differences(timeline, out);
	fprintf(out, "%zu step%s, ", timeline->event_count, timeline->event_count == 1 ? "" : "s");
	if (timeline->otherwise)
		fprintf(out, "%zu came out otherwise\n", timeline->otherwise);
	else
		fputs("all as expected\n", out);
}

/* ---- JSON ---- */

static json_t *role_json(const struct scenario *scenario, const struct view *view, size_t role)
{
	json_t *object = json_object();

	for (enum property property = 0; property < PROPERTIES; property++)
		if (property_of_group(property) == (role >= scenario->device_count))
			json_object_set_new(object, property_name(property),
					    text_to_json(view_word(view, role, property)));
	return object;
}

static json_t *view_json(const struct scenario *scenario, const struct view *view)
{
	json_t *object = json_object();

	for (size_t role = 0; role < scenario_roles(scenario); role++)
		json_object_set_new(object, scenario_role(scenario, role),
				    role_json(scenario, view, role));
	return object;
}

static json_t *agreement_json(enum agreement agreement)
{
	return agreement == NOT_VISIBLE ? json_null() : json_boolean(agreement == AS_EXPECTED);
}

static json_t *event_json(const struct scenario *scenario, const struct event *event)
{
	char *text = step_text(scenario, event->step);
	json_t *object = json_object();
	char room[EXPECTED_ROOM];

	json_object_set_new(object, "line", json_integer(event->step->line));
	json_object_set_new(object, "thread", json_string(scenario->threads[event->step->thread]));
	json_object_set_new(object, "operation", text_to_json(text));
	json_object_set_new(object, "expected", json_string(expected(event->step, room)));
	json_object_set_new(object, "result",
			    event->agreement == NOT_VISIBLE ? json_null()
							    : text_to_json(result(event)));
	json_object_set_new(object, "as_expected", agreement_json(event->agreement));
	json_object_set_new(object, "broken", text_to_json(event->broken));
	json_object_set_new(object, "state", view_json(scenario, &event->after));
	free(text);
	return object;
}

static json_t *final_json(const struct timeline *timeline, size_t index)
{
	const struct scenario *scenario = timeline->scenario;
	const struct expectation *final = &scenario->finals[index];
	json_t *object = json_object();

	json_object_set_new(object, "line", json_integer(final->line));
	json_object_set_new(object, "role", json_string(scenario_role(scenario, final->role)));
	json_object_set_new(object, "property", json_string(property_name(final->property)));
	json_object_set_new(object, "expected", json_string(final->value));
	json_object_set_new(object, "result",
			    text_to_json(view_word(&timeline->end, final->role, final->property)));
	json_object_set_new(object, "as_expected", agreement_json(timeline->finals[index]));
	return object;
}

static json_t *timeline_json(const struct timeline *timeline)
{
	const struct scenario *scenario = timeline->scenario;
	json_t *object = json_object(), *steps = json_array(), *finals = json_array();

	for (size_t i = 0; i < timeline->event_count; i++)
		json_array_append_new(steps, event_json(scenario, &timeline->events[i]));
	for (size_t i = 0; i < scenario->final_count; i++)
		json_array_append_new(finals, final_json(timeline, i));
	json_object_set_new(object, "scenario", text_to_json(scenario->file));
	json_object_set_new(object, "title", text_to_json(scenario->title));
	json_object_set_new(object, "machine", text_to_json(timeline->machine));
	json_object_set_new(object, "start", view_json(scenario, &timeline->before));
	json_object_set_new(object, "steps", steps);
	json_object_set_new(object, "end", view_json(scenario, &timeline->end));
	json_object_set_new(object, "finally", finals);
	json_object_set_new(object, "broken", text_to_json(timeline->broken));
	json_object_set_new(object, "as_expected", json_boolean(!timeline->otherwise));
	return object;
}

int timeline_print_json(const struct timeline *timeline, FILE *out)
{
	json_t *object = timeline_json(timeline);
	int err = object ? 0 : -ENOMEM;

	if (!err && json_dumpf(object, out, JSON_INDENT(2) | JSON_ENSURE_ASCII))
		err = -EIO;
	json_decref(object);
	if (!err && fputc('\n', out) == EOF)
		err = -EIO;
	return err;
}

/* ---- two machines ---- */

static bool is_live(const struct timeline *timeline)
{
	return strcmp(timeline->machine, "live") == 0;
}

/* A live machine knows whether a process has a group open, and not whether that process has claimed
 * it: a native driver may be bound all the same. */
static bool owners_agree(const char *live, const char *other)
{
	return strcmp(live, "user") == 0 ||
	       (strcmp(live, "kernel") == 0) == (strcmp(other, "kernel") == 0);
}

/* -1: what both can tell is the same. */
static long first_difference(const struct timeline *a, const struct timeline *b, size_t event)
{
	const struct view *left = &a->events[event].after, *right = &b->events[event].after;
	bool live = is_live(a) || is_live(b), live_is_left = is_live(a);

	for (size_t i = 0; i < scenario_roles(a->scenario) * PROPERTIES; i++) {
		const char *l = left->words[i], *r = right->words[i];

		if (!l || !r || strcmp(l, r) == 0)
			continue;
		if (i % PROPERTIES != PROPERTY_OWNER || !live ||
		    !owners_agree(live_is_left ? l : r, live_is_left ? r : l))
			return (long)i;
	}
	return -1;
}

static int say_outcomes(const struct timeline *a, const struct timeline *b, size_t i, char **why)
{
	return asprintf(why, "%s on %s, %s on %s", result(&a->events[i]), a->machine,
			result(&b->events[i]), b->machine);
}

static int say_words(const struct timeline *a, const struct timeline *b, size_t i, size_t place,
		     char **why)
{
	return asprintf(why, "then %s %s is %s on %s, %s on %s",
			scenario_role(a->scenario, place / PROPERTIES),
			property_name(place % PROPERTIES), a->events[i].after.words[place],
			a->machine, b->events[i].after.words[place], b->machine);
}

int timeline_compare(const struct timeline *a, const struct timeline *b, size_t *step, char **why)
{
	char *text = NULL;
	int length = 0;
	size_t i;

	for (i = 0; i < a->event_count; i++) {
		const struct event *left = &a->events[i], *right = &b->events[i];
		long place = first_difference(a, b, i);

		if (left->step->operation->perform &&
		    !outcome_same(left->step->operation, left->outcome, right->outcome))
			length = say_outcomes(a, b, i, &text);
		else if (place >= 0)
			length = say_words(a, b, i, (size_t)place, &text);
		else
			continue;
		break;
	}
	if (length < 0)
		return -ENOMEM;
	*step = i;
	*why = text;
	return 0;
}
