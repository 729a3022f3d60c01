/* SPDX-License-Identifier: MIT */
/* The host as JSON: a fact has one row here to be read by, and one to be written by. facts_json.h
 * has the words. */
#ifndef DMAOWN_MACHINE_HOST_JSON_H
#define DMAOWN_MACHINE_HOST_JSON_H

#include "facts.h"
#include "json_reading.h"

/* Gives the reader's facts the host, none for null; `field` is not looked at. */
int json_read_host(struct json_reader *reader, const struct json_place *place, const json_t *value,
		   void *field);

/* A new reference, or NULL: out of memory. */
json_t *host_to_json(const struct host_facts *host);

#endif
