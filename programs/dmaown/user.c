/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "user.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int take(const char *name, const char *home, const char *shell, struct user *user)
{
	user->name = strdup(name);
	user->home = strdup(home && *home ? home : "/");
	user->shell = strdup(shell && *shell ? shell : "/bin/sh");
	if (user->name && user->home && user->shell)
		return 0;
	user_release(user);
	return -ENOMEM;
}

/* The errnos by which getpwnam(3) says that there is no such user; without a list ENOENT. */
static bool says_no(int err)
{
	return err == 0 || err == ENOENT || err == ESRCH;
}

static int take_listed(const struct passwd *found, struct user *out)
{
	struct user user = {.uid = found->pw_uid, .gid = found->pw_gid, .listed = true};
	int err = take(found->pw_name, found->pw_dir, found->pw_shell, &user);

	/* The largest number is nobody's: to the kernel it means to leave an id as it is. */
	if (!err && (user.uid == UINT32_MAX || user.gid == UINT32_MAX)) {
		user_release(&user);
		err = -EINVAL;
	}
	if (!err)
		*out = user;
	return err;
}

/* -ENOENT: it is not a number that a user could have. */
static int read_number(const char *text, uid_t *out)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || number >= UINT32_MAX)
		return -ENOENT;
	*out = (uid_t)number;
	return 0;
}

int find_user(const char *text, struct user *out)
{
	const struct passwd *found;
	struct user user = {0};
	int err;

	errno = 0;
	found = getpwnam(text);
	if (!found && !says_no(errno))
		return -errno;
	if (found)
		return take_listed(found, out);
	err = read_number(text, &user.uid);
	if (err)
		return err;
	errno = 0;
	found = getpwuid(user.uid);
	if (!found && !says_no(errno))
		return -errno;
	if (found)
		return take_listed(found, out);
	user.gid = user.uid;
	err = take(text, NULL, NULL, &user);
	if (!err)
		*out = user;
	return err;
}

void user_release(struct user *user)
{
	free(user->name);
	free(user->home);
	free(user->shell);
}

static int compare_groups(const void *one, const void *other)
{
	gid_t left = *(const gid_t *)one, right = *(const gid_t *)other;

	return (left > right) - (left < right);
}

/* Stores how many there are; room for one of them is there. */
static int list_groups(const struct user *user, gid_t **groups, int *count)
{
	int room = 1, there = 1;

	while (getgrouplist(user->name, user->gid, *groups, &there) < 0) {
		gid_t *more =
			there > room ? reallocarray(*groups, (size_t)there, sizeof(*more)) : NULL;

		if (!more)
			return -ENOMEM;
		*groups = more;
		room = there;
	}
	*count = there;
	return 0;
}

int user_groups(const struct user *user, gid_t **groups, size_t *count)
{
	gid_t *all = malloc(sizeof(*all));
	gid_t *doubled;
	int there = 1, err = all ? 0 : -ENOMEM;

	if (!err)
		*all = user->gid;
	if (!err && user->listed)
		err = list_groups(user, &all, &there);
	doubled = err ? NULL : reallocarray(all, (size_t)there, 2 * sizeof(*all));
	if (!doubled) {
		free(all);
		return -ENOMEM;
	}
	all = doubled;
	qsort(all, (size_t)there, sizeof(*all), compare_groups);
	*groups = all;
	*count = (size_t)there;
	return 0;
}
