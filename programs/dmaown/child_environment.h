/* SPDX-License-Identifier: MIT */
/* The environment of a command: ours without a user, else the user's own. */
#ifndef DMAOWN_DMAOWN_CHILD_ENVIRONMENT_H
#define DMAOWN_DMAOWN_CHILD_ENVIRONMENT_H

#include "record.h"
#include "user.h"

/*
 * Makes the environment. If `user` is NULL it is ours. Otherwise it is what the user has at login,
 * and of ours the variables about the terminal and the language, and those for dmaown (DMAOWN_...).
 * `record` adds the names of what is claimed, and may be NULL. -ENOMEM. Undone by
 * environment_release().
 */
int environment_make(const struct user *user, const struct record *record, char ***out);
void environment_release(char **environment);

#endif
