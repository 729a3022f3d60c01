/* SPDX-License-Identifier: MIT */
/*
 * Nodes of a claim, on a machine whose every answer about them is written down: who may open them,
 * in which order they change, and what is said of what can't be done.
 */
#define _GNU_SOURCE
#include "nodes.h"
#include "rows.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Two groups, 8 with a node that was there before, and 9. */
struct rig {
	struct machine machine;
	struct handover handover;
	struct troubles troubles;
	struct record_group groups[2];
	struct record_device devices[2];
	struct device_progress progress[2];
	struct record record;
	int gone;                   /* the group whose device is not there; 0: none */
	int await_error, set_error; /* what is answered for group 8 */
	struct group_node nodes[2]; /* as they were last made */
	char asked[64];             /* w: wait, s: set; with the group */
};

static char first[] = "a", second[] = "b";

static struct rig *rig_of(struct machine *machine)
{
	return (struct rig *)machine;
}

static void note(struct rig *rig, char what, int group)
{
	size_t length = strlen(rig->asked);

	snprintf(rig->asked + length, sizeof(rig->asked) - length, "%c%d ", what, group);
}

static int await_node(struct machine *machine, int group, unsigned int milliseconds)
{
	struct rig *rig = rig_of(machine);

	note(rig, 'w', group);
	assert_int_equal(milliseconds, 77);
	return group == 8 ? rig->await_error : 0;
}

static int set_node(struct machine *machine, int group, const struct group_node *node)
{
	struct rig *rig = rig_of(machine);

	note(rig, 's', group);
	if (group == 8 && rig->set_error)
		return rig->set_error;
	rig->nodes[group - 8] = *node;
	return 0;
}

static int instance(struct machine *machine, const char *device, uint64_t *out)
{
	*out = 1;
	return rig_of(machine)->gone == (*device == 'a' ? 8 : 9) ? -ENODEV : 0;
}

static int driver(struct machine *machine, const char *device, struct driver_name *out)
{
	*out = (struct driver_name) {{0}};
	return 0;
}

static const struct machine_ops ops = {
	.set_node = set_node, .await_node = await_node, .instance = instance, .driver = driver};

static void set_up(struct rig *rig)
{
	const struct group_node untouched = {.uid = 99};

	*rig = (struct rig) {
		.machine.ops = &ops,
		.groups = {{.id = 8, .had_node = true, .node = {.uid = 7, .gid = 8, .mode = 0640}},
			   {.id = 9}},
		.devices = {{.address = first, .group = 8}, {.address = second, .group = 9}},
		.record = {.group_count = 2, .device_count = 2},
		.nodes = {untouched, untouched},
	};
	rig->record.groups = rig->groups;
	rig->record.devices = rig->devices;
	rig->record.progress = rig->progress;
	rig->handover = (struct handover) {.machine = &rig->machine, .patience = 77};
}

static void assert_node(const struct rig *rig, int group, const struct group_node *expected)
{
	assert_true(group_node_same(&rig->nodes[group - 8], expected));
}

static const struct group_node *roots(void)
{
	static struct group_node node;

	node = group_node_of_user(0);
	return &node;
}

/* ---- what is asked ---- */

static void who_may_open_a_users_node(void **unused)
{
	const struct group_node node = group_node_of_user(1000);
	const struct acl_entry expected[] = {
		{ACL_TAG_OWNER, 6, NODE_ACL_NOBODY},        {ACL_TAG_USER, 6, 1000},
		{ACL_TAG_OWNING_GROUP, 0, NODE_ACL_NOBODY}, {ACL_TAG_MASK, 6, NODE_ACL_NOBODY},
		{ACL_TAG_OTHER, 0, NODE_ACL_NOBODY},
	};

	assert_int_equal(node.uid, 0);
	assert_int_equal(node.gid, 0);
	assert_int_equal(node.mode, 0660);
	assert_int_equal(node.acl_count, 5);
	assert_memory_equal(node.acl, expected, sizeof(expected));
	assert_int_equal(roots()->mode, 0600);
	assert_int_equal(roots()->acl_count, 0);
}

static void is_closed_when_udev_is_done(void **unused)
{
	struct rig rig;

	set_up(&rig);
	assert_int_equal(node_close(&rig.handover, 8, &rig.troubles), 0);
	assert_string_equal(rig.asked, "w8 s8 ");
	assert_node(&rig, 8, roots());
}

static void is_granted(void **unused)
{
	const struct group_node theirs = group_node_of_user(1000);
	struct rig rig;

	set_up(&rig);
	assert_int_equal(node_grant(&rig.handover, 8, NULL, 1000, &rig.troubles), 0);
	assert_string_equal(rig.asked, "");
	assert_int_equal(node_grant(&rig.handover, 8, "alice", 1000, &rig.troubles), 0);
	assert_node(&rig, 8, &theirs);
}

