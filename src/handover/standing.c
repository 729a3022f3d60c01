/* SPDX-License-Identifier: MIT */
/*
 * A lock of an open file description has no process, and any number of processes may have a
 * descriptor of it. The kernel tells of each descriptor what it is of (the link) and which locks it
 * has (its fdinfo); both are told without asking a file system.
 */
#define _GNU_SOURCE
#include "standing.h"
#include "inside.h"
#include "journal_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIELD_STARTED = 22 - 2 }; /* of /proc/PID/stat, counted after the program's name */

static ssize_t read_below(int folder, const char *path, char *text, size_t size)
{
	int fd = open_inside(folder, path, O_RDONLY, 0);
	ssize_t length = fd < 0 ? fd : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[length < 0 ? 0 : length] = '\0';
	return length;
}

static bool has_lock(int process, const char *descriptor)
{
	char path[300], text[4096];

	snprintf(path, sizeof(path), "fdinfo/%s", descriptor);
	return read_below(process, path, text, sizeof(text)) > 0 && strstr(text, "OFDLCK");
}

/* Whether a descriptor of the process is of the file of that path, and locked. */
static bool stands_behind(int process, const char *file)
{
	int fd = open_inside(process, "fd", O_RDONLY | O_DIRECTORY, 0);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	bool stands = false;

	if (!folder && fd >= 0)
		close(fd);
	while (folder && !stands && (found = readdir(folder))) {
		char target[PATH_MAX];
		ssize_t length = readlinkat(fd, found->d_name, target, sizeof(target) - 1);

		target[length < 0 ? 0 : length] = '\0';
		stands =
			length > 0 && strcmp(target, file) == 0 && has_lock(process, found->d_name);
	}
	if (folder)
		closedir(folder);
	return stands;
}

/* When the machine was started, by the clock of now. */
static time_t boot_time(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec;
}

/* The program's name stands in brackets and may have any characters, blanks and brackets too. */
static void describe(int process, struct standing *out)
{
	char text[1024], *name, *end, *at;
	unsigned long long ticks = 0;
	struct tm local;
	time_t started;

	read_below(process, "stat", text, sizeof(text));
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end)
		return;
	*end = '\0';
	snprintf(out->name, sizeof(out->name), "%s", name + 1);
	at = end + 1;
	for (int field = 1; at && field < FIELD_STARTED; field++)
		at = strchr(at + 1, ' ');
	if (at)
		ticks = strtoull(at, NULL, 10);
	started = boot_time() + (time_t)(ticks / (unsigned long long)sysconf(_SC_CLK_TCK));
	if (localtime_r(&started, &local))
		strftime(out->since, sizeof(out->since), "%F %T", &local);
}

static bool is_process(const char *name)
{
	return isdigit((unsigned char)*name) && strtol(name, NULL, 10) != getpid();
}

static int find_process(DIR *processes, const char *file, struct standing *out)
{
	struct dirent *found;
	int err = -ESRCH;

	while (err == -ESRCH && (found = readdir(processes))) {
		int process = is_process(found->d_name)
				      ? open_inside(dirfd(processes), found->d_name,
						    O_RDONLY | O_DIRECTORY, 0)
				      : -1;

		if (process < 0)
			continue;
		if (stands_behind(process, file)) {
			*out = (struct standing) {.pid = strtol(found->d_name, NULL, 10)};
			describe(process, out);
			err = 0;
		}
		close(process);
	}
	return err;
}

int find_standing(const struct journal *journal, const struct entry *entry, struct standing *out)
{
	char link[32], file[PATH_MAX];
	ssize_t length;
	DIR *folder;
	int fd, err;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", entry->fd);
	length = readlink(link, file, sizeof(file) - 1);
	if (length < 0)
		return -errno;
	file[length] = '\0';
	fd = open_inside(journal->root, "proc", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	err = find_process(folder, file, out);
	closedir(folder);
	return err;
}
