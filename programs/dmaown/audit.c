/* SPDX-License-Identifier: MIT */
/* dmaown audit: who had what, when, by which command, with which result; the latest last. */
#define _GNU_SOURCE
#include "audit.h"
#include "command.h"
#include "complain.h"
#include "open_journal.h"
#include "options.h"
#include "output.h"
#include "paint.h"
#include "printable.h"
#include "what.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- which events ---- */

struct selection {
	const char *owner; /* NULL: any */
	char **whats;      /* none: all */
	size_t count;
};

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool has_group(const json_t *event, int group)
{
	const json_t *groups = json_object_get(event, "groups");

	for (size_t i = 0; i < json_array_size(groups); i++) {
		if (json_integer_value(json_array_get(groups, i)) == group)
			return true;
	}
	return false;
}

static bool has_device(const json_t *event, const char *address)
{
	const json_t *devices = json_object_get(event, "devices");

	for (size_t i = 0; i < json_array_size(devices); i++) {
		const char *found = string_of(json_array_get(devices, i), "address");

		if (found && strcmp(found, address) == 0)
			return true;
	}
	return false;
}

/* A WHAT need not be there any more. */
static bool is_about(const json_t *event, const char *what)
{
	struct machine_part part;
	char address[WHAT_SIZE];

	if (what_part(what, address, &part) != EXIT_DONE)
		return false;
	return part.device ? has_device(event, part.device) : has_group(event, part.group);
}

static bool is_selected(const struct selection *selection, const json_t *event)
{
	const char *owner = string_of(event, "owner");

	if (selection->owner && (!owner || !printable_names(selection->owner, owner)))
		return false;
	for (size_t i = 0; i < selection->count; i++) {
		if (is_about(event, selection->whats[i]))
			return true;
	}
	return selection->count == 0;
}

static void select_events(const struct selection *selection, json_t *events)
{
	for (size_t i = 0; i < json_array_size(events);) {
		if (is_selected(selection, json_array_get(events, i)))
			i++;
		else
			json_array_remove(events, i);
	}
}

/* ---- the table ---- */

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

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

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

static void print_table(const struct context *context, const json_t *events)
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

/* ---- the command ---- */

static int print(const struct context *context, const struct audit *audit)
{
	if (context->json)
		return print_json(json_pack("{s:O, s:I}", "events", audit->events, "damaged",
					    (json_int_t)audit->damaged));
	print_table(context, audit->events);
	if (audit->damaged > 0)
		complain(EXIT_DONE, "audit", "%zu damaged lines are left out", audit->damaged);
	return finish_output();
}

static int complain_unreadable(const struct journal *journal, int err)
{
	if (hidden_by_permission(err))
		return complain(EXIT_NOT_PERMITTED, journal_state_folder(journal),
				"its audit can't be read: %s (run dmaown as root)", strerror(-err));
	return complain(EXIT_FAILED, journal_state_folder(journal), "its audit can't be read: %s",
			err == -EUCLEAN ? "it or the folder is not root's own (see who wrote it)"
					: strerror(-err));
}

/* Without a state folder nothing was ever done. */
static int read_audit(const struct journal *journal, struct audit *out)
{
	int folder = journal_open_state(journal), err;

	if (folder == -ENOENT) {
		*out = (struct audit) {.events = json_array()};
		return out->events ? EXIT_DONE : complain_memory();
	}
	err = folder < 0 ? folder : audit_read(folder, out);
	if (folder >= 0)
		close(folder);
	return err ? complain_unreadable(journal, err) : EXIT_DONE;
}

static int show_audit(const struct context *context, const struct selection *selection)
{
	struct journal *journal;
	struct audit audit = {0};
	int code = open_journal(context, &journal);

	if (code != EXIT_DONE)
		return code;
	code = read_audit(journal, &audit);
	if (code == EXIT_DONE) {
		select_events(selection, audit.events);
		code = print(context, &audit);
		json_decref(audit.events);
	}
	journal_close(journal);
	return code;
}

enum { OPTION_OWNER = 0x200 };

static const struct option audit_options[] = {
	{"owner", required_argument, NULL, OPTION_OWNER},
	{0},
};

int command_audit(struct context *context, int argc, char **argv)
{
	struct selection selection = {0};
	struct machine_part part;
	char address[WHAT_SIZE];
	int option;

	while ((option = command_option(context, argc, argv, audit_options)) != OPTION_END) {
		if (option != OPTION_OWNER)
			return EXIT_USAGE;
		selection.owner = optarg;
	}
	selection.whats = argv + optind;
	selection.count = (size_t)(argc - optind);
	for (size_t i = 0; i < selection.count; i++) {
		if (what_part(selection.whats[i], address, &part) != EXIT_DONE)
			return EXIT_USAGE;
	}
	if (context->machine)
		return complain(EXIT_ABSENT, context->machine,
				"a machine file has no audit (ask the live host)");
	return show_audit(context, &selection);
}
