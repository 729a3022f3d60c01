/* SPDX-License-Identifier: MIT */
/* A record as it stands in its file (record.h). */
#include "node_json.h"
#include "record.h"
#include "utf8.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Format 1 knew devices by their addresses alone. */
enum { FORMAT = 2, OLDEST_FORMAT = 1 };

static const char *const treatments[] = {"leave", "free", "give"};

/* ---- writing ---- */

static json_t *device_json(const struct record_device *device)
{
	return json_pack("{s:s, s:s?, s:I, s:s?, s:s?, s:s?, s:i, s:s?, s:s?, s:b, s:s, s:s?}",
			 "address", device->address, "bus", device->bus, "instance",
			 (json_int_t)device->instance, "vendor", device->vendor, "device",
			 device->product, "class", device->class, "group", device->group, "driver",
			 device->driver, "driver_override", device->override, "managed_dma",
			 device->managed, "treatment", treatments[device->treatment], "to",
			 device->to);
}

static json_t *group_json(const struct record_group *group)
{
	return json_pack("{s:i, s:o}", "id", group->id, "node",
			 group->had_node ? node_to_json(&group->node) : json_null());
}

/* Takes the array over and returns it, or NULL once anything was NULL. */
static json_t *append(json_t *array, json_t *element)
{
	if (array && json_array_append_new(array, element) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *record_json(const struct record *record)
{
	json_t *groups = json_array(), *devices = json_array();

	for (size_t i = 0; groups && i < record->group_count; i++)
		groups = append(groups, group_json(&record->groups[i]));
	for (size_t i = 0; devices && i < record->device_count; i++)
		devices = append(devices, device_json(&record->devices[i]));
	return json_pack("{s:i, s:s, s:s, s:I, s:I, s:s?, s:I, s:b, s:o, s:o}", "dmaown-claim",
			 FORMAT, "boot", record->boot, "owner", record->owner, "pid",
			 (json_int_t)record->pid, "uid", (json_int_t)record->uid, "user",
			 record->user, "user_uid", (json_int_t)record->user_uid, "kept",
			 record->kept, "groups", groups, "devices", devices);
}

static bool is_utf8(const char *text)
{
	return !text || utf8_is_whole(text, strlen(text));
}

/* Why jansson made nothing of it. */
static int why_not_json(const struct record *record)
{
	bool whole = is_utf8(record->boot) && is_utf8(record->owner) && is_utf8(record->user);

	for (size_t i = 0; i < record->device_count && whole; i++) {
		const struct record_device *device = &record->devices[i];

		whole = is_utf8(device->address) && is_utf8(device->bus) &&
			is_utf8(device->driver) && is_utf8(device->override) && is_utf8(device->to);
	}
	return whole ? -ENOMEM : -EILSEQ;
}

int record_print(const struct record *record, char **out)
{
	json_t *json = record_json(record);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	size_t length = text ? strlen(text) : 0;
	char *line = text ? realloc(text, length + 2) : NULL;

	json_decref(json);
	if (!line) {
		free(text);
		return why_not_json(record);
	}
	memcpy(line + length, "\n", 2);
	*out = line;
	return 0;
}

/* ---- reading ---- */

static int copy_text(const json_t *object, const char *key, bool needed, char **out)
{
	const json_t *value = json_object_get(object, key);

	if (!needed && (!value || json_is_null(value)))
		return 0;
	if (!json_is_string(value) || !*json_string_value(value))
		return -EINVAL;
	return facts_set_string(out, json_string_value(value));
}

static int read_number(const json_t *object, const char *key, json_int_t most, json_int_t *out)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > most)
		return -EINVAL;
	*out = json_integer_value(value);
	return 0;
}

static int read_flag(const json_t *object, const char *key, bool *out)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_boolean(value))
		return -EINVAL;
	*out = json_is_true(value);
	return 0;
}

