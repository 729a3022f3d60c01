/* SPDX-License-Identifier: MIT */
/* The entries of a folder: each once, however many there are; and a folder that goes meanwhile. */
#define _GNU_SOURCE
#include "folder.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new folder, and a descriptor for reading it. */
struct bed {
	char path[64];
	int fd;
};

static int make(void **state)
{
	struct bed *bed = malloc(sizeof(*bed));

	assert_non_null(bed);
	strcpy(bed->path, "/tmp/dmaown-folder-XXXXXX");
	assert_non_null(mkdtemp(bed->path));
	bed->fd = open(bed->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(bed->fd >= 0);
	*state = bed;
	return 0;
}

static int clear(void **state)
{
	struct bed *bed = *state;
	const struct dirent64 *entry;
	struct folder folder;

	do {
		lseek(bed->fd, 0, SEEK_SET);
		folder_begin(&folder, bed->fd);
		if (folder_next(&folder, &entry))
			entry = NULL;
		if (entry)
			unlinkat(bed->fd, entry->d_name, 0);
	} while (entry);
	unlinkat(bed->fd, ".hidden", 0);
	close(bed->fd);
	rmdir(bed->path);
	free(bed);
	return 0;
}

static void add(const struct bed *bed, const char *name)
{
	int fd = openat(bed->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

/* Names that fill the buffer several times, each with its number in front. */
enum { MANY = 300 };

static void name_of(char *out, size_t size, unsigned int number)
{
	snprintf(out, size, "%u-with-a-name-that-takes-its-room-in-what-the-kernel-gives", number);
}

static void each_once(void **state)
{
	const struct bed *bed = *state;
	unsigned int seen[MANY] = {0};
	const struct dirent64 *entry;
	struct folder folder;
	char name[80];

	for (unsigned int i = 0; i < MANY; i++) {
		name_of(name, sizeof(name), i);
		add(bed, name);
	}
	folder_begin(&folder, bed->fd);
	for (;;) {
		assert_int_equal(folder_next(&folder, &entry), 0);
		if (!entry)
			break;
		assert_in_range(atoi(entry->d_name), 0, MANY - 1);
		seen[atoi(entry->d_name)]++;
	}
	for (unsigned int i = 0; i < MANY; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(folder_next(&folder, &entry), 0);
	assert_null(entry);
}

static void hidden(void **state)
{
	const struct bed *bed = *state;
	const struct dirent64 *entry;
	struct folder folder;

	add(bed, ".hidden");
	folder_begin(&folder, bed->fd);
	assert_int_equal(folder_next(&folder, &entry), 0);
	assert_null(entry);
}

static void removed(void **state)
{
	const struct bed *bed = *state;
	const struct dirent64 *entry = (const void *)bed;
	struct folder folder;

	assert_int_equal(rmdir(bed->path), 0);
	folder_begin(&folder, bed->fd);
	assert_int_equal(folder_next(&folder, &entry), -ENOENT);
	assert_null(entry);
}

static void no_folder(void **state)
{
	const struct bed *bed = *state;
	const struct dirent64 *entry;
	struct folder folder;
	int fd;

	add(bed, "file");
	fd = openat(bed->fd, "file", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	folder_begin(&folder, fd);
	assert_int_equal(folder_next(&folder, &entry), -ENOTDIR);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"folder@each-entry-once", each_once, make, clear, NULL},
		{"folder@names-with-a-dot-are-passed-over", hidden, make, clear, NULL},
		{"folder@removed-meanwhile", removed, make, clear, NULL},
		{"folder@is-none", no_folder, make, clear, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
