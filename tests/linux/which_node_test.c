/* SPDX-License-Identifier: MIT */
/* Which file is the node of a group, opening it, and when udev is done with it. */
#define _GNU_SOURCE
#include "node_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PLENTY = 60000 };

/* ---- what is a node ---- */

static void make_node(struct fixture *fixture, dev_t number)
{
	tree_unlink(&fixture->tree, NODE);
	if (mknod(fixture->path, S_IFCHR | 0600, number) == 0)
		return;
	print_message("skipped: devices can't be made in %s\n", fixture->tree.path);
	tear_down(fixture);
	skip();
}

static void expect_error(struct fixture *fixture, int err)
{
	struct group_node node;

	assert_int_equal(machine_node(fixture->machine, 3, &node), err);
	assert_int_equal(machine_set_node(fixture->machine, 3, err ? &new_node : &granted), err);
	if (!err)
		expect_node(fixture, &granted);
}

static void has_the_number_that_sysfs_says(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "243:70000\n");
	make_node(fixture, makedev(243, 70000));
	expect_error(fixture, 0);
}

static void another_number_is_none(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "243:70000\n");
	make_node(fixture, makedev(243, 70001));
	expect_error(fixture, -ENXIO);
}

static void a_file_is_none_where_numbers_are_known(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "0:0\n");
	expect_error(fixture, -ENXIO);
}

static void a_number_that_is_none_is_not_known(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "tty\n");
	expect_error(fixture, -EIO);
}

static void a_number_that_cant_be_read_is_not_known(struct fixture *fixture)
{
	tree_link(&fixture->tree, "sys/class/vfio/3/dev", "dev");
	expect_error(fixture, -ELOOP);
}

static void a_link_is_none(struct fixture *fixture)
{
	tree_unlink(&fixture->tree, NODE);
	tree_text(&fixture->tree, "dev/vfio/4", "");
	tree_link(&fixture->tree, NODE, "4");
	expect_error(fixture, -ENXIO);
}

static void remove_folder(struct fixture *fixture)
{
	char folder[300];

	snprintf(folder, sizeof(folder), "%s/dev/vfio", fixture->tree.path);
	tree_unlink(&fixture->tree, NODE);
	assert_int_equal(rmdir(folder), 0);
}

static void a_folder_that_is_a_file_has_none(struct fixture *fixture)
{
	remove_folder(fixture);
	tree_text(&fixture->tree, "dev/vfio", "");
	expect_error(fixture, -ENOENT);
}

static void a_folder_that_cant_be_looked_at_is_not_known(struct fixture *fixture)
{
	remove_folder(fixture);
	tree_link(&fixture->tree, "dev/vfio", "vfio");
	expect_error(fixture, -ELOOP);
}

/* ---- opening a group ---- */

static void expect_open(struct fixture *fixture, int wanted)
{
	struct group_file *file;
	int err = machine_open(fixture->machine, 3, &file);

	if (!err)
		group_file_close(file);
	assert_int_equal(err, wanted);
}

static void take_away(struct fixture *fixture)
{
	assert_int_equal(unlink(fixture->path), 0);
}

static void opens_what_has_the_number(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "1:3\n");
	make_node(fixture, makedev(1, 3));
	expect_open(fixture, 0);
}

static void opens_no_file_in_its_place(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "1:3\n");
	expect_open(fixture, -ENXIO);
}

static void node_that_was_taken_away(struct fixture *fixture)
{
	tree_text(&fixture->tree, "sys/class/vfio/3/dev", "1:3\n");
	take_away(fixture);
	expect_open(fixture, -ENXIO);
}

static void node_that_the_kernel_did_not_make(struct fixture *fixture)
{
	take_away(fixture);
	expect_open(fixture, -ENOENT);
}

static void number_that_hides(struct fixture *fixture)
{
	tree_link(&fixture->tree, "sys/class/vfio/3/dev", "dev");
	take_away(fixture);
	expect_open(fixture, -ELOOP);
}

/* ---- udev ---- */

#define DATA "run/udev/data/c0:0" /* the number of what is no device */
#define QUEUE "run/udev/queue"
#define CONTROL "run/udev/control"

static const struct udev_row {
	const char *name,
		*text; /* c: control, d: data, o: data that is older than the node, q: queue */
	int result;
} udev_rows[] = {
	{"udev@there-is-none", "", 0},
	{"udev@there-is-none-but-files", "oq", 0},
	{"udev@has-not-begun", "c", -ETIME},
	{"udev@has-handled-the-last-one", "co", -ETIME},
	{"udev@has-not-begun-with-others", "cq", -ETIME},
	{"udev@still-runs-something", "cdq", -ETIME},
	{"udev@is-done", "cd", 0},
};

