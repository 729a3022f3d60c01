/* SPDX-License-Identifier: MIT */
/* What is not known, as JSON: {"about": "open descriptors", "errno": null | "EACCES"}. */
#ifndef DMAOWN_MACHINE_UNKNOWN_JSON_H
#define DMAOWN_MACHINE_UNKNOWN_JSON_H

#include "facts.h"
#include "json_reading.h"
#include "json_writing.h"

/* Reads one and gives it to `note`, of which `target` is the first argument. */
int json_read_unknown(struct json_reader *reader, const struct json_place *place,
		      const json_t *value, int (*note)(void *target, const char *about, int error),
		      void *target);

/* For json_array_of(): the one at `place` in an array of struct unknown_facts. */
json_t *unknown_to_json(const void *unknowns, size_t place);

#endif