/* Its number may be another group's by now, and the node somebody else's. */
static void of_a_group_that_has_gone_stays(void **unused)
{
	struct rig rig;

	set_up(&rig);
	rig.gone = 8;
	assert_int_equal(nodes_revoke(&rig.handover, &rig.record, &rig.troubles), 0);
	assert_int_equal(nodes_give_back(&rig.handover, &rig.record, &rig.troubles), 0);
	assert_string_equal(rig.asked, "s9 w9 s9 ");
}

/* All are tried, and the first errno is told. */
static void all_are_revoked(void **unused)
{
	struct rig rig;

	set_up(&rig);
	assert_int_equal(nodes_revoke(&rig.handover, &rig.record, NULL), 0);
	assert_node(&rig, 8, roots());
	assert_node(&rig, 9, roots());
	set_up(&rig);
	rig.set_error = -EIO;
	assert_int_equal(nodes_revoke(&rig.handover, &rig.record, &rig.troubles), -EIO);
	assert_node(&rig, 9, roots());
	assert_int_equal(rig.troubles.count, 1);
	troubles_release(&rig.troubles);
}

/* One that came with the claim and is still there is nobody's but root's. */
static void all_are_given_back(void **unused)
{
	struct rig rig;

	set_up(&rig);
	assert_int_equal(nodes_give_back(&rig.handover, &rig.record, &rig.troubles), 0);
	assert_string_equal(rig.asked, "w8 s8 w9 s9 ");
	assert_node(&rig, 8, &rig.groups[0].node);
	assert_node(&rig, 9, roots());
}

/* ---- what can't be done ---- */

static const struct failure_row {
	const char *name;
	int await_error, set_error;
	int result; /* of closing it, and of giving it back, where it counts as one failure */
	const char *words;
} failure_rows[] = {
	{"failure@no-node", 0, -ENOENT, 0, NULL},
	{"failure@no-node-to-wait-for", -ENOENT, 0, 0, NULL},
	{"failure@udev-is-not-done", -ETIME, 0, -ETIME, "udev may not be done"},
	{"failure@udev-cant-be-asked", -EACCES, 0, -EACCES, "Permission denied"},
	{"failure@no-access-lists", 0, -EOPNOTSUPP, -EOPNOTSUPP, "has no access lists"},
	{"failure@list-too-long", 0, -E2BIG, -E2BIG, "too long"},
	{"failure@another-file", 0, -ENXIO, -ENXIO, "not the node of that group"},
	{"failure@another-node", 0, -ESTALE, -EBUSY, "another node"},
	{"failure@something-else", 0, -EKEYREJECTED, -EKEYREJECTED,
	 "somebody else changes its owner, mode or access list"},
	{"failure@errno", 0, -EROFS, -EROFS, "Read-only file system"},
};

static void assert_told(struct rig *rig, const char *what, const char *words)
{
	assert_int_equal(rig->troubles.count, words ? 1 : 0);
	if (words) {
		assert_string_equal(rig->troubles.all[0].thing, "/dev/vfio/8");
		assert_non_null(strstr(rig->troubles.all[0].reason, what));
		assert_non_null(strstr(rig->troubles.all[0].reason, words));
	}
	troubles_release(&rig->troubles);
}

static void is_told(void **state)
{
	const struct failure_row *row = *state;
	struct rig rig;

	set_up(&rig);
	rig.await_error = row->await_error;
	rig.set_error = row->set_error;
	assert_int_equal(node_close(&rig.handover, 8, &rig.troubles), row->result);
	assert_told(&rig, "can't be closed to others: ", row->words);
	assert_int_equal(nodes_give_back(&rig.handover, &rig.record, &rig.troubles),
			 row->result ? 1 : 0);
	assert_told(&rig, "can't be given back: ", row->words);
	assert_node(&rig, 9, roots());
}

/* A node that has gone can't be opened by whom it is granted to. */
static void a_grant_of_nothing_fails(void **unused)
{
	struct rig rig;

	set_up(&rig);
	rig.set_error = -ENOENT;
	assert_int_equal(node_grant(&rig.handover, 8, "alice", 1000, &rig.troubles), -ENOENT);
	assert_told(&rig, "can't be opened to alice: ", "No such file");
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(who_may_open_a_users_node),
		cmocka_unit_test(is_closed_when_udev_is_done),
		cmocka_unit_test(is_granted),
		cmocka_unit_test(of_a_group_that_has_gone_stays),
		cmocka_unit_test(all_are_revoked),
		cmocka_unit_test(all_are_given_back),
		cmocka_unit_test(a_grant_of_nothing_fails),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, plain);
	ADD_ROWS(&suite, failure_rows, is_told);
	return suite_run(&suite, "nodes");
}
