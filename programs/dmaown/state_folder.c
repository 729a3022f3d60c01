/* SPDX-License-Identifier: MIT */
/* Whether the journal of a claim could be kept in the state folder. */
#define _GNU_SOURCE
#include "state_folder.h"
#include "complain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Bytes that must be free: the record of a claim of many devices, and more than one. */
#define ROOM (1UL << 20)

/* Makes of the path that of the folder above it. */
static void go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
	else
		strcpy(path, ".");
}

/* Stores the path of the folder itself or, if it is not there, of the one above it. */
static int find_existing(const char *path, char *existing)
{
	struct stat status;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(existing, path);
	if (stat(existing, &status) != 0 && errno == ENOENT)
		go_up(existing);
	if (stat(existing, &status) != 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

/* -ENOSPC: the file system has no room for a record. */
static int find_room(const char *path)
{
	struct statvfs status;

	if (statvfs(path, &status) != 0)
		return -errno;
	if ((uint64_t)status.f_bavail * status.f_frsize < ROOM && status.f_blocks)
		return -ENOSPC;
	return status.f_files && !status.f_favail ? -ENOSPC : 0;
}

/* -EUCLEAN: somebody else may write to the folder, or has one of the other permissions too many. */
static int check_owner(const char *path, mode_t forbidden)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return -EUCLEAN;
	return status.st_mode & forbidden ? -EUCLEAN : 0;
}

/* As the journal believes them (journal.h): the folder, and that of the records in it. */
static int check_owners(const char *path)
{
	char claims[PATH_MAX];
	int err = check_owner(path, S_IWGRP | S_IWOTH);

	if (err || snprintf(claims, sizeof(claims), "%s/claims", path) >= (int)sizeof(claims))
		return err;
	return check_owner(claims, S_IRWXG | S_IRWXO);
}

static int try_folder(const char *path)
{
	char existing[PATH_MAX];
	int err = find_existing(path, existing);

	if (!err)
		err = check_owners(path);
	if (!err && faccessat(AT_FDCWD, existing, W_OK | X_OK, AT_EACCESS) != 0)
		err = -errno;
	return err ? err : find_room(existing);
}

static struct remark judge(int err)
{
	switch (err) {
	case 0:
		return (struct remark) {.reason = "can be written"};
	case -EACCES:
	case -EPERM:
		return (struct remark) {.code = EXIT_NOT_PERMITTED,
					.reason = "may not be written",
					.remedy = "run as root, or set DMAOWN_RUNTIME_DIR"};
	case -ENOENT:
		return (struct remark) {.code = EXIT_FAILED,
					.reason = "is in a folder that is not there",
					.remedy = "make that folder, or set DMAOWN_RUNTIME_DIR"};
	case -EUCLEAN:
		return (struct remark) {
			.code = EXIT_FAILED,
			.reason = "others may write to it, so dmaown believes no record in it",
			.remedy =
				"make root its owner, with the mode 755, and 700 for claims in it"};
	case -EROFS:
		return (struct remark) {
			.code = EXIT_FAILED,
			.reason = "is on a file system that is read-only",
			.remedy = "set DMAOWN_RUNTIME_DIR to a folder that can be written"};
	case -ENOSPC:
		return (struct remark) {.code = EXIT_FAILED,
					.reason = "is on a file system that is full",
					.remedy = "make room there, or set DMAOWN_RUNTIME_DIR"};
	default:
		return (struct remark) {.code = EXIT_FAILED,
					.reason = strerror(-err),
					.remedy = "set DMAOWN_RUNTIME_DIR to a folder"};
	}
}

int diagnose_state_folder(struct diagnosis *diagnosis, const char *path)
{
	struct remark remark = judge(try_folder(path));

	remark.check = "state-folder";
	remark.thing = path;
	remark.gravity = remark.code == EXIT_DONE ? GRAVITY_OK : GRAVITY_BLOCKS;
	return diagnosis_add(diagnosis, &remark);
}
