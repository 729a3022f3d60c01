/* SPDX-License-Identifier: MIT */
/* The user that a claim is for, as the lists of users have it. */
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
 * Finds a user by name or, if there is none of that name, by number. Undone by user_release().
 * -ENOENT: there is no such user, and it is no number that one could have; else what hid it: a list
 * that can't be read is no list without it.
 */
int find_user(const char *text, struct user *out);

/* Harmless on an empty one. */
void user_release(struct user *user);

/*
 * Stores the groups that the user is in, ascending, in an array that the caller frees and that has
 * room for as many again. -ENOMEM. A
 * list of groups that can't be read is not told from one without the user: it then has less.
 */
int user_groups(const struct user *user, gid_t **groups, size_t *count);

#endif
