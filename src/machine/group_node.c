/* SPDX-License-Identifier: MIT */
#include "group_node.h"

enum { READ_WRITE = 6 };

static void allow(struct group_node *node, enum acl_tag tag, unsigned int permissions,
		  unsigned int id)
{
	node->acl[node->acl_count++] =
		(struct acl_entry) {.tag = tag, .permissions = permissions, .id = id};
}

struct group_node group_node_of_user(unsigned int uid)
{
	struct group_node node = {.mode = 0600};

	if (uid == 0)
		return node;
	node.mode = 0660;
	allow(&node, ACL_TAG_OWNER, READ_WRITE, NODE_ACL_NOBODY);
	allow(&node, ACL_TAG_USER, READ_WRITE, uid);
	allow(&node, ACL_TAG_OWNING_GROUP, 0, NODE_ACL_NOBODY);
	allow(&node, ACL_TAG_MASK, READ_WRITE, NODE_ACL_NOBODY);
	allow(&node, ACL_TAG_OTHER, 0, NODE_ACL_NOBODY);
	return node;
}

static bool same_entry(const struct acl_entry *a, const struct acl_entry *b)
{
	return a->tag == b->tag && a->permissions == b->permissions && a->id == b->id;
}

bool group_node_same(const struct group_node *a, const struct group_node *b)
{
	if (a->uid != b->uid || a->gid != b->gid || a->mode != b->mode ||
	    a->acl_count != b->acl_count)
		return false;
	for (size_t i = 0; i < a->acl_count; i++) {
		if (!same_entry(&a->acl[i], &b->acl[i]))
			return false;
	}
	return true;
}
