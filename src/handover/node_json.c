/* SPDX-License-Identifier: MIT */
#include "node_json.h"

#include <errno.h>
#include <limits.h>

enum { PERMISSION_BITS = 0777, MODE_BITS = 07777 };

/* ---- writing ---- */

/* Takes the array over and returns it, or NULL once anything was NULL. */
static json_t *append(json_t *array, json_t *element)
{
	if (array && json_array_append_new(array, element) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *list_json(const struct group_node *node)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < node->acl_count; i++)
		list = append(list, json_pack("[I, I, I]", (json_int_t)node->acl[i].tag,
					      (json_int_t)node->acl[i].permissions,
					      (json_int_t)node->acl[i].id));
	return list;
}

json_t *node_to_json(const struct group_node *node)
{
	json_int_t uid = node->uid, gid = node->gid, mode = node->mode;

	if (node->acl_count == 0)
		return json_pack("{s:I, s:I, s:I}", "uid", uid, "gid", gid, "mode", mode);
	return json_pack("{s:I, s:I, s:I, s:o}", "uid", uid, "gid", gid, "mode", mode, "acl",
			 list_json(node));
}

/* ---- reading ---- */

static int read_number(const json_t *value, json_int_t most, unsigned int *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > most)
		return -EINVAL;
	*out = (unsigned int)json_integer_value(value);
	return 0;
}

static bool is_tag(unsigned int tag)
{
	return tag && tag <= ACL_TAG_OTHER && (tag & (tag - 1)) == 0;
}

static int read_entry(const json_t *json, struct acl_entry *out)
{
	int err = json_array_size(json) == 3 ? 0 : -EINVAL;

	if (!err)
		err = read_number(json_array_get(json, 0), ACL_TAG_OTHER, &out->tag);
	if (!err)
		err = read_number(json_array_get(json, 1), 7, &out->permissions);
	if (!err)
		err = read_number(json_array_get(json, 2), UINT_MAX, &out->id);
	return !err && !is_tag(out->tag) ? -EINVAL : err;
}

static int read_list(const json_t *json, struct group_node *out)
{
	size_t count = json_array_size(json);
	int err = 0;

	if (!json)
		return 0;
	if (count == 0 || count > NODE_ACL_MOST)
		return -EINVAL;
	for (size_t i = 0; i < count && !err; i++)
		err = read_entry(json_array_get(json, i), &out->acl[i]);
	out->acl_count = count;
	return err;
}

/* Older versions wrote the bits beyond those of permissions, which mean nothing on a node. */
int node_from_json(const json_t *json, struct group_node *out)
{
	int err;

	*out = (struct group_node) {0};
	err = read_number(json_object_get(json, "uid"), UINT_MAX, &out->uid);
	if (!err)
		err = read_number(json_object_get(json, "gid"), UINT_MAX, &out->gid);
	if (!err)
		err = read_number(json_object_get(json, "mode"), MODE_BITS, &out->mode);
	out->mode &= PERMISSION_BITS;
	return err ? err : read_list(json_object_get(json, "acl"), out);
}
