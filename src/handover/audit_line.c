/* SPDX-License-Identifier: MIT */
/* What a line of the audit says. */
#define _GNU_SOURCE
#include "audit.h"
#include "errname.h"
#include "facts_json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	MOST_DEVICES = 64,
	MOST_GROUPS = 64,
	MOST_ARGUMENTS = 64,
	NAME_BYTES = 128, /* of a name that others chose */
	WORDS_BYTES = 512,
	COMMAND_BYTES = 1024, /* of all arguments */
};

/* A string of at most so many bytes, cut between characters; null for NULL. */
static json_t *bounded_json(const char *text, size_t most)
{
	char *cut;
	json_t *json;

	if (!text || strlen(text) <= most)
		return text_to_json(text);
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	cut = strndup(text, most);
	json = cut ? text_to_json(cut) : NULL;
	free(cut);
	return json;
}

static json_t *time_json(void)
{
	struct timespec now;
	struct tm parts;
	char seconds[32];

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &parts));
	return json_sprintf("%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

/* Who logged in, whoever he has become since; null: nobody did, or it is not known. */
static json_t *login_json(void)
{
	FILE *file = fopen("/proc/self/loginuid", "re");
	unsigned long uid = UINT32_MAX;

	if (file && fscanf(file, "%lu", &uid) != 1)
		uid = UINT32_MAX;
	if (file)
		fclose(file);
	return uid < UINT32_MAX ? json_integer((json_int_t)uid) : json_null();
}

static json_t *arguments_json(char *const *command)
{
	json_t *array = json_array();
	size_t left = COMMAND_BYTES;

	for (size_t i = 0; command && command[i] && i < MOST_ARGUMENTS && left > 0; i++) {
		size_t length = strlen(command[i]);

		json_array_append_new(array, bounded_json(command[i], left));
		left -= length < left ? length : left;
	}
	return array;
}

static json_t *groups_json(const struct audit_event *event)
{
	const struct record *record = event->record;
	size_t count = record           ? record->group_count
		       : event->request ? event->request->group_count
					: 0;
	json_t *array = json_array();

	for (size_t i = 0; i < count && i < MOST_GROUPS; i++)
		json_array_append_new(array, json_integer(record ? record->groups[i].id
								 : event->request->groups[i]));
	return array;
}

/* ---- devices ---- */

static json_t *on_json(const char *how, const struct driver_name *driver)
{
	char words[NAME_BYTES];

	snprintf(words, sizeof(words), "%s on %.*s", how, NAME_BYTES / 2,
		 *driver->text ? driver->text : "no driver");
	return text_to_json(words);
}

/* What became of a device that a claim had, in words; null: nobody looked. */
static json_t *became_json(const struct device_progress *progress)
{
	switch (progress->where) {
	case BACK:
		return on_json("back", &progress->driver);
	case ASTRAY:
	case TAKEN:
		return on_json("left", &progress->driver);
	case GONE:
		return json_string("gone");
	case REPLACED:
		return json_string("gone, another has its address");
	case HIDDEN:
		return json_string("not known");
	case NOT_LOOKED_AT:
		break;
	}
	return json_null();
}

/* A claim that was not ended has not put its devices anywhere. */
static bool has_put_back(const struct audit_event *event)
{
	if (event->what == AUDIT_CLAIM)
		return event->result == AUDIT_FAILED || event->result == AUDIT_NOT_RESTORED;
	return event->result == AUDIT_DONE || event->result == AUDIT_NOT_RESTORED;
}

static json_t *device_json(const struct audit_event *event, size_t place)
{
	const struct record *record = event->record;
	const struct record_device *device = &record->devices[place];

	return json_pack("{s:o, s:o, s:o, s:o}", "address",
			 bounded_json(device->address, NAME_BYTES), "driver",
			 bounded_json(device->driver, NAME_BYTES), "to",
			 bounded_json(device->to, NAME_BYTES), "became",
			 has_put_back(event) ? became_json(&record->progress[place]) : json_null());
}

static bool is_told_of(const struct record_device *device)
{
	return device->treatment != TREATMENT_LEAVE;
}

static json_t *devices_of_record(const struct audit_event *event, size_t most, size_t *left_out)
{
	const struct record *record = event->record;
	json_t *array = json_array();

	for (size_t i = 0; i < record->device_count; i++) {
		if (!is_told_of(&record->devices[i]))
			continue;
		if (json_array_size(array) < most)
			json_array_append_new(array, device_json(event, i));
		else
			++*left_out;
	}
	return array;
}

/* Without a record there is what was named. */
static json_t *devices_json(const struct audit_event *event, size_t most, size_t *left_out)
{
	json_t *array;

	*left_out = 0;
	if (event->record)
		return devices_of_record(event, most, left_out);
	array = json_array();
	for (size_t i = 0; event->request && i < event->request->named_count; i++) {
		if (i < most)
			json_array_append_new(
				array,
				json_pack("{s:o}", "address",
					  bounded_json(event->request->named[i], NAME_BYTES)));
		else
			++*left_out;
	}
	return array;
}

/* ---- lines ---- */

const char *audit_what_name(enum audit_what what)
{
	static const char *const names[] = {
		[AUDIT_CLAIM] = "claim", [AUDIT_RELEASE] = "release", [AUDIT_RECOVER] = "recover"};

	return names[what];
}

const char *audit_result_name(enum audit_result result)
{
	static const char *const names[] = {[AUDIT_DONE] = "done",
					    [AUDIT_REFUSED] = "refused",
					    [AUDIT_FAILED] = "failed",
					    [AUDIT_NOT_RESTORED] = "not restored"};

	return names[result];
}

static json_t *known_json(int number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static json_t *event_json(const struct audit_event *event, size_t most)
{
	const struct record *record = event->record;
	const struct claim_request *request = event->request;
	size_t left_out;
	json_t *devices = devices_json(event, most, &left_out);

	return json_pack(
		"{s:o, s:o, s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:o, s:o, s:o, s:o, "
		"s:i}",
		"time", time_json(), "boot", bounded_json(event->boot, NAME_BYTES), "what",
		audit_what_name(event->what), "result", audit_result_name(event->result), "errno",
		event->error ? errno_name(event->error) : NULL, "reason",
		bounded_json(event->reason, WORDS_BYTES), "exit", known_json(event->exit_code),
		"status", known_json(event->status), "owner",
		bounded_json(record    ? record->owner
			     : request ? request->owner
				       : NULL,
			     NAME_BYTES),
		"user",
		bounded_json(record    ? record->user
			     : request ? request->user
				       : NULL,
			     NAME_BYTES),
		"uid", (int)getuid(), "pid", (int)getpid(), "login", login_json(), "command",
		arguments_json(event->command), "groups", groups_json(event), "devices", devices,
		"devices_left_out", (int)left_out);
}

/* A line of no more devices than that; -E2BIG: it is too long. */
static int print_event(const struct audit_event *event, size_t most, char **out)
{
	json_t *json = event_json(event, most);
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	size_t length = text ? strlen(text) : 0;
	char *line = text ? realloc(text, length + 2) : NULL;

	json_decref(json);
	if (!line) {
		free(text);
		return -ENOMEM;
	}
	if (length >= AUDIT_LINE) {
		free(line);
		return -E2BIG;
	}
	memcpy(line + length, "\n", 2);
	*out = line;
	return 0;
}

int audit_line(const struct audit_event *event, char **out)
{
	int err = -E2BIG;

	for (size_t most = MOST_DEVICES; err == -E2BIG; most /= 2)
		err = print_event(event, most, out);
	return err;
}
