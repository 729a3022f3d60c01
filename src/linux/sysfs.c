/* SPDX-License-Identifier: MIT */
/* Attributes and links of sysfs, below a root. An attribute is read and written in one call: the
 * kernel makes its text anew for each. */
#define _GNU_SOURCE
#include "sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Tries at a path that is renamed in meanwhile; that many renames in a row are no accident. */
enum { MOST_TRIES = 128 };

/*
 * Where anything is renamed or mounted on the whole system at the wrong moment, the kernel can't be
 * sure that ".." stayed below the root, and says so with EAGAIN.
 */
int sysfs_open(int root, const char *path, int flags)
{
	const struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	errno = EAGAIN;
	for (int tries = 0; fd < 0 && errno == EAGAIN && tries < MOST_TRIES; tries++)
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
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
	return *name && *name != '.' && !strchr(name, '/');
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

/* The next entry; NULL with *err as before: there is none; else *err is why it can't be read. */
static const char *next_entry(DIR *folder, int *err)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(folder);
	} while (entry && entry->d_name[0] == '.');
	if (!entry && errno)
		*err = -errno;
	return entry ? entry->d_name : NULL;
}

/* Takes the folder's descriptor over. */
static int show_entries(int fd, int (*visit)(void *context, int folder, const char *name),
			void *context)
{
	const char *name;
	DIR *folder = fdopendir(fd);
	int err = 0;

	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (name = next_entry(folder, &err)))
		err = visit(context, fd, name);
	closedir(folder);
	return err;
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

/* Takes the file's descriptor over. */
static int show_lines(int fd, int (*visit)(void *context, char *line), void *context)
{
	FILE *file = fdopen(fd, "r");
	size_t size = 0;
	char *line = NULL;
	int err = 0;

	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	while (!err && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		err = visit(context, line);
		errno = 0;
	}
	if (!err && !feof(file))
		err = errno ? -errno : -EIO;
	free(line);
	fclose(file);
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
