/* SPDX-License-Identifier: MIT */
/* The node of group 3, as it is first made, on a tree of its own. */

#ifndef DMAOWN_TESTS_LINUX_NODE_RIG_H
#define DMAOWN_TESTS_LINUX_NODE_RIG_H

#include "linux_machine.h"
#include "rows.h"
#include "tree.h"

#define NODE "dev/vfio/3"

struct fixture {
	struct tree tree;
	struct machine *machine;
	char path[300]; /* of the node */
};

void set_up(struct fixture *fixture);
void tear_down(struct fixture *fixture);

struct nodes_case {
	const char *name;
	void (*run)(struct fixture *fixture);
};
/* Runs such a row. */
void run_case(void **state);

/* What nodes are like: as made, a group's, a user's, open to all but a group, with a list, granted.
 */
extern const struct group_node new_node, a_groups, a_users, of_all_but_a_group, listed, granted;

void expect_node(struct fixture *fixture, const struct group_node *expected);
/* Runs the suite, or skips it: only root can give files to others, and make devices. */
int run_as_root(struct suite *suite, const char *name);

#endif
