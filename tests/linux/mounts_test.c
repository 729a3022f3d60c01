/* SPDX-License-Identifier: MIT */
/* What is mounted, as mountinfo tells: of rows that anybody may have made, and of the processes of
 * a recorded system and of the running one. */
#define _GNU_SOURCE
#include "mount_views.h"
#include "rows.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void read_tree(struct tree *tree, struct mounts *out)
{
	int root = open(tree->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*out = (struct mounts) {0};
	assert_int_equal(mounts_read(root, out), 0);
	close(root);
	tree_remove(tree);
}

struct row {
	const char *name, *line;
	/* "ID MAJOR:MINOR root where type source options", or NULL: it can't be read. */
	const char *told;
};

static const struct row rows[] = {
	{"row@plain", "36 35 98:1 /sub /mnt rw,noatime shared:1 - ext4 /dev/sda1 rw,x=y",
	 "36 98:1 /sub /mnt ext4 /dev/sda1 rw,x=y"},
	{"row@no-optional-field", "36 35 98:1 / /mnt rw - ext4 /dev/sda1 rw",
	 "36 98:1 / /mnt ext4 /dev/sda1 rw"},
	{"row@several-optional-fields", "36 35 98:1 / /mnt rw shared:1 master:2 - ext4 x rw",
	 "36 98:1 / /mnt ext4 x rw"},
	{"row@blanks-and-lines-in-names",
	 "36 35 0:5 /a\\040b /m\\012\\134n rw - fuse.x\\040y a\\011b rw",
	 "36 0:5 /a b /m\n\\n fuse.x y a\tb rw"},
	{"row@a-dash-for-a-mount-point-and-a-source", "36 35 0:5 - - - - - - -",
	 "36 0:5 - - - - -"},
	{"row@an-empty-source", "36 35 0:5 / /mnt rw - tmpfs  rw", "36 0:5 / /mnt tmpfs  rw"},
	{"row@what-looks-like-a-row-in-a-source",
	 "36 35 0:5 / /mnt rw - fuse 1\\040-\\040ext4\\012\\0401 rw",
	 "36 0:5 / /mnt fuse 1 - ext4\n 1 rw"},
	{"row@options-keep-their-code", "36 35 0:5 / / rw - overlay o rw,lowerdir=/a\\054b:/c",
	 "36 0:5 / / overlay o rw,lowerdir=/a\\054b:/c"},
	{"row@code-that-is-none", "36 35 0:5 / /\\04x\\9 rw - t \\ rw",
	 "36 0:5 / /\\04x\\9 t \\ rw"},
	{"row@cut-off-before-the-dash", "36 35 98:1 / /mnt rw", NULL},
	{"row@cut-off-behind-the-dash", "36 35 98:1 / /mnt rw -", NULL},
	{"row@without-options", "36 35 98:1 / /mnt rw - ext4 x", NULL},
	{"row@no-number", "36 35 98 / /mnt rw - ext4 x rw", NULL},
	{"row@half-a-number", "36 35 98:1x / /mnt rw - ext4 x rw", NULL},
	{"row@no-id", "x 35 98:1 / /mnt rw - ext4 x rw", NULL},
};

static void reads_row(void **state)
{
	const struct row *row = *state;
	struct mounts mounts;
	struct tree tree;
	char told[256];

	tree_make(&tree);
	tree_text(&tree, "proc/self/mountinfo", row->line);
	read_tree(&tree, &mounts);
	assert_int_equal(mounts.count, row->told != NULL);
	assert_int_equal(mounts.hidden, row->told ? 0 : -EBADMSG);
	assert_int_equal(mounts.home_hidden, mounts.hidden);
	if (row->told) {
		const struct mount *mount = mounts.all;

		snprintf(told, sizeof(told), "%d %u:%u %s %s %s %s %s", mount->id,
			 major(mount->number), minor(mount->number), mount->root, mount->where,
			 mount->type, mount->source, mount->options);
		assert_string_equal(told, row->told);
	}
	mounts_release(&mounts);
}

#define ROW(id, number, where, type) #id " 1 " number " / " where " rw - " type " x rw\n"

static void a_view_is_read_once(void **state)
{
	struct mounts mounts;
	struct tree tree;

	tree_make(&tree);
	tree_text(&tree, "proc/self/mountinfo", ROW(1, "8:1", "/", "ext4"));
	tree_link(&tree, "proc/self/ns/mnt", "mnt:[1]");
	tree_link(&tree, "proc/self/root", "/");
	for (int i = 0; i < 3; i++) { /* the same as ours, another root, another namespace */
		static const char *const processes[] = {"proc/20/", "proc/21/", "proc/22/"};
		char path[64];

		snprintf(path, sizeof(path), "%smountinfo", processes[i]);
		tree_text(&tree, path, ROW(2, "8:2", "/jail", "ext4"));
		snprintf(path, sizeof(path), "%sns/mnt", processes[i]);
		tree_link(&tree, path, i == 2 ? "mnt:[2]" : "mnt:[1]");
		snprintf(path, sizeof(path), "%sroot", processes[i]);
		tree_link(&tree, path, i == 1 ? "/jail" : "/");
	}
	read_tree(&tree, &mounts);
	assert_int_equal(mounts.view_count, 3);
	assert_int_equal(mounts.count, 3);
	assert_int_equal(mounts.views[0].pid, 0);
	assert_true(mounts.views[0].home && !mounts.views[1].home && !mounts.views[2].home);
	assert_int_equal(mounts.hidden, 0);
	mounts_release(&mounts);
}

/* A thread may have a namespace of its own, and outlive the main one. */
static void threads_have_views(void **state)
{
	struct mounts mounts;
	struct tree tree;

	tree_make(&tree);
	tree_text(&tree, "proc/30/task/30/stat", "");
	tree_text(&tree, "proc/30/task/31/mountinfo", ROW(7, "8:7", "/mnt", "ext4"));
	tree_link(&tree, "proc/30/task/31/ns/mnt", "mnt:[7]");
	tree_link(&tree, "proc/30/task/31/root", "/");
	read_tree(&tree, &mounts);
	assert_int_equal(mounts.count, 1);
	assert_int_equal(mounts.views[mounts.all[0].view].pid, 30);
	mounts_release(&mounts);
}

static void a_first_process_is_home(void **state)
{
	struct mounts mounts;
	struct tree tree;

	tree_make(&tree);
	tree_text(&tree, "proc/1/mountinfo", ROW(1, "0:40", "/", "overlay"));
	tree_text(&tree, "proc/2/mountinfo", ROW(2, "0:41", "/", "overlay"));
	read_tree(&tree, &mounts);
	assert_true(mounts.views[0].home && !mounts.views[1].home);
	assert_string_equal(mounts.all[0].where, "/");
	assert_string_equal(mounts.all[1].where, "");
	assert_string_equal(mounts.all[1].type, "overlay");
	mounts_release(&mounts);
}

static void a_root_without_proc_tells_nothing(void **state)
{
	struct mounts mounts;
	struct tree tree;

	tree_make(&tree);
	tree_text(&tree, "sys/x", "");
	read_tree(&tree, &mounts);
	assert_int_equal(mounts.hidden, -ENODATA);
	assert_int_equal(mounts.home_hidden, -ENODATA);
	mounts_release(&mounts);
}

static void the_last_one_on_a_folder_counts(void **state)
{
	struct mounts mounts;
	struct tree tree;

	tree_make(&tree);
	tree_text(&tree, "proc/self/mountinfo",
		  ROW(5, "8:1", "/", "ext4") ROW(4, "8:2", "/a", "ext4") ROW(3, "8:3", "/a", "xfs")
			  ROW(2, "8:4", "/a/b", "ext4"));
	read_tree(&tree, &mounts);
	assert_int_equal(mount_of_path(&mounts, 0, "/a/c", NULL)->id, 3);
	assert_int_equal(mount_of_path(&mounts, 0, "/a", NULL)->id, 3);
	assert_int_equal(mount_of_path(&mounts, 0, "/ab", NULL)->id, 5);
	assert_int_equal(mount_of_path(&mounts, 0, "/a/b/c", NULL)->id, 2);
	assert_null(mount_of_path(&mounts, 0, "/ab", mount_by_id(&mounts, 5)));
	assert_null(mount_of_path(&mounts, 0, "ab", NULL));
	assert_null(mount_of_path(&mounts, 1, "/a", NULL));
	assert_null(mount_by_id(&mounts, 1));
	assert_string_equal(mount_by_id(&mounts, 3)->type, "xfs");
	mounts_release(&mounts);
}

static void options_are_whole(void **state)
{
	const struct mount mount = {.options = "rw,trans=virtio,a"};

	assert_true(mount_has_option(&mount, "trans=virtio"));
	assert_true(mount_has_option(&mount, "rw"));
	assert_true(mount_has_option(&mount, "a"));
	assert_false(mount_has_option(&mount, "trans=vir"));
	assert_false(mount_has_option(&mount, "ans=virtio"));
}

static void what_may_wait_is_not_local(void **state)
{
	static const char *const others[] = {"nfs4",     "fuse.sshfs", "fuseblk", "overlay", "9p",
					     "virtiofs", "cifs",       "tmpfsx",  ""};

	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(mount_is_local(&(struct mount) {.type = others[i]}));
	assert_true(mount_is_local(&(struct mount) {.type = "devtmpfs"}));
	assert_true(mount_is_local(&(struct mount) {.type = "ext4"}));
}

/* Of the running system: the descriptor of a folder is on a mount that is found by its id. */
static void the_running_system_tells(void **state)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), id = -1;
	struct mounts mounts = {0};
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", root);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "mnt_id:%d", &id);
	fclose(file);
	assert_int_equal(mounts_read(root, &mounts), 0);
	assert_true(mounts.count > 0 && mounts.views[0].pid == 0);
	assert_int_equal(mounts.home_hidden == -ENODATA, 0);
	assert_string_equal(mount_by_id(&mounts, id)->where, "/");
	mounts_release(&mounts);
	close(root);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(a_view_is_read_once),
		cmocka_unit_test(threads_have_views),
		cmocka_unit_test(a_first_process_is_home),
		cmocka_unit_test(a_root_without_proc_tells_nothing),
		cmocka_unit_test(the_last_one_on_a_folder_counts),
		cmocka_unit_test(options_are_whole),
		cmocka_unit_test(what_may_wait_is_not_local),
		cmocka_unit_test(the_running_system_tells),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, rows, reads_row);
	return suite_run(&suite, "mounts");
}
