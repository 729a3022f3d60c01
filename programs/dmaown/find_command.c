/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "find_command.h"
#include "complain.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_file(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (!S_ISREG(status.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/* What can't be executed is passed over, but remembered; so is what hid one. */
static int search_path(const char *name)
{
	const char *path = getenv("PATH");
	int result = -ENOENT;

	for (const char *at = path ? path : "/bin:/usr/bin"; at; at = strchr(at, ':')) {
		char file[PATH_MAX];
		int err, length;

		at += *at == ':';
		length = snprintf(file, sizeof(file), "%.*s/%s", (int)strcspn(at, ":"), at, name);
		if (length >= (int)sizeof(file))
			continue;
		err = check_file(*at == ':' || !*at ? name : file);
		if (!err)
			return 0;
		if (err != -ENOENT && result == -ENOENT)
			result = err;
	}
	return result;
}

int find_command_file(const char *name)
{
	if (!*name)
		return -ENOENT;
	return strchr(name, '/') ? check_file(name) : search_path(name);
}

int complain_command(int err, const char *name, const char *remark)
{
	if (err == -ENOENT)
		return complain(EXIT_NOT_FOUND, name, "no such command%s", remark);
	if (err == -EACCES)
		return complain(EXIT_NOT_EXECUTABLE, name, "can't be executed%s", remark);
	return complain(EXIT_NOT_EXECUTABLE, name, "can't be executed: %s%s", strerror(-err),
			remark);
}
