/* SPDX-License-Identifier: MIT */
/* The locks of groups: who changes one, and which changes are under way (journal.h). */
#define _GNU_SOURCE
#include "clock.h"
#include "journal_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FIRST_PAUSE = 1, /* milliseconds between two looks at a lock, doubled each time */
	LONGEST_PAUSE = 50,

	BYTE_OF_PROCESS = 0,
	BYTE_OF_WORKERS = 1,
};

static int wait_for_byte(int fd, off_t byte, long end)
{
	long pause = FIRST_PAUSE;
	int err;

	while ((err = set_byte_lock(fd, F_WRLCK, byte)) == -EBUSY && clock_now() < end) {
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
	return err == -EBUSY ? -ETIMEDOUT : err;
}

/* Takes the group, and sees that no change of it is under way. */
static int take(int fd, long end)
{
	int err = wait_for_byte(fd, BYTE_OF_PROCESS, end);

	if (err)
		return err;
	err = wait_for_byte(fd, BYTE_OF_WORKERS, end);
	if (!err)
		err = set_byte_lock(fd, F_UNLCK, BYTE_OF_WORKERS);
	return err == -ETIMEDOUT ? -EINPROGRESS : err;
}

static int lock_group(int folder, int group, long end, int *out)
{
	struct stat status;
	char name[32];
	int fd, err;

	snprintf(name, sizeof(name), "group-%d.lock", group);
	fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return errno == ELOOP ? -EUCLEAN : -errno;
	err = believe_file(fd, &status);
	if (!err)
		err = take(fd, end);
	if (err)
		close(fd);
	else
		*out = fd;
	return err == -ENOENT ? -EUCLEAN : err;
}

static int compare_ids(const void *first, const void *second)
{
	const int *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/* Copies the groups ascending, each once, and gives how many they are. */
static size_t sort_groups(const int *groups, size_t count, int *sorted)
{
	size_t unique = 0;

	memcpy(sorted, groups, count * sizeof(*groups));
	qsort(sorted, count, sizeof(*sorted), compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[unique++] = sorted[i];
	}
	return unique;
}

int journal_lock(struct journal *journal, const int *groups, size_t count,
		 unsigned int milliseconds, struct group_locks *out)
{
	long end = clock_now() + milliseconds;
	int sorted[RECORD_GROUPS];
	int folder, err = 0;

	if (count > RECORD_GROUPS)
		return -E2BIG;
	folder = make_locks_folder(journal);
	if (folder < 0)
		return folder == -ENOENT ? -ENOLCK : folder;
	count = sort_groups(groups, count, sorted);
	out->count = 0;
	while (!err && out->count < count) {
		err = lock_group(folder, sorted[out->count], end, &out->fds[out->count]);
		out->count += !err;
	}
	close(folder);
	if (err)
		journal_unlock(out);
	return err;
}

void journal_unlock(struct group_locks *locks)
{
	for (size_t i = 0; i < locks->count; i++)
		close(locks->fds[i]);
	locks->count = 0;
}
