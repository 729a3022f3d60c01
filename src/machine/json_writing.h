/* SPDX-License-Identifier: MIT */
/*
 * Values to JSON. Each function gives a new reference, or NULL: out of memory; and one that is
 * given a NULL gives NULL, so that a failure is seen at the end alone.
 */
#ifndef DMAOWN_MACHINE_JSON_WRITING_H
#define DMAOWN_MACHINE_JSON_WRITING_H

#include "answer.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A string, which may be NULL and need not be UTF-8: U+FFFD stands for each byte that is none. */
json_t *text_to_json(const char *text);

/* null if it is not known. */
json_t *number_to_json(long number, bool known);
json_t *known_to_json(enum known known);

json_t *hex4_to_json(uint16_t number);

/* The name of an errno of either sign; 0: null. */
json_t *errno_to_json(int error);

/* One key of an object that is being made; the value, which may be NULL, is consumed. */
struct json_key {
	const char *name;
	json_t *value;
};

/* An object of all keys, or NULL if a value is NULL or memory runs out: all values are consumed. */
json_t *json_object_of(const struct json_key *keys, size_t count);

/* The same of keys that are written out: JSON_OBJECT_OF({"id", json_integer(8)}, ...). */
#define JSON_OBJECT_OF(...)                                                                        \
	json_object_of((const struct json_key[]) {__VA_ARGS__},                                    \
		       sizeof((const struct json_key[]) {__VA_ARGS__}) / sizeof(struct json_key))

/* An array of `count` values, which `element` makes from the context and a place. */
json_t *json_array_of(size_t count, json_t *(*element)(const void *context, size_t place),
		      const void *context);

#endif
