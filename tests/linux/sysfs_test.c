/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "sysfs.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_while_others_rename),
	};

	return cmocka_run_group_tests_name("sysfs", tests, NULL, NULL);
}
