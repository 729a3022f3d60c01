/* SPDX-License-Identifier: MIT */
/* What workers do, and what becomes of it when they are stopped or killed. */
#define _GNU_SOURCE
#include "tree.h"
#include "workers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLENTY = 60000 };

struct fixture {
	struct tree tree;
	struct crew crew;
};

/* ---- looking ---- */

static int look(struct crew *crew, const char *path, struct file_look *out)
{
	struct errand errand = {
		.kind = ERRAND_LOOK, .path = path, .text = (char *)out, .size = sizeof(*out)};

	memset(out, 0, sizeof(*out));
	return crew_do(crew, &errand, PLENTY);
}

/* The kernel's own link to a descriptor leads where its name does not. */
static void a_look_follows_the_kernels_links(struct fixture *fixture)
{
	int root = open("/", O_PATH | O_CLOEXEC), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct file_look found;
	struct crew crew;
	char path[64];

	(void)fixture;
	crew_init(&crew, root);
	snprintf(path, sizeof(path), "proc/%d/fd/%d", getpid(), null);
	assert_int_equal(look(&crew, path, &found), sizeof(found));
	assert_int_equal(found.err, 0);
	assert_true(S_ISCHR(found.mode));
	assert_int_equal(found.number[0], 1);
	assert_int_equal(found.number[1], 3);
	close(null);
	assert_int_equal(look(&crew, path, &found), sizeof(found));
	assert_int_equal(found.err, -ENOENT);
	crew_end(&crew);
	close(root);
}

static void a_look_tells_what_a_file_is(struct fixture *fixture)
{
	struct file_look found;
	struct stat status;
	char path[512];

	tree_text(&fixture->tree, "folder/file", "x");
	snprintf(path, sizeof(path), "%s/folder/file", fixture->tree.path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(look(&fixture->crew, "folder/file", &found), sizeof(found));
	assert_int_equal(found.mode, status.st_mode);
	assert_int_equal(found.inode, status.st_ino);
	assert_int_equal(makedev(found.volume[0], found.volume[1]), status.st_dev);
	assert_int_equal(look(&fixture->crew, "absent/file", &found), -ENOENT);
}

static void a_look_at_a_long_path_is_refused(struct fixture *fixture)
{
	struct file_look found;
	char path[1024];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(look(&fixture->crew, path, &found), -ENAMETOOLONG);
}

static const struct {
	const char *name;
	void (*run)(struct fixture *fixture);
} cases[] = {
	{"look@follows-the-kernels-links", a_look_follows_the_kernels_links},
	{"look@tells-what-a-file-is", a_look_tells_what_a_file_is},
	{"look@long-path-enametoolong", a_look_at_a_long_path_is_refused},
};

enum { CASES = sizeof(cases) / sizeof(*cases) };

static void run_case(void **state)
{
	struct fixture fixture;
	int root;

	tree_make(&fixture.tree);
	root = open(fixture.tree.path, O_PATH | O_CLOEXEC);
	assert_true(root >= 0);
	crew_init(&fixture.crew, root);
	cases[(size_t)(uintptr_t)*state].run(&fixture);
	crew_end(&fixture.crew);
	close(root);
	tree_remove(&fixture.tree);
}

int main(void)
{
	struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest) {.name = cases[i].name,
						.test_func = run_case,
						.initial_state = (void *)(uintptr_t)i};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