static int read_treatment(const json_t *object, enum treatment *out)
{
	const char *name = json_string_value(json_object_get(object, "treatment"));

	for (size_t i = 0; name && i < sizeof(treatments) / sizeof(*treatments); i++) {
		if (strcmp(treatments[i], name) == 0) {
			*out = (enum treatment)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* What format 1 did not have may be missing; what is there must be right. */
static int read_identity(const json_t *object, struct record_device *device)
{
	json_int_t instance = 0;
	int err = copy_text(object, "bus", false, &device->bus);

	if (!err && json_object_get(object, "instance"))
		err = read_number(object, "instance", INT64_MAX, &instance);
	device->instance = (uint64_t)instance;
	if (!err)
		err = copy_text(object, "vendor", false, &device->vendor);
	if (!err)
		err = copy_text(object, "device", false, &device->product);
	return err ? err : copy_text(object, "class", false, &device->class);
}

static int read_device(const json_t *object, struct record *record)
{
	struct record_device *device = &record->devices[record->device_count++];
	json_int_t group = 0;
	int err = copy_text(object, "address", true, &device->address);

	if (!err)
		err = read_identity(object, device);
	if (!err)
		err = read_number(object, "group", INT_MAX, &group);
	device->group = (int)group;
	if (!err && !record_has_group(record, device->group))
		err = -EINVAL;
	if (!err)
		err = copy_text(object, "driver", false, &device->driver);
	if (!err)
		err = copy_text(object, "driver_override", false, &device->override);
	if (!err)
		err = read_flag(object, "managed_dma", &device->managed);
	if (!err)
		err = read_treatment(object, &device->treatment);
	if (!err)
		err = copy_text(object, "to", device->treatment == TREATMENT_GIVE, &device->to);
	return err;
}

static int read_group(const json_t *object, struct record *record)
{
	struct record_group *group = &record->groups[record->group_count++];
	const json_t *node = json_object_get(object, "node");
	json_int_t id = 0;
	int err = read_number(object, "id", INT_MAX, &id);

	group->id = (int)id;
	group->had_node = !json_is_null(node);
	return err || !group->had_node ? err : node_from_json(node, &group->node);
}

static int read_members(const json_t *json, struct record *record)
{
	const json_t *groups = json_object_get(json, "groups");
	const json_t *devices = json_object_get(json, "devices");
	const json_t *value;
	size_t i;
	int err;

	if (json_array_size(groups) == 0 || json_array_size(groups) > RECORD_GROUPS ||
	    !json_is_array(devices))
		return -EINVAL;
	err = record_make_room(record, json_array_size(groups), json_array_size(devices));
	json_array_foreach (groups, i, value) {
		if (!err)
			err = read_group(value, record);
	}
	json_array_foreach (devices, i, value) {
		if (!err)
			err = read_device(value, record);
	}
	return err;
}

static int read_record(const json_t *json, struct record *record)
{
	json_int_t format = 0, pid = 0, uid = 0, user_uid = 0;
	int err = read_number(json, "dmaown-claim", FORMAT, &format);

	if (!err && format < OLDEST_FORMAT)
		err = -EINVAL;
	if (!err)
		err = copy_text(json, "boot", true, &record->boot);
	if (!err)
		err = copy_text(json, "owner", true, &record->owner);
	if (!err)
		err = copy_text(json, "user", false, &record->user);
	if (!err)
		err = read_number(json, "pid", INT_MAX, &pid);
	if (!err)
		err = read_number(json, "uid", UINT_MAX, &uid);
	if (!err && format > 1)
		err = read_number(json, "user_uid", UINT_MAX, &user_uid);
	if (!err)
		err = read_flag(json, "kept", &record->kept);
	record->user_uid = (unsigned int)user_uid;
	record->pid = (long)pid;
	record->uid = (long)uid;
	return err ? err : read_members(json, record);
}

/*
 * Stores what a line is, which the caller lets go of. -EINVAL: no JSON; -ENOMEM, which is no
 * damage, as far as jansson tells: it takes some of its failed allocations for bad syntax.
 */
static int load_line(const char *line, size_t length, json_t **out)
{
	json_error_t error;

	*out = json_loadb(line, length, 0, &error);
	if (*out)
		return 0;
	return !*error.text || json_error_code(&error) == json_error_out_of_memory ? -ENOMEM
										   : -EINVAL;
}

static int read_lost(const json_t *json, struct record *record)
{
	json_int_t place = 0;
	int err = read_number(json, "lost", (json_int_t)record->device_count - 1, &place);

	if (!err)
		record_lose(record, (size_t)place);
	return err;
}

/* One line after the first; what is not a line that we write is damage. */
static int read_line(const char *line, size_t length, struct record *record)
{
	json_t *json;
	int err = load_line(line, length, &json);

	if (err)
		return err;
	if (json_object_get(json, "held"))
		err = read_flag(json, "held", &record->held);
	else if (json_object_get(json, "lost"))
		err = read_lost(json, record);
	else if (!json_is_string(json_object_get(json, "done")))
		err = -EINVAL;
	json_decref(json);
	return err;
}

static int read_progress(const char *text, const char *end, struct record *record)
{
	int err = 0;

	for (const char *line = text, *next; line < end && !err; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			return 0;
		err = read_line(line, (size_t)(next - line), record);
	}
	return err;
}

int record_parse(const char *text, size_t length, struct record *out)
{
	const char *end = memchr(text, '\n', length);
	struct record record = {0};
	json_t *json = NULL;
	int err = end ? load_line(text, (size_t)(end - text), &json) : -EINVAL;

	if (!err)
		err = json_is_object(json) ? read_record(json, &record) : -EINVAL;
	json_decref(json);
	if (!err)
		err = read_progress(end + 1, text + length, &record);
	if (err)
		record_release(&record);
	else
		*out = record;
	return err;
}
