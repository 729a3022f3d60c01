/* SPDX-License-Identifier: MIT */
/* A driver as JSON. facts_json.h has the words. */
#ifndef DMAOWN_MACHINE_DRIVER_JSON_H
#define DMAOWN_MACHINE_DRIVER_JSON_H

#include "facts.h"
#include "json_reading.h"

/* Appends the driver to the reader's facts; `field` is not looked at. */
int json_read_driver(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *field);

/* For json_array_of(): the one at `place` in an array of struct driver_facts. */
json_t *driver_to_json(const void *drivers, size_t place);

#endif
