/* SPDX-License-Identifier: MIT */
/* Attributes and links of sysfs, below a root. An attribute is read and written in one call: the
 * kernel makes its text anew for each. */
#define _GNU_SOURCE
#include "sysfs.h"
#include "folder.h"
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sysfs_open(int root, const char *path, int flags)
{
	return open_inside(root, path, flags, 0);
}

bool sysfs_is_absent(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ENODEV;
}

int sysfs_unless_absent(int err)
{
	return sysfs_is_absent(err) ? 0 : err;
}

struct answer sysfs_exists(int root, const char *path)
{
	int fd = sysfs_open(root, path, O_PATH);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || sysfs_is_absent(fd))
		return answer_of(fd >= 0);
	return answer_hidden(fd);
}

bool sysfs_is_entry(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

/* Takes the descriptor over. */
static int read_and_close(int fd, char *out, size_t size)
{
	ssize_t length = read(fd, out, size - 1);
	int err = length < 0 ? -errno : 0;

	close(fd);
	if (err)
		return err;
	if (length > 0 && out[length - 1] == '\n')
		length--;
	out[length] = '\0';
	return (int)length;
}

int sysfs_read(int directory, const char *name, char *out, size_t size)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : read_and_close(fd, out, size);
}

int sysfs_read_path(int root, const char *path, char *out, size_t size)
{
	int fd = sysfs_open(root, path, O_RDONLY);

	return fd < 0 ? fd : read_and_close(fd, out, size);
}

int sysfs_write_path(int root, const char *path, const char *value)
{
	int fd = sysfs_open(root, path, O_WRONLY);
	int err = 0;

	if (fd < 0)
		return fd;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int sysfs_link_name(int directory, const char *name, char *out, size_t size)
{
	char target[4096];
	ssize_t length = readlinkat(directory, name, target, sizeof(target) - 1);
	const char *last;

	if (length < 0)
		return -errno;
	target[length] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) >= size)
		return -ENAMETOOLONG;
	strcpy(out, last);
	return 0;
}

/* Takes the folder's descriptor over. One that has been removed has no entries. */
static int show_entries(int fd, int (*visit)(void *context, int folder, const char *name),
			void *context)
{
	const struct dirent64 *entry;
	struct folder folder;
	int err, result = 0;

	folder_begin(&folder, fd);
	do {
		err = folder_next(&folder, &entry);
		if (!err && entry)
			result = visit(context, fd, entry->d_name);
	} while (!err && entry && !result);
	close(fd);
	return err && err != -ENOENT ? err : result;
}

int sysfs_for_each_entry(int root, const char *path,
			 int (*visit)(void *context, int folder, const char *name), void *context)
{
	int fd = sysfs_open(root, path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? fd : show_entries(fd, visit, context);
}

int sysfs_for_each_entry_if_any(int root, const char *path,
				int (*visit)(void *context, int folder, const char *name),
				void *context)
{
	int fd = sysfs_open(root, path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? sysfs_unless_absent(fd) : show_entries(fd, visit, context);
}

/* What has been read of a file and not shown yet, in a buffer with room for a NUL behind it. */
struct text {
	int fd;
	char *bytes;
	size_t size, begin, end;
	bool whole; /* nothing follows it */
};

/* Reads on, behind what is left. */
static int read_on(struct text *text)
{
	ssize_t length;
	char *more;

	text->end -= text->begin;
	memmove(text->bytes, text->bytes + text->begin, text->end);
	text->begin = 0;
	if (text->end == text->size) {
		more = realloc(text->bytes, 2 * text->size + 1);
		if (!more)
			return -ENOMEM;
		text->bytes = more;
		text->size *= 2;
	}
	length = read(text->fd, text->bytes + text->end, text->size - text->end);
	if (length < 0)
		return -errno;
	text->end += (size_t)length;
	text->whole = length == 0;
	return 0;
}

/* Stores the next line, or NULL behind the last one, which may lack its newline. */
static int next_line(struct text *text, char **out)
{
	char *line, *newline;
	int err;

	for (;;) {
		line = text->bytes + text->begin;
		newline = memchr(line, '\n', text->end - text->begin);
		if (newline || text->whole)
			break;
		err = read_on(text);
		if (err)
			return err;
	}
	*out = text->begin < text->end ? line : NULL;
	if (!newline)
		newline = text->bytes + text->end;
	*newline = '\0';
	text->begin = (size_t)(newline - text->bytes) + 1;
	if (text->begin > text->end)
		text->begin = text->end;
	return 0;
}

/* Takes the file's descriptor over. */
static int show_lines(int fd, int (*visit)(void *context, char *line), void *context)
{
	struct text text = {.fd = fd, .size = 8192};
	char *line = NULL;
	int err = 0;

	text.bytes = malloc(text.size + 1);
	if (!text.bytes)
		err = -ENOMEM;
	while (!err && !(err = next_line(&text, &line)) && line)
		err = visit(context, line);
	free(text.bytes);
	close(fd);
	return err;
}

int sysfs_for_each_line(int root, const char *path, int (*visit)(void *context, char *line),
			void *context)
{
	int fd = sysfs_open(root, path, O_RDONLY);

	return fd < 0 ? fd : show_lines(fd, visit, context);
}

int sysfs_for_each_line_if_any(int root, const char *path, int (*visit)(void *context, char *line),
			       void *context)
{
	int fd = sysfs_open(root, path, O_RDONLY);

	return fd < 0 ? sysfs_unless_absent(fd) : show_lines(fd, visit, context);
}
