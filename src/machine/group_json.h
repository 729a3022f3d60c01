/* SPDX-License-Identifier: MIT */
/* A group as JSON, with its owner and its devices. facts_json.h has the words. */
#ifndef DMAOWN_MACHINE_GROUP_JSON_H
#define DMAOWN_MACHINE_GROUP_JSON_H

#include "by_group.h"
#include "json_reading.h"

/* Appends the group and its devices to the reader's facts; `field` is not looked at. */
int json_read_group(struct json_reader *reader, const struct json_place *place, const json_t *value,
		    void *field);

/* Each gives a new reference, or NULL: out of memory. */
json_t *owner_to_json(const struct owner_facts *owner);
json_t *group_to_json(const struct facts *facts, const struct group_facts *group);

/* All groups; and the devices whose group is `group`, which need not be one of the machine's. */
json_t *groups_to_json(const struct by_group *order);
json_t *members_to_json(const struct by_group *order, int group);

#endif