static void write_data(struct fixture *fixture, long seconds)
{
	char path[300];
	struct statx node;
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}};

	tree_text(&fixture->tree, DATA, "I:1\n");
	snprintf(path, sizeof(path), "%s/" DATA, fixture->tree.path);
	assert_int_equal(statx(AT_FDCWD, fixture->path, 0, STATX_BTIME, &node), 0);
	times[1].tv_sec = node.stx_btime.tv_sec + seconds;
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void waits_for_udev(struct fixture *fixture, const struct udev_row *row)
{
	for (const char *what = row->text; *what; what++) {
		if (*what == 'c')
			tree_text(&fixture->tree, CONTROL, "");
		else if (*what == 'q')
			tree_text(&fixture->tree, QUEUE, "");
		else
			write_data(fixture, *what == 'd' ? 1 : -1);
	}
	assert_int_equal(machine_await_node(fixture->machine, 3, 0), row->result);
}

static void udev_without_a_node(struct fixture *fixture)
{
	tree_text(&fixture->tree, CONTROL, "");
	tree_unlink(&fixture->tree, NODE);
	assert_int_equal(machine_await_node(fixture->machine, 3, PLENTY), -ENOENT);
}

static void udev_that_cant_be_looked_at(struct fixture *fixture)
{
	tree_link(&fixture->tree, "run/udev", "udev");
	assert_int_equal(machine_await_node(fixture->machine, 3, PLENTY), -ELOOP);
}

static _Atomic bool waiting;

/* udev, which has one event after another until nobody waits: its queue is made anew again and
 * again, and whenever one looks there is one. */
static void *run_udev(void *context)
{
	struct fixture *fixture = context;
	char queue[300], next[300];

	snprintf(queue, sizeof(queue), "%s/" QUEUE, fixture->tree.path);
	snprintf(next, sizeof(next), "%s/run/udev/next", fixture->tree.path);
	write_data(fixture, 1);
	while (waiting) {
		tree_text(&fixture->tree, "run/udev/next", "");
		assert_int_equal(rename(next, queue), 0);
	}
	return NULL;
}

static void udev_that_goes_on(struct fixture *fixture)
{
	pthread_t udev;

	tree_text(&fixture->tree, CONTROL, "");
	tree_text(&fixture->tree, QUEUE, "");
	waiting = true;
	assert_int_equal(pthread_create(&udev, NULL, run_udev, fixture), 0);
	assert_int_equal(machine_await_node(fixture->machine, 3, PLENTY), 0);
	waiting = false;
	pthread_join(udev, NULL);
}

/* ---- running ---- */

static const struct nodes_case cases[] = {
	{"node@has-the-number-that-sysfs-says", has_the_number_that_sysfs_says},
	{"node@another-number-enxio", another_number_is_none},
	{"node@a-file-where-numbers-are-known-enxio", a_file_is_none_where_numbers_are_known},
	{"node@number-that-is-none-eio", a_number_that_is_none_is_not_known},
	{"node@number-that-cant-be-read-eloop", a_number_that_cant_be_read_is_not_known},
	{"node@a-link-enxio", a_link_is_none},
	{"node@folder-that-is-a-file-enoent", a_folder_that_is_a_file_has_none},
	{"node@folder-that-cant-be-looked-at-eloop", a_folder_that_cant_be_looked_at_is_not_known},
	{"open@has-the-number-that-sysfs-says", opens_what_has_the_number},
	{"open@a-file-in-its-place-enxio", opens_no_file_in_its_place},
	{"open@node-taken-away-enxio", node_that_was_taken_away},
	{"open@no-node-enoent", node_that_the_kernel_did_not_make},
	{"open@number-cant-be-read-eloop", number_that_hides},
	{"udev@no-node-enoent", udev_without_a_node},
	{"udev@cant-be-looked-at-eloop", udev_that_cant_be_looked_at},
	{"udev@goes-on", udev_that_goes_on},
};

static void run_udev_row(void **state)
{
	struct fixture fixture;

	set_up(&fixture);
	waits_for_udev(&fixture, *state);
	tear_down(&fixture);
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	ADD_ROWS(&suite, udev_rows, run_udev_row);
	return run_as_root(&suite, "which_node");
}
