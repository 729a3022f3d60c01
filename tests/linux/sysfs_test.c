/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "rows.h"
#include "sysfs.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPENS = 20000 };

struct renames {
	char one[300], other[300];
	atomic_bool ended;
};

static void *rename_until_ended(void *argument)
{
	struct renames *renames = argument;

	while (!renames->ended) {
		rename(renames->one, renames->other);
		rename(renames->other, renames->one);
	}
	return NULL;
}

/* The kernel gives up on ".." while anything is renamed on the system. */
static void opens_while_others_rename(void **state)
{
	struct renames renames = {.ended = false};
	struct tree tree;
	pthread_t thread;
	int root;

	tree_make(&tree);
	tree_text(&tree, "sys/bus/pci/devices/a/vendor", "0x8086\n");
	tree_link(&tree, "sys/class/a", "../bus/pci/devices/a");
	tree_text(&tree, "one/file", "");
	snprintf(renames.one, sizeof(renames.one), "%s/one", tree.path);
	snprintf(renames.other, sizeof(renames.other), "%s/other", tree.path);
	root = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(pthread_create(&thread, NULL, rename_until_ended, &renames), 0);
	for (int i = 0; i < OPENS; i++) {
		int fd = sysfs_open(root, "sys/class/a/vendor", O_RDONLY);

		if (fd < 0)
			fail_msg("%d of %d: errno %d", i, OPENS, -fd);
		close(fd);
	}
	renames.ended = true;
	pthread_join(thread, NULL);
	close(root);
	tree_remove(&tree);
}

/* ---- lines ---- */

/* A file of so many lines, each so long without its newline; the last one may lack that. */
struct lines_row {
	const char *name;
	size_t count, length;
	bool cut;
};

static const struct lines_row lines_rows[] = {
	{"lines@none", 0, 0, false},
	{"lines@one-empty", 1, 0, false},
	{"lines@one-without-newline", 1, 7, true},
	{"lines@many-empty", 30000, 0, false},
	{"lines@across-reads", 1000, 100, false},
	{"lines@across-reads-without-newline", 1000, 100, true},
	{"lines@as-long-as-a-read", 3, 8191, false},
	{"lines@as-long-as-a-read-and-a-byte", 3, 8192, false},
	{"lines@longer-than-reads", 3, 100000, true},
};

struct shown {
	const struct lines_row *row;
	size_t count;
};

/* The n-th line is of letters that only it has in that order; the visitor may change it. */
static char letter(size_t line, size_t place)
{
	return (char)('a' + (line * 7 + place) % 26);
}

static int look_at_line(void *context, char *line)
{
	struct shown *shown = context;

	assert_int_equal(strlen(line), shown->row->length);
	for (size_t i = 0; line[i]; i++)
		assert_int_equal(line[i], letter(shown->count, i));
	memset(line, 'X', shown->row->length);
	shown->count++;
	return 0;
}

static void each_line_is_shown_whole(void **state)
{
	const struct lines_row *row = *state;
	struct shown shown = {.row = row};
	size_t size = row->count * (row->length + 1) - row->cut;
	char *text = malloc(size + 1);
	struct tree tree;
	int root;

	for (size_t line = 0, at = 0; line < row->count; line++) {
		for (size_t i = 0; i < row->length; i++)
			text[at++] = letter(line, i);
		text[at++] = '\n';
	}
	tree_make(&tree);
	tree_bytes(&tree, "proc/lines", text, size);
	root = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sysfs_for_each_line(root, "proc/lines", look_at_line, &shown), 0);
	assert_int_equal(shown.count, row->count);
	close(root);
	tree_remove(&tree);
	free(text);
}

static int stop_at_third(void *context, char *line)
{
	size_t *count = context;

	return ++*count == 3 ? 17 : 0;
}

static void a_visitor_ends_it(void **state)
{
	struct tree tree;
	size_t count = 0;
	int root;

	tree_make(&tree);
	tree_text(&tree, "proc/lines", "1\n2\n3\n4\n");
	root = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sysfs_for_each_line(root, "proc/lines", stop_at_third, &count), 17);
	assert_int_equal(count, 3);
	assert_int_equal(sysfs_for_each_line(root, "proc", stop_at_third, &count), -EISDIR);
	close(root);
	tree_remove(&tree);
}

/* ---- entries ---- */

static int count_entry(void *context, int folder, const char *name)
{
	bool *seen = context;

	assert_false(seen[atoi(name)]);
	seen[atoi(name)] = true;
	return 0;
}

/* More than one read gives, and none of those that begin with a dot. */
static void each_entry_is_shown_once(void **state)
{
	enum { ENTRIES = 1000 };
	bool seen[ENTRIES] = {false};
	struct tree tree;
	char path[64];
	int root;

	tree_make(&tree);
	tree_text(&tree, "sys/entries/.hidden", "");
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(path, sizeof(path), "sys/entries/%d-with-a-name-that-is-long", i);
		tree_link(&tree, path, "nowhere");
	}
	root = open(tree.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sysfs_for_each_entry(root, "sys/entries", count_entry, seen), 0);
	for (int i = 0; i < ENTRIES; i++)
		assert_true(seen[i]);
	close(root);
	tree_remove(&tree);
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(opens_while_others_rename),
		cmocka_unit_test(a_visitor_ends_it),
		cmocka_unit_test(each_entry_is_shown_once),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, single);
	ADD_ROWS(&suite, lines_rows, each_line_is_shown_whole);
	return suite_run(&suite, "sysfs");
}
