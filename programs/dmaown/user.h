/* SPDX-License-Identifier: MIT */
/* The user that a claim is for, from the system's lists of users. */
#ifndef DMAOWN_DMAOWN_USER_H
#define DMAOWN_DMAOWN_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct user {
	char *name; /* its number, if it has none */
	char *home, *shell;
	uid_t uid;
	gid_t gid;
	bool listed; /* else it is but a number, which is its group's, too */
};

/*
 * Finds a user by name or, if no user has that name, by number. Undone by user_release(). -ENOENT:
 * there is no such user, and it is not a number that a user could have; else the errno that hid the
 * list: a list that can't be read does not say that a user is missing.
 */
int find_user(const char *text, struct user *out);

/* Harmless on an empty one. */
void user_release(struct user *user);

/*
 * Stores the groups that the user is in, ascending, in an array that the caller frees and that has
 * room for as many again. -ENOMEM. A list of groups that can't be read counts as one without the
 * user, who then has fewer groups.
 */
int user_groups(const struct user *user, gid_t **groups, size_t *count);

#endif
