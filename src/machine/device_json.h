/* SPDX-License-Identifier: MIT */
/* A device as JSON, with its PCI facts and its uses: a fact has one row here to be read by, and one
 * to be written by. facts_json.h has the words. */
#ifndef DMAOWN_MACHINE_DEVICE_JSON_H
#define DMAOWN_MACHINE_DEVICE_JSON_H

#include "facts.h"
#include "json_reading.h"

/* Appends the device to the reader's facts; `group` points to the int that is its group. */
int json_read_device(struct json_reader *reader, const struct json_place *place,
		     const json_t *value, void *group);

/* A new reference, or NULL: out of memory. */
json_t *device_to_json(const struct facts *facts, const struct device_facts *device);

#endif
