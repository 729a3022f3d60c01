/* SPDX-License-Identifier: MIT */
#include "driver_json.h"

#include "json_writing.h"

#include <stdlib.h>

static int read_id(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *target)
{
	char *id = NULL;
	int err = json_read_name(reader, place, value, &id);

	if (!err)
		err = driver_facts_add_id(target, id);
	free(id);
	return err;
}

static int read_ids(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *target)
{
	return json_read_elements(reader, place, value, read_id, target);
}

static const struct json_field driver_fields[] = {
	{"name", json_read_name, offsetof(struct driver_facts, name), true},
	{"bus", json_read_name, offsetof(struct driver_facts, bus), true},
	{"managed_dma", json_read_known, offsetof(struct driver_facts, managed_dma), false},
	{"user", json_read_bool, offsetof(struct driver_facts, user), false},
	{"ids", read_ids, 0, false},
};

int json_read_driver(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *target)
{
	struct driver_facts *driver;
	int err = facts_add_driver(reader->facts, &driver);

	return err ? err
		   : json_read_fields(reader, place, value, driver_fields, COUNT(driver_fields),
				      driver);
}

static json_t *id_json(const void *context, size_t place)
{
	return text_to_json(((char *const *)context)[place]);
}

json_t *driver_to_json(const void *context, size_t place)
{
	const struct driver_facts *driver = (const struct driver_facts *)context + place;

	return JSON_OBJECT_OF({"name", text_to_json(driver->name)},
			      {"bus", text_to_json(driver->bus)},
			      {"managed_dma", known_to_json(driver->managed_dma)},
			      {"user", json_boolean(driver->user)},
			      {"ids", json_array_of(driver->id_count, id_json, driver->ids)});
}
