/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "json_place.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where we are in a text that is known to be JSON; every step stays below `end` all the same. */
struct cursor {
	const char *at, *end;
};

static char peek(const struct cursor *cursor)
{
	return cursor->at < cursor->end ? *cursor->at : '\0';
}

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at))
		cursor->at++;
}

static void skip_string(struct cursor *cursor)
{
	for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++)
		if (*cursor->at == '\\')
			cursor->at++;
	if (cursor->at < cursor->end)
		cursor->at++;
	else
		cursor->at = cursor->end;
}

static void skip_value(struct cursor *cursor)
{
	size_t depth = 0;

	while (cursor->at < cursor->end) {
		char c = *cursor->at;

		if (c == '"') {
			skip_string(cursor);
			continue;
		}
		if (!depth && strchr(",]}", c))
			return;
		if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		cursor->at++;
	}
}

static bool key_is(const char *key, const struct cursor *string)
{
	size_t length = strlen(key);

	return (size_t)(string->end - string->at) == length + 2 &&
	       memcmp(string->at + 1, key, length) == 0;
}

/* From an opening bracket or brace to the value that `place` names in it. */
static bool enter(struct cursor *cursor, const struct json_place *place)
{
	if (peek(cursor) != (place->key ? '{' : '['))
		return false;
	cursor->at++;
	for (size_t i = 0; skip_space(cursor), cursor->at < cursor->end; i++) {
		bool found = !place->key && i == place->index;

		if (strchr("]}", *cursor->at))
			return false;
		if (place->key) {
			struct cursor key = *cursor;

			skip_string(cursor);
			key.end = cursor->at;
			found = key_is(place->key, &key);
			skip_space(cursor);
			cursor->at++;
			skip_space(cursor);
		}
		if (found)
			return true;
		skip_value(cursor);
		if (peek(cursor) == ',')
			cursor->at++;
	}
	return false;
}

static bool find(struct cursor *cursor, const struct json_place *place)
{
	struct cursor above;

	if (!place) {
		skip_space(cursor);
		return true;
	}
	if (!find(cursor, place->above))
		return false;
	above = *cursor;
	if (enter(cursor, place))
		return true;
	*cursor = above;
	return false;
}

size_t json_place_line(const struct json_source *source, const struct json_place *place)
{
	struct cursor cursor = {.at = source->text, .end = source->text + source->length};
	size_t line = 1;

	find(&cursor, place);
	for (const char *at = source->text; at < cursor.at && at < cursor.end; at++)
		line += *at == '\n';
	return line;
}

static void print_place(FILE *out, const struct json_place *place)
{
	if (!place)
		return;
	print_place(out, place->above);
	if (!place->key)
		fprintf(out, "[%zu]", place->index);
	else
		fprintf(out, "%s%s", place->above ? "." : "", place->key);
}

static void replace_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* Ends a text that open_memstream() made; *why is set to it, or, where memory ran out, untouched.
 */
static int finish(FILE *out, char **text, char **why)
{
	bool failed = ferror(out) != 0;

	if (fclose(out) || failed) {
		free(*text);
		return -ENOMEM;
	}
	replace_controls(*text);
	*why = *text;
	return -EINVAL;
}

int json_place_fault(const struct json_source *source, const struct json_place *place, char **why,
		     const char *format, ...)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	va_list args;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s:%zu: ", source->name, json_place_line(source, place));
	print_place(out, place);
	if (place)
		fputs(": ", out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	return finish(out, &text, why);
}

int json_syntax_fault(const struct json_source *source, const json_error_t *error, char **why)
{
	char *text;
	size_t length;
	FILE *out;

	if (!*error->text || json_error_code(error) == json_error_out_of_memory)
		return -ENOMEM;
	out = open_memstream(&text, &length);
	if (!out)
		return -ENOMEM;
	fprintf(out, "%s:%d: %s", source->name, error->line > 0 ? error->line : 1, error->text);
	return finish(out, &text, why);
}

const char *json_kind(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a whole number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "nothing";
}
