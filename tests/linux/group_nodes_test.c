/* SPDX-License-Identifier: MIT */
/*
 * How the node of a group changes.
 *
 * The calls that change a node are counted, and after each of them, and with each of them failing,
 * nobody has more access than he had before or will have. Whoever is or will be its owner is left
 * out of that: he can have any access that he wants.
 */
#define _GNU_SOURCE
#include "node_rig.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NOBODY NODE_ACL_NOBODY

/* ---- the calls that change a node ---- */

static struct {
	struct fixture *fixture;
	size_t count, fails_at; /* the first is 1; 0: none fails */
	void (*then)(struct fixture *fixture, size_t step);
	const char *idle; /* a call that does nothing */
} steps;

static void begin(struct fixture *fixture, void (*then)(struct fixture *fixture, size_t step))
{
	memset(&steps, 0, sizeof(steps));
	steps.fixture = fixture;
	steps.then = then;
}

static size_t end(void)
{
	steps.fixture = NULL;
	return steps.count;
}

/* Whether a call is really made. */
static int before(const char *call, int *result)
{
	if (!steps.fixture)
		return 1;
	steps.count++;
	errno = EIO;
	*result = steps.count == steps.fails_at ? -1 : 0;
	return *result == 0 && (!steps.idle || strcmp(steps.idle, call) != 0);
}

static void after(void)
{
	struct fixture *fixture = steps.fixture;
	int error = errno;

	if (!fixture || !steps.then)
		return;
	steps.fixture = NULL;
	steps.then(fixture, steps.count);
	steps.fixture = fixture;
	errno = error;
}

