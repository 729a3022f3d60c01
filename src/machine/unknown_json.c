/* SPDX-License-Identifier: MIT */
#include "unknown_json.h"

#include <stdlib.h>

/* What is read of an unknown before it is noted on its device. */
struct unknown_text {
	char *about;
	int error;
};

static const struct json_field unknown_fields[] = {
	{"about", json_read_words, offsetof(struct unknown_text, about), true},
	{"errno", json_read_errno, offsetof(struct unknown_text, error), false},
};

int json_read_unknown(struct json_reader *reader, const struct json_place *place,
		      const json_t *value, int (*note)(void *target, const char *about, int error),
		      void *target)
{
	struct unknown_text unknown = {0};
	int err = json_read_fields(reader, place, value, unknown_fields, COUNT(unknown_fields),
				   &unknown);

	if (!err)
		err = note(target, unknown.about, unknown.error);
	free(unknown.about);
	return err;
}

json_t *unknown_to_json(const void *context, size_t place)
{
	const struct unknown_facts *unknown = (const struct unknown_facts *)context + place;

	return JSON_OBJECT_OF({"about", text_to_json(unknown->about)},
			      {"errno", errno_to_json(unknown->error)});
}
