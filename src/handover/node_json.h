/* SPDX-License-Identifier: MIT */
/* A group's node as it stands in a record: {"uid":0,"gid":109,"mode":432,"acl":[[tag,permissions,
 * id],...]}, without "acl" if it has no access list, as in records of older versions. */
#ifndef DMAOWN_HANDOVER_NODE_JSON_H
#define DMAOWN_HANDOVER_NODE_JSON_H

#include "group_node.h"

#include <jansson.h>

/* A new reference, or NULL for want of memory. */
json_t *node_to_json(const struct group_node *node);

/* Reads what may be anything. -EINVAL: not a node; *out is then of no use. */
int node_from_json(const json_t *json, struct group_node *out);

#endif
