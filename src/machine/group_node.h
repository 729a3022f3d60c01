/* SPDX-License-Identifier: MIT */
/*
 * Who may open a group: its node, /dev/vfio/8, with owner, mode and access list (POSIX ACL).
 *
 * The list is as the kernel gives it in system.posix_acl_access: with one, the mode's bits for the
 * group are the list's mask, and the owning group has what its entry says.
 */
#ifndef DMAOWN_MACHINE_GROUP_NODE_H
#define DMAOWN_MACHINE_GROUP_NODE_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel's numbers. */
enum acl_tag {
	ACL_TAG_OWNER = 0x01,
	ACL_TAG_USER = 0x02,
	ACL_TAG_OWNING_GROUP = 0x04,
	ACL_TAG_GROUP = 0x08,
	ACL_TAG_MASK = 0x10,
	ACL_TAG_OTHER = 0x20,
};

struct acl_entry {
	unsigned int tag;         /* an enum acl_tag */
	unsigned int permissions; /* 0 to 7 */
	unsigned int id;          /* of that user or group; else NODE_ACL_NOBODY */
};

enum { NODE_ACL_MOST = 32 };
#define NODE_ACL_NOBODY 0xffffffffU

struct group_node {
	char path[32];
	unsigned int uid, gid;
	unsigned int mode; /* permission bits, up to 0777 */
	struct acl_entry acl[NODE_ACL_MOST];
	size_t acl_count; /* 0: none but the mode */
};

/* A node that is root's and, unless that is root, open to that user: to nobody else, whoever owns
 * it or is in its group. Its path is empty. */
struct group_node group_node_of_user(unsigned int uid);

/* Whether owner, mode and access list are the same. */
bool group_node_same(const struct group_node *a, const struct group_node *b);

#endif
