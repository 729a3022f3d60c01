/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "journal_files.h"
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OTHERS_WRITE = S_IWGRP | S_IWOTH, OTHERS = S_IRWXG | S_IRWXO };

/* ---- the journal ---- */

static char *join(const char *first, const char *slash, const char *second)
{
	char *text;

	return asprintf(&text, "%s%s%s", first, slash, second) < 0 ? NULL : text;
}

int journal_open(const struct journal_place *place, struct journal **out)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int err = -ENOMEM;

	if (!journal)
		return -ENOMEM;
	journal->root = fcntl(place->root, F_DUPFD_CLOEXEC, 3);
	if (journal->root < 0) {
		err = -errno;
		goto close;
	}
	journal->state = strdup(place->state);
	journal->claims = join(place->state, "/", "claims");
	journal->around_locks = strdup(place->locks);
	journal->locks = join(place->locks, "/", "locks");
	journal->shown_state = join(place->name, *place->state == '/' ? "" : "/", place->state);
	journal->shown_locks = join(place->name, *place->locks == '/' ? "" : "/", place->locks);
	if (journal->shown_state)
		journal->shown_claims = join(journal->shown_state, "/", "claims");
	if (place->boot)
		journal->boot = strdup(place->boot);
	if (journal->state && journal->claims && journal->around_locks && journal->locks &&
	    journal->shown_claims && journal->shown_locks && (journal->boot || !place->boot)) {
		*out = journal;
		return 0;
	}
close:
	journal_close(journal);
	return err;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->root >= 0)
		close(journal->root);
	free(journal->state);
	free(journal->claims);
	free(journal->around_locks);
	free(journal->locks);
	free(journal->shown_state);
	free(journal->shown_claims);
	free(journal->shown_locks);
	free(journal->boot);
	free(journal);
}

const char *journal_folder(const struct journal *journal)
{
	return journal->shown_claims;
}

const char *journal_state_folder(const struct journal *journal)
{
	return journal->shown_state;
}

const char *journal_locks_folder(const struct journal *journal)
{
	return journal->shown_locks;
}

const char *journal_boot(const struct journal *journal)
{
	return journal->boot;
}

void journal_guard(const struct journal *journal, int group, char *out, size_t size)
{
	snprintf(out, size, "%s/group-%d.lock", journal->locks, group);
}

/* ---- whom to believe ---- */

static bool is_ours(const struct stat *status, mode_t forbidden)
{
	return (status->st_uid == 0 || status->st_uid == geteuid()) &&
	       (status->st_mode & forbidden) == 0;
}

int believe_folder(int fd, mode_t forbidden)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return -errno;
	return is_ours(&status, forbidden) ? 0 : -EUCLEAN;
}

int believe_file(int fd, struct stat *status)
{
	if (fstat(fd, status) != 0)
		return -errno;
	if (!S_ISREG(status->st_mode) || !is_ours(status, OTHERS) || status->st_nlink > 1)
		return -EUCLEAN;
	return status->st_nlink == 0 ? -ENOENT : 0;
}

/* ---- folders ---- */

static int open_believed(int root, const char *path, mode_t forbidden)
{
	int fd = open_inside(root, path, O_RDONLY | O_DIRECTORY, 0);
	int err = fd < 0 ? fd : believe_folder(fd, forbidden);

	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

int journal_open_state(const struct journal *journal)
{
	return open_believed(journal->root, journal->state, OTHERS_WRITE);
}

/* Makes a folder with that mode, whatever the umask. Whoever else makes it has the same in mind. */
static int make_folder(int around, const char *name, mode_t mode)
{
	if (mkdirat(around, name, mode) != 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmodat(around, name, mode, 0) ? -errno : 0;
}

/* The folder around the path, whose last name is then cut off it. */
static int open_around(int root, char *path, const char **name)
{
	char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	return open_inside(root, !slash ? "." : *path ? path : "/", O_RDONLY | O_DIRECTORY, 0);
}

/* Opens the folder, making it where it is not there. */
static int open_made(int root, const char *path, mode_t mode, mode_t forbidden)
{
	int fd = open_believed(root, path, forbidden), around, err;
	char above[PATH_MAX];
	const char *name;

	if (fd != -ENOENT || strlen(path) >= sizeof(above))
		return fd;
	strcpy(above, path);
	around = open_around(root, above, &name);
	if (around < 0)
		return around;
	err = make_folder(around, name, mode);
	close(around);
	return err ? err : open_believed(root, path, forbidden);
}

/* The same of a folder within one that may have to be made as well. */
static int open_made_within(const struct journal *journal, const char *around, const char *path)
{
	int fd = open_made(journal->root, around, 0755, OTHERS_WRITE);

	if (fd < 0)
		return fd;
	close(fd);
	return open_made(journal->root, path, 0700, OTHERS);
}

int make_claims_folder(const struct journal *journal)
{
	return open_made_within(journal, journal->state, journal->claims);
}

int make_locks_folder(const struct journal *journal)
{
	return open_made_within(journal, journal->around_locks, journal->locks);
}

/* The folder around it counts as well: who may write there may replace it. */
int open_claims_folder(const struct journal *journal)
{
	int state = journal_open_state(journal);

	if (state < 0)
		return state;
	close(state);
	return open_believed(journal->root, journal->claims, OTHERS);
}

int open_folder_of(const struct journal *journal, const struct entry *entry)
{
	return entry->old_folder ? journal_open_state(journal) : open_claims_folder(journal);
}

/* ---- locks ---- */

static int set_lock(int fd, short type, off_t at, off_t length)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = length};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

int set_byte_lock(int fd, short type, off_t at)
{
	return set_lock(fd, type, at, 1);
}

int set_file_lock(int fd, short type)
{
	return set_lock(fd, type, 0, 0);
}

/* ---- names ---- */

bool has_form(const char *name, const char *begin, const char *end)
{
	size_t length = strlen(name), first = strlen(begin), last = strlen(end);

	return length > first + last && length < sizeof(((struct entry *)0)->name) &&
	       strncmp(name, begin, first) == 0 && strcmp(name + length - last, end) == 0;
}

struct answer entry_has_its_name(int folder, const struct entry *entry)
{
	struct stat named, open;

	if (fstatat(folder, entry->name, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? answer_of(false) : answer_hidden(-errno);
	if (fstat(entry->fd, &open) != 0)
		return answer_hidden(-errno);
	return answer_of(named.st_dev == open.st_dev && named.st_ino == open.st_ino);
}
