/* SPDX-License-Identifier: MIT */
/*
 * Places in a JSON text, and saying in one line what is wrong at one.
 *
 * A place is the way from the document down to a value: a chain of keys and indices that lives on
 * the stack of whoever walks the values (NULL is the document itself). jansson keeps no line for a
 * value; the line is found from the text when it is needed, which is once, when reading ends in an
 * error.
 */
#ifndef DMAOWN_MACHINE_JSON_PLACE_H
#define DMAOWN_MACHINE_JSON_PLACE_H

#include <jansson.h>
#include <stddef.h>

struct json_place {
	const struct json_place *above;
	const char *key; /* in an object; NULL: `index` in an array */
	size_t index;
};

/* A text that jansson has accepted, and the name of the file that it is from. Borrowed. */
struct json_source {
	const char *name;
	const char *text;
	size_t length;
};

/* The line, from 1, on which the value begins. A place that is not in the text gives the line of
 * the nearest value above it. */
size_t json_place_line(const struct json_source *source, const struct json_place *place);

/*
 * Always -EINVAL, with *why, which the caller frees, as "FILE:LINE: groups[2].id: WHAT"; or -ENOMEM
 * with *why untouched. Control characters become "?": the line stays one.
 */
__attribute__((format(printf, 4, 5))) int json_place_fault(const struct json_source *source,
							   const struct json_place *place,
							   char **why, const char *format, ...);

/* The same for a text that jansson refused, with its line and words; where it has no words, memory
 * ran out. */
int json_syntax_fault(const struct json_source *source, const json_error_t *error, char **why);

/* What the value is, for people: "a string", "null". */
const char *json_kind(const json_t *value);

#endif
