/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "node_rig.h"

#include <stdio.h>
#include <unistd.h>

void set_up(struct fixture *fixture)
{
	tree_make(&fixture->tree);
	tree_text(&fixture->tree, NODE, "");
	snprintf(fixture->path, sizeof(fixture->path), "%s/" NODE, fixture->tree.path);
	assert_int_equal(linux_machine_open(fixture->tree.path, &fixture->machine), 0);
}

void tear_down(struct fixture *fixture)
{
	machine_close(fixture->machine);
	tree_remove(&fixture->tree);
}

void run_case(void **state)
{
	const struct nodes_case *which = *state;
	struct fixture fixture;

	set_up(&fixture);
	which->run(&fixture);
	tear_down(&fixture);
}

#define ENTRY(tag, permissions, id)                                                                \
	{                                                                                          \
		ACL_TAG_##tag, permissions, id                                                     \
	}
#define NOBODY NODE_ACL_NOBODY

const struct group_node new_node = {.mode = 0600}, a_groups = {.gid = 109, .mode = 0660},
			a_users = {.uid = 7, .gid = 8, .mode = 0640},
			of_all_but_a_group = {.uid = 7, .gid = 8, .mode = 0606},
			listed = {.uid = 7,
				  .gid = 109,
				  .mode = 0664,
				  .acl = {ENTRY(OWNER, 6, NOBODY), ENTRY(USER, 6, 9),
					  ENTRY(USER, 0, 1234), ENTRY(OWNING_GROUP, 4, NOBODY),
					  ENTRY(GROUP, 7, 8), ENTRY(MASK, 6, NOBODY),
					  ENTRY(OTHER, 4, NOBODY)},
				  .acl_count = 7},
			granted = {.mode = 0660,
				   .acl = {ENTRY(OWNER, 6, NOBODY), ENTRY(USER, 6, 1000),
					   ENTRY(OWNING_GROUP, 0, NOBODY), ENTRY(MASK, 6, NOBODY),
					   ENTRY(OTHER, 0, NOBODY)},
				   .acl_count = 5};

void expect_node(struct fixture *fixture, const struct group_node *expected)
{
	struct group_node now;

	assert_int_equal(machine_node(fixture->machine, 3, &now), 0);
	assert_true(group_node_same(&now, expected));
}

int run_as_root(struct suite *suite, const char *name)
{
	if (getuid() == 0)
		return suite_run(suite, name);
	puts("skipped: only root can give files to others");
	return 77;
}
