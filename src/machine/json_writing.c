/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "json_writing.h"

#include "errname.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static json_t *replaced(const char *text)
{
	size_t left = strlen(text);
	char *result = malloc(left * strlen(REPLACEMENT) + 1), *end = result;
	json_t *json;
	uint32_t point;

	if (!result)
		return NULL;
	while (left > 0) {
		size_t length = utf8_decode(text, left, &point), taken = length ? length : 1;

		end = length ? mempcpy(end, text, length)
			     : mempcpy(end, REPLACEMENT, strlen(REPLACEMENT));
		text += taken;
		left -= taken;
	}
	*end = '\0';
	json = json_string(result);
	free(result);
	return json;
}

json_t *text_to_json(const char *text)
{
	if (!text)
		return json_null();
	return utf8_is_whole(text, strlen(text)) ? json_string(text) : replaced(text);
}

json_t *number_to_json(long number, bool known)
{
	return known ? json_integer(number) : json_null();
}

json_t *known_to_json(enum known known)
{
	return known == KNOWN_NOT ? json_null() : json_boolean(known == KNOWN_YES);
}

json_t *hex4_to_json(uint16_t number)
{
	return json_sprintf("%04x", number);
}

json_t *json_object_of(const struct json_key *keys, size_t count)
{
	json_t *object = json_object();
	bool failed = !object;

	for (size_t i = 0; i < count; i++)
		failed |= json_object_set_new_nocheck(object, keys[i].name, keys[i].value) != 0;
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

json_t *json_array_of(size_t count, json_t *(*element)(const void *context, size_t place),
		      const void *context)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++)
		if (json_array_append_new(array, element(context, i))) {
			json_decref(array);
			array = NULL;
		}
	return array;
}

json_t *errno_to_json(int error)
{
	return error ? json_string(errno_name(error)) : json_null();
}
