/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON into structs by tables.
 *
 * Every object is described by a table of its keys: what reads the value, into which field, whether
 * it must be there. One walk over the table reads an object; what the table does not have is
 * refused, but for keys that begin with "x-". Readers return 0, -ENOMEM, or -EINVAL with
 * reader->why set; what was read before stays in reader->facts, which is released as a whole.
 */
#ifndef DMAOWN_MACHINE_JSON_READING_H
#define DMAOWN_MACHINE_JSON_READING_H

#include "array.h"
#include "json_place.h"

#include <stdbool.h>

struct facts;

struct json_reader {
	const struct json_source *source;
	struct facts *facts; /* what comes of it all */
	char *why;
};

/* Reads `value`, found at `place`, into `field`. */
typedef int (*json_read_value)(struct json_reader *reader, const struct json_place *place,
			       const json_t *value, void *field);

struct json_field {
	const char *key;
	json_read_value read;
	size_t offset; /* of the field in what the table describes */
	bool required;
};

/* The keys of an object, in the order of the table, into fields of `target`. */
int json_read_fields(struct json_reader *reader, const struct json_place *place,
		     const json_t *object, const struct json_field *fields, size_t count,
		     void *target);

/* Each element of an array, by `read`, whose field is `target`. */
int json_read_elements(struct json_reader *reader, const struct json_place *place,
		       const json_t *array, json_read_value read, void *target);

/* -EINVAL, and the reader says why: what would have been right, or what is wrong. */
#define json_expected(reader, place, value, what)                                                  \
	json_place_fault((reader)->source, place, &(reader)->why, "expected %s, found %s", what,   \
			 json_kind(value))
#define json_fault(reader, place, ...)                                                             \
	json_place_fault((reader)->source, place, &(reader)->why, __VA_ARGS__)

#define JSON_READER(name)                                                                          \
	int name(struct json_reader *reader, const struct json_place *place, const json_t *value,  \
		 void *field)

/* Into a char *, a copy: a string; one that is not empty; one without control characters too, as
 * others refer to it; a string or null, which leaves the field as it is. */
JSON_READER(json_read_text);
JSON_READER(json_read_words);
JSON_READER(json_read_name);
JSON_READER(json_read_text_or_null);

/* Into a char *: so many lower-case hex digits, or null. Into a uint16_t: four of them. */
JSON_READER(json_read_hex4);
JSON_READER(json_read_hex6);
JSON_READER(json_read_register);

/* Into a bool; into an enum known (null: not known). */
JSON_READER(json_read_bool);
JSON_READER(json_read_known);

/* Into an int, negative, as functions return it: the name of an errno; null: as it is. */
JSON_READER(json_read_errno);

/* Whole numbers from 0: into an int, a long, a uint8_t; null leaves the field as it is. */
JSON_READER(json_read_int);
JSON_READER(json_read_int_or_null);
JSON_READER(json_read_long_or_null);
JSON_READER(json_read_bus_number);

/* The same into *number, up to `highest`. */
int json_read_number(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, long highest, long *number);

/* For derived keys: right or wrong, the facts say it themselves. */
JSON_READER(json_read_nothing);

#endif
