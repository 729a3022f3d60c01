/* SPDX-License-Identifier: MIT */
#include "json_reading.h"

#include "answer.h"
#include "errname.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_comment(const char *key)
{
	return strncmp(key, "x-", 2) == 0;
}

static bool is_field(const struct json_field *fields, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].key, key) == 0)
			return true;
	return false;
}

static int refuse_unknown(struct json_reader *reader, const struct json_place *place,
			  const json_t *object, const struct json_field *fields, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value) {
		struct json_place at = {.above = place, .key = key};

		if (!is_comment(key) && !is_field(fields, count, key))
			return json_fault(reader, &at,
					  "no such key (keys of your own begin with x-)");
	}
	return 0;
}

int json_read_fields(struct json_reader *reader, const struct json_place *place,
		     const json_t *object, const struct json_field *fields, size_t count,
		     void *target)
{
	int err;

	if (!json_is_object(object))
		return json_expected(reader, place, object, "an object");
	err = refuse_unknown(reader, place, object, fields, count);
	for (size_t i = 0; !err && i < count; i++) {
		const json_t *value = json_object_get(object, fields[i].key);
		struct json_place at = {.above = place, .key = fields[i].key};

		if (value)
			err = fields[i].read(reader, &at, value, (char *)target + fields[i].offset);
		else if (fields[i].required)
			err = json_fault(reader, place, "lacks \"%s\"", fields[i].key);
	}
	return err;
}

int json_read_elements(struct json_reader *reader, const struct json_place *place,
		       const json_t *array, json_read_value read, void *target)
{
	int err = 0;

	if (!json_is_array(array))
		return json_expected(reader, place, array, "an array");
	for (size_t i = 0; !err && i < json_array_size(array); i++) {
		struct json_place at = {.above = place, .index = i};

		err = read(reader, &at, json_array_get(array, i), target);
	}
	return err;
}

int json_read_text(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field)
{
	const char *text = json_string_value(value);
	char **copy = field;

	if (!text)
		return json_expected(reader, place, value, "a string");
	*copy = strdup(text);
	return *copy ? 0 : -ENOMEM;
}

int json_read_words(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	if (json_is_string(value) && json_string_length(value) == 0)
		return json_fault(reader, place, "expected a name, found an empty string");
	return json_read_text(reader, place, value, field);
}

/* Nobody's own choice on a host, as words are that name a use. */
int json_read_name(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field)
{
	const char *text = json_string_value(value);

	for (const char *at = text; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return json_fault(reader, place,
					  "expected text, found a control character");
	return json_read_words(reader, place, value, field);
}

int json_read_text_or_null(struct json_reader *reader, const struct json_place *place,
			   const json_t *value, void *field)
{
	if (json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return json_expected(reader, place, value, "a string or null");
	return json_read_text(reader, place, value, field);
}

static bool is_hex(const json_t *value, size_t digits)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

static int read_hex(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    size_t digits, void *field)
{
	if (json_is_null(value))
		return 0;
	if (!is_hex(value, digits))
		return json_fault(reader, place,
				  "expected %zu lower-case hex digits in a string, or null",
				  digits);
	return json_read_text(reader, place, value, field);
}

int json_read_hex4(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field)
{
	return read_hex(reader, place, value, 4, field);
}

int json_read_hex6(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field)
{
	return read_hex(reader, place, value, 6, field);
}

int json_read_register(struct json_reader *reader, const struct json_place *place,
		       const json_t *value, void *field)
{
	uint16_t *number = field;

	if (!is_hex(value, 4))
		return json_fault(reader, place, "expected 4 lower-case hex digits in a string");
	*number = (uint16_t)strtoul(json_string_value(value), NULL, 16);
	return 0;
}

int json_read_bool(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field)
{
	bool *result = field;

	if (!json_is_boolean(value))
		return json_expected(reader, place, value, "true or false");
	*result = json_is_true(value);
	return 0;
}

int json_read_errno(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	int *result = field, err;

	if (json_is_null(value))
		return 0;
	if (!json_is_string(value) || errno_from_name(json_string_value(value), &err) != 0)
		return json_expected(reader, place, value, "the name of an errno, or null");
	*result = -err;
	return 0;
}

int json_read_known(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *field)
{
	enum known *known = field;

	if (!json_is_boolean(value) && !json_is_null(value))
		return json_expected(reader, place, value, "true, false or null");
	*known = json_is_null(value) ? KNOWN_NOT : json_is_true(value) ? KNOWN_YES : KNOWN_NO;
	return 0;
}

int json_read_number(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, long highest, long *number)
{
	if (!json_is_integer(value))
		return json_expected(reader, place, value, "a whole number");
	if (json_integer_value(value) < 0 || json_integer_value(value) > highest)
		return json_fault(reader, place, "expected a number from 0 to %ld, found %lld",
				  highest, json_integer_value(value));
	*number = (long)json_integer_value(value);
	return 0;
}

int json_read_int(struct json_reader *reader, const struct json_place *place, const json_t *value,
		  void *field)
{
	long number = 0;
	int err = json_read_number(reader, place, value, INT_MAX, &number);

	if (!err)
		*(int *)field = (int)number;
	return err;
}

int json_read_int_or_null(struct json_reader *reader, const struct json_place *place,
			  const json_t *value, void *field)
{
	return json_is_null(value) ? 0 : json_read_int(reader, place, value, field);
}

int json_read_long_or_null(struct json_reader *reader, const struct json_place *place,
			   const json_t *value, void *field)
{
	return json_is_null(value) ? 0
				   : json_read_number(reader, place, value, UINT32_MAX - 1, field);
}

int json_read_bus_number(struct json_reader *reader, const struct json_place *place,
			 const json_t *value, void *field)
{
	long number = 0;
	int err = json_read_number(reader, place, value, UINT8_MAX, &number);

	if (!err)
		*(uint8_t *)field = (uint8_t)number;
	return err;
}

int json_read_nothing(struct json_reader *reader, const struct json_place *place,
		      const json_t *value, void *field)
{
	return 0;
}
