/* SPDX-License-Identifier: MIT */
/* The files of the audit. */
#define _GNU_SOURCE
#include "audit.h"
#include "clock.h"
#include "journal_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "audit"
#define OLDER "audit.1"

enum { FIRST_PAUSE = 1, LONGEST_PAUSE = 20 }; /* milliseconds */

/* ---- opening ---- */

/* Opens a file of the audit, if it is one. What else has its name is not waited for. */
static int open_file(int folder, const char *name, int flags)
{
	int fd = openat(folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat status;
	int err;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO || errno == EISDIR ? -EUCLEAN : -errno;
	err = believe_file(fd, &status);
	if (!err)
		return fd;
	close(fd);
	return err == -ENOENT ? -EAGAIN : err;
}

/* Whether it is still the file's name: another may have given it the other one. */
static int has_its_name(int folder, int fd)
{
	struct stat own, named;

	if (fstat(fd, &own) != 0)
		return -errno;
	if (fstatat(folder, NAME, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return own.st_dev == named.st_dev && own.st_ino == named.st_ino ? 0 : -EAGAIN;
}

static int lock(int fd, short type, long end)
{
	long pause = FIRST_PAUSE;
	int err;

	while ((err = set_file_lock(fd, type)) == -EBUSY && clock_now() < end) {
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
	return err == -EBUSY ? -ETIMEDOUT : err;
}

/* Opens the audit and locks it. -EAGAIN: begin anew. */
static int open_locked(int folder, int flags, short type, long end)
{
	int fd = open_file(folder, NAME, flags);
	int err;

	if (fd < 0)
		return fd;
	err = lock(fd, type, end);
	if (!err)
		err = has_its_name(folder, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* ---- writing ---- */

static int write_whole(int fd, const char *text, size_t length)
{
	ssize_t written;

	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -ENOSPC;
}

/* Ends the last line, whose writer was killed, where that has no end. */
static int end_line(int fd, off_t size)
{
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) < 0)
		return -errno;
	return last == '\n' ? 0 : write_whole(fd, "\n", 1);
}

/* Adds the line, all of it or nothing. Of a file that only it would be in nothing is left. */
static int write_line(int folder, int fd, off_t size, const char *line)
{
	int err = end_line(fd, size);

	if (!err)
		err = write_whole(fd, line, strlen(line));
	if (err && size == 0)
		unlinkat(folder, NAME, 0);
	else if (err && ftruncate(fd, size) != 0)
		err = -errno;
	return err;
}

/* -EAGAIN: begin anew, with another file. */
static int append(int folder, int fd, const char *line)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return -errno;
	if (status.st_size == 0 || status.st_size + (off_t)strlen(line) < AUDIT_SIZE)
		return write_line(folder, fd, status.st_size, line);
	return renameat(folder, NAME, folder, OLDER) == 0 ? -EAGAIN : -errno;
}

int audit_append(int folder, const char *line)
{
	long end = clock_now() + AUDIT_PATIENCE;
	int err;

	do {
		int fd = open_locked(folder, O_RDWR | O_APPEND | O_CREAT, F_WRLCK, end);

		err = fd < 0 ? fd : append(folder, fd, line);
		if (fd >= 0)
			close(fd);
	} while (err == -EAGAIN && clock_now() < end);
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

/* ---- reading ---- */

static bool is_event(const json_t *json)
{
	static const char *const needed[] = {"time", "what", "result"};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!json_is_string(json_object_get(json, needed[i])))
			return false;
	}
	return true;
}

static int add_line(struct audit *audit, const char *line, size_t length)
{
	json_error_t error;
	json_t *json = length < AUDIT_LINE ? json_loadb(line, length, 0, &error) : NULL;

	if (!json && length < AUDIT_LINE && json_error_code(&error) == json_error_out_of_memory)
		return -ENOMEM;
	if (json && is_event(json))
		return json_array_append_new(audit->events, json) ? -ENOMEM : 0;
	json_decref(json);
	audit->damaged++;
	return 0;
}

static int add_lines(struct audit *audit, const char *text, size_t length)
{
	const char *end = text + length;
	int err = 0;

	while (text < end && !err) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *next = newline ? newline : end;

		err = add_line(audit, text, (size_t)(next - text));
		text = next + 1;
	}
	return err;
}

/* The last of the file, where somebody has made it larger than we do. */
static int read_lines(int fd, struct audit *audit)
{
	off_t size = lseek(fd, 0, SEEK_END), most = (off_t)2 * AUDIT_SIZE;
	off_t begin = size > most ? size - most : 0;
	char *text = size < 0 ? NULL : malloc((size_t)(size - begin) + 1);
	ssize_t length;
	int err;

	if (size < 0)
		return -errno;
	if (!text)
		return -ENOMEM;
	length = pread(fd, text, (size_t)(size - begin), begin);
	err = length < 0 ? -errno : add_lines(audit, text, (size_t)length);
	free(text);
	return err;
}

static int read_older(int folder, struct audit *audit)
{
	int fd = open_file(folder, OLDER, O_RDONLY);
	int err = fd < 0 ? fd : read_lines(fd, audit);

	if (fd >= 0)
		close(fd);
	return err == -ENOENT || err == -EAGAIN ? 0 : err;
}

/* While the audit is locked neither file gets another name. */
static int read_both(int folder, int fd, struct audit *audit)
{
	int err = read_older(folder, audit);

	return err || fd < 0 ? err : read_lines(fd, audit);
}

int audit_read(int folder, struct audit *out)
{
	struct audit audit = {.events = json_array()};
	long end = clock_now() + AUDIT_PATIENCE;
	int fd, err;

	if (!audit.events)
		return -ENOMEM;
	do
		fd = open_locked(folder, O_RDONLY, F_RDLCK, end);
	while (fd == -EAGAIN && clock_now() < end);
	err = fd < 0 && fd != -ENOENT ? fd : read_both(folder, fd, &audit);
	if (fd >= 0)
		close(fd);
	if (err)
		json_decref(audit.events);
	else
		*out = audit;
	return err == -EAGAIN ? -ETIMEDOUT : err;
}