#define WRAP(function, parameters, arguments)                                                      \
	int __real_##function parameters;                                                          \
	int __wrap_##function parameters;                                                          \
	int __wrap_##function parameters                                                           \
	{                                                                                          \
		int result;                                                                        \
                                                                                                   \
		if (before(#function, &result))                                                    \
			result = __real_##function arguments;                                      \
		after();                                                                           \
		return result;                                                                     \
	}

WRAP(chmod, (const char *path, mode_t mode), (path, mode))
WRAP(fchownat, (int at, const char *path, uid_t uid, gid_t gid, int flags),
     (at, path, uid, gid, flags))
WRAP(setxattr, (const char *path, const char *name, const void *value, size_t size, int flags),
     (path, name, value, size, flags))
WRAP(removexattr, (const char *path, const char *name), (path, name))

/* ---- who may do what ---- */

static unsigned int masked(const struct group_node *node, unsigned int permissions)
{
	return node->acl_count > 0 ? permissions & (node->mode >> 3) : permissions;
}

/* Of one entry, for somebody who is not the owner: in `named` for him, in `grouped` for a group. */
static void count_entry(const struct group_node *node, const struct acl_entry *entry,
			unsigned int uid, unsigned int gid, int *named, int *grouped)
{
	int permissions = (int)masked(node, entry->permissions);

	if (entry->tag == ACL_TAG_USER && entry->id == uid)
		*named = permissions;
	if ((entry->tag == ACL_TAG_GROUP && entry->id == gid) ||
	    (entry->tag == ACL_TAG_OWNING_GROUP && node->gid == gid))
		*grouped = *grouped < 0 ? permissions : *grouped | permissions;
}

/* As acl(5) has it, of somebody in one group. */
static unsigned int access_of(const struct group_node *node, unsigned int uid, unsigned int gid)
{
	int named = -1, grouped = -1;

	if (uid == node->uid)
		return node->mode >> 6;
	for (size_t i = 0; i < node->acl_count; i++)
		count_entry(node, &node->acl[i], uid, gid, &named, &grouped);
	if (node->acl_count == 0 && node->gid == gid)
		grouped = node->mode >> 3 & 7;
	if (named >= 0)
		return (unsigned int)named;
	return grouped >= 0 ? (unsigned int)grouped : node->mode & 7;
}

static const unsigned int users[] = {7, 9, 1000, 1234, 5555}, groups[] = {0, 8, 109, 5555};

static struct {
	const struct group_node *from, *to;
} change;

static void nobody_has_more(struct fixture *fixture, size_t step)
{
	struct group_node now;

	assert_int_equal(machine_node(fixture->machine, 3, &now), 0);
	for (size_t i = 0; i < COUNT(users) * COUNT(groups); i++) {
		unsigned int uid = users[i / COUNT(groups)], gid = groups[i % COUNT(groups)];
		unsigned int may =
			access_of(change.from, uid, gid) | access_of(change.to, uid, gid);

		if (uid != change.from->uid && uid != change.to->uid &&
		    (access_of(&now, uid, gid) & ~may))
			fail_msg("after step %zu user %u in group %u has %o instead of %o", step,
				 uid, gid, access_of(&now, uid, gid), may);
	}
}

static const struct change_row {
	const char *name;
	const struct group_node *from, *to;
} change_rows[] = {
	{"change@granted", &new_node, &granted},
	{"change@a-groups-granted", &a_groups, &granted},
	{"change@a-users-granted", &a_users, &granted},
	{"change@listed-granted", &listed, &granted},
	{"change@open-to-all-granted", &of_all_but_a_group, &granted},
	{"change@granted-revoked", &granted, &new_node},
	{"change@listed-revoked", &listed, &new_node},
	{"change@left-by-its-owner-revoked", &of_all_but_a_group, &new_node},
	{"change@given-back-to-a-group", &new_node, &a_groups},
	{"change@given-back-to-a-user", &granted, &a_users},
	{"change@given-back-to-all-but-a-group", &new_node, &of_all_but_a_group},
	{"change@given-back-with-its-list", &new_node, &listed},
	{"change@granted-to-listed", &granted, &listed},
	{"change@listed-to-a-users", &listed, &a_users},
};

static void changes(struct fixture *fixture, const struct change_row *row)
{
	struct group_node now;
	size_t count;

	change.from = row->from;
	change.to = row->to;
	assert_int_equal(machine_set_node(fixture->machine, 3, row->from), 0);
	begin(fixture, nobody_has_more);
	assert_int_equal(machine_set_node(fixture->machine, 3, row->to), 0);
	count = end();
	assert_int_equal(machine_node(fixture->machine, 3, &now), 0);
	assert_true(group_node_same(&now, row->to));
	for (size_t k = 1; k <= count; k++) {
		assert_int_equal(machine_set_node(fixture->machine, 3, row->from), 0);
		begin(fixture, nobody_has_more);
		steps.fails_at = k;
		assert_int_equal(machine_set_node(fixture->machine, 3, row->to), -EIO);
		end();
	}
}

static void what_is_so_is_not_changed(struct fixture *fixture)
{
	assert_int_equal(machine_set_node(fixture->machine, 3, &listed), 0);
	begin(fixture, NULL);
	assert_int_equal(machine_set_node(fixture->machine, 3, &listed), 0);
	assert_int_equal(end(), 0);
}

/* ---- who is in the way ---- */

/* What its owner does after the first step: he has the node until the second. */
static void owner_opens_it(struct fixture *fixture, size_t step)
{
	struct group_node now;

	assert_int_equal(machine_node(fixture->machine, 3, &now), 0);
	if (step == 1 && now.uid == 7)
		assert_int_equal(machine_set_node(fixture->machine, 3, &listed), 0);
}

static void an_owner_is_shut_out_whatever_he_does(struct fixture *fixture)
{
	assert_int_equal(machine_set_node(fixture->machine, 3, &a_users), 0);
	begin(fixture, owner_opens_it);
	assert_int_equal(machine_set_node(fixture->machine, 3, &granted), 0);
	end();
	expect_node(fixture, &granted);
}

static void its_new_owner_changes_it(struct fixture *fixture, size_t step)
{
	struct group_node now;

	assert_int_equal(machine_node(fixture->machine, 3, &now), 0);
	if (now.uid == 7)
		assert_int_equal(chmod(fixture->path, 0600), 0);
}

static void a_new_owner_is_not_in_the_way(struct fixture *fixture)
{
	begin(fixture, its_new_owner_changes_it);
	assert_int_equal(machine_set_node(fixture->machine, 3, &a_users), 0);
	end();
}

static void what_has_not_become_so_is_told(struct fixture *fixture)
{
	static const char *const idle[] = {"chmod", "fchownat", "setxattr", "removexattr"};

	for (size_t i = 0; i < COUNT(idle); i++) {
		assert_int_equal(machine_set_node(fixture->machine, 3, &listed), 0);
		begin(fixture, NULL);
		steps.idle = idle[i];
		assert_int_equal(
			machine_set_node(fixture->machine, 3, i == 2 ? &granted : &a_groups),
			-EKEYREJECTED);
		end();
	}
}

static void another_comes(struct fixture *fixture, size_t step)
{
	if (step != 1)
		return;
	tree_unlink(&fixture->tree, NODE);
	tree_text(&fixture->tree, NODE, "");
}

static void another_in_its_place_is_told(struct fixture *fixture)
{
	begin(fixture, another_comes);
	assert_int_equal(machine_set_node(fixture->machine, 3, &granted), -ESTALE);
	end();
}

static void it_goes(struct fixture *fixture, size_t step)
{
	if (step == 1)
		tree_unlink(&fixture->tree, NODE);
}

static void one_that_goes_is_told(struct fixture *fixture)
{
	begin(fixture, it_goes);
	assert_int_equal(machine_set_node(fixture->machine, 3, &granted), -ENOENT);
	end();
}

/* ---- access lists that can't be ---- */

static void a_list_that_the_kernel_refuses(struct fixture *fixture)
{
	struct group_node node = granted;

	node.acl_count = 2;
	assert_int_equal(machine_set_node(fixture->machine, 3, &listed), 0);
	assert_int_equal(machine_set_node(fixture->machine, 3, &node), -EINVAL);
	expect_node(fixture, &new_node);
}

static void write_entry(unsigned char *list, unsigned int place, unsigned char tag, uint32_t id)
{
	const unsigned char entry[4] = {tag, 0, 6, 0};

	memcpy(list + 4 + 8 * place, entry, sizeof(entry));
	memcpy(list + 8 + 8 * place, &id, sizeof(id));
}

/* Sets a list of so many entries, most of them of users. */
static void set_list(struct fixture *fixture, unsigned int count)
{
	unsigned char list[4 + 8 * (NODE_ACL_MOST + 1)] = {2};

	write_entry(list, 0, ACL_TAG_OWNER, NOBODY);
	for (unsigned int i = 1; i < count - 3; i++)
		write_entry(list, i, ACL_TAG_USER, i);
	write_entry(list, count - 3, ACL_TAG_OWNING_GROUP, NOBODY);
	write_entry(list, count - 2, ACL_TAG_MASK, NOBODY);
	write_entry(list, count - 1, ACL_TAG_OTHER, NOBODY);
	assert_int_equal(setxattr(fixture->path, "system.posix_acl_access", list, 4 + 8 * count, 0),
			 0);
}

static void a_list_that_is_too_long(struct fixture *fixture)
{
	struct group_node node;

	set_list(fixture, NODE_ACL_MOST);
	assert_int_equal(machine_node(fixture->machine, 3, &node), 0);
	assert_int_equal(node.acl_count, NODE_ACL_MOST);
	set_list(fixture, NODE_ACL_MOST + 1);
	assert_int_equal(machine_node(fixture->machine, 3, &node), -E2BIG);
	assert_int_equal(machine_set_node(fixture->machine, 3, &new_node), 0);
	expect_node(fixture, &new_node);
}

/* Mounts a file system without access lists where nodes are, for us alone. */
static bool mount_without_lists(struct fixture *fixture)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%s/dev/vfio", fixture->tree.path);
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", folder, "ramfs", 0, NULL) != 0)
		return false;
	machine_close(fixture->machine);
	tree_text(&fixture->tree, NODE, "");
	assert_int_equal(linux_machine_open(fixture->tree.path, &fixture->machine), 0);
	return true;
}

static void a_file_system_without_lists(struct fixture *fixture)
{
	char folder[300];

	if (!mount_without_lists(fixture)) {
		print_message("skipped: a ramfs can't be mounted here: %s\n", strerror(errno));
		tear_down(fixture);
		skip();
	}
	assert_int_equal(machine_set_node(fixture->machine, 3, &granted), -EOPNOTSUPP);
	expect_node(fixture, &new_node);
	assert_int_equal(machine_set_node(fixture->machine, 3, &a_users), 0);
	expect_node(fixture, &a_users);
	snprintf(folder, sizeof(folder), "%s/dev/vfio", fixture->tree.path);
	assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

/* ---- running ---- */

static const struct nodes_case cases[] = {
	{"change@what-is-so-is-not-made", what_is_so_is_not_changed},
	{"owner@is-shut-out-whatever-he-does", an_owner_is_shut_out_whatever_he_does},
	{"owner@a-new-one-is-not-in-the-way", a_new_owner_is_not_in_the_way},
	{"change@what-has-not-become-so-ekeyrejected", what_has_not_become_so_is_told},
	{"change@another-in-its-place-estale", another_in_its_place_is_told},
	{"change@one-that-goes-enoent", one_that_goes_is_told},
	{"list@that-the-kernel-refuses-einval", a_list_that_the_kernel_refuses},
	{"list@too-long-e2big", a_list_that_is_too_long},
	{"list@a-file-system-without-eopnotsupp", a_file_system_without_lists},
};

static void run_change(void **state)
{
	struct fixture fixture;

	set_up(&fixture);
	changes(&fixture, *state);
	tear_down(&fixture);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	ADD_ROWS(&suite, change_rows, run_change);
	return run_as_root(&suite, "group_nodes");
}
