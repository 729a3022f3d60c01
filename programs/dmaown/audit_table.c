/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "audit_table.h"
#include "array.h"
#include "complain.h"
#include "paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

enum { MOST_DEVICES = 4 };

/* Each writes a cell of an event. */
struct column {
	const char *title;
	void (*write)(const json_t *event, FILE *out);
};

static void write_string(const json_t *object, const char *key, const char *none, FILE *out)
{
	const char *text = string_of(object, key);

	fputs(text ? text : none, out);
}

static void write_number(const char *before, const json_t *object, const char *key, FILE *out)
{
	const json_t *number = json_object_get(object, key);

	if (json_is_integer(number))
		fprintf(out, "%s%" JSON_INTEGER_FORMAT, before, json_integer_value(number));
}

static void write_time(const json_t *event, FILE *out)
{
	write_string(event, "time", "", out);
}

static void write_what(const json_t *event, FILE *out)
{
	write_string(event, "what", "", out);
}

static void write_result(const json_t *event, FILE *out)
{
	write_string(event, "result", "", out);
	if (string_of(event, "errno"))
		fprintf(out, " %s", string_of(event, "errno"));
	if (json_integer_value(json_object_get(event, "exit")) != EXIT_DONE)
		write_number(", exit ", event, "exit", out);
	write_number(", command ", event, "status", out);
}

static void write_owner(const json_t *event, FILE *out)
{
	write_string(event, "owner", "?", out);
	if (string_of(event, "user"))
		fprintf(out, " for %s", string_of(event, "user"));
}

/* The user, and who logged in to become that. */
static void write_asker(const json_t *event, FILE *out)
{
	const json_t *login = json_object_get(event, "login");

	write_number("", event, "uid", out);
	if (json_is_integer(login) && !json_equal(login, json_object_get(event, "uid")))
		write_number(" from ", event, "login", out);
}

static void write_groups(const json_t *event, FILE *out)
{
	const json_t *groups = json_object_get(event, "groups");

	for (size_t i = 0; i < json_array_size(groups); i++)
		fprintf(out, "%s%" JSON_INTEGER_FORMAT, i ? " " : "",
			json_integer_value(json_array_get(groups, i)));
}

/* "0000:02:01.0 back on e1000e"; of what was claimed the driver that it was on. */
static void write_device(const json_t *event, const json_t *device, FILE *out)
{
	const char *became = string_of(device, "became");
	bool claimed = string_of(event, "what") && strcmp(string_of(event, "what"), "claim") == 0;

	write_string(device, "address", "?", out);
	if (claimed && string_of(device, "driver"))
		fprintf(out, " from %s", string_of(device, "driver"));
	else if (!claimed && became)
		fprintf(out, " %s", became);
}

static void write_devices(const json_t *event, FILE *out)
{
	const json_t *devices = json_object_get(event, "devices");
	const json_t *left_out = json_object_get(event, "devices_left_out");
	size_t count = json_array_size(devices),
	       shown = count < MOST_DEVICES ? count : MOST_DEVICES;
	long long more = (long long)(count - shown) + json_integer_value(left_out);

	if (count == 0) /* a record that told nothing, or a refusal */
		write_string(event, "reason", "", out);
	for (size_t i = 0; i < shown; i++) {
		fputs(i ? ", " : "", out);
		write_device(event, json_array_get(devices, i), out);
	}
	if (more > 0)
		fprintf(out, ", %lld more", more);
}

static void write_command(const json_t *event, FILE *out)
{
	const json_t *words = json_object_get(event, "command");

	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		fprintf(out, "%s%s", i ? " " : "", word ? word : "?");
	}
}

static const struct column columns[] = {
	{"TIME", write_time},       {"WHAT", write_what},       {"RESULT", write_result},
	{"OWNER", write_owner},     {"UID", write_asker},       {"GROUPS", write_groups},
	{"DEVICES", write_devices}, {"COMMAND", write_command},
};

enum { COLUMNS = COUNT(columns) };

/* A cell's text, which the caller frees; NULL: out of memory. */
static char *cell_of(const json_t *event, const struct column *column)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	column->write(event, stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

static void measure(const json_t *events, size_t widths[COLUMNS])
{
	for (size_t column = 0; column < COLUMNS; column++) {
		widths[column] = text_width(columns[column].title);
		for (size_t i = 0; i < json_array_size(events); i++) {
			char *text = cell_of(json_array_get(events, i), &columns[column]);
			size_t width = text ? text_width(text) : 0;

			if (width > widths[column])
				widths[column] = width;
			free(text);
		}
		widths[column] += 2;
	}
	widths[COLUMNS - 1] = 0;
}

void print_events(const struct context *context, const json_t *events)
{
	size_t widths[COLUMNS];

	measure(events, widths);
	for (size_t column = 0; context->verbosity >= 0 && column < COLUMNS; column++)
		paint(colored(context), STYLE_DIM, columns[column].title, widths[column]);
	if (context->verbosity >= 0)
		putchar('\n');
	for (size_t i = 0; i < json_array_size(events); i++) {
		for (size_t column = 0; column < COLUMNS; column++) {
			char *text = cell_of(json_array_get(events, i), &columns[column]);

			paint(false, STYLE_PLAIN, text ? text : "?", widths[column]);
			free(text);
		}
		putchar('\n');
	}
}
