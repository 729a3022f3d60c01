/* SPDX-License-Identifier: MIT */
/* The environment of a command: ours without a user, else the user's own. */
#ifndef DMAOWN_DMAOWN_CHILD_ENVIRONMENT_H
#define DMAOWN_DMAOWN_CHILD_ENVIRONMENT_H

#include "record.h"
#include "user.h"

/*
 * Makes the environment. `user` may be NULL: it is ours; else what the user has when he logs in,
 * and of ours the words about the terminal and the language, and those to dmaown (DMAOWN_...).
 * `record`, which may be NULL, adds the names of what is claimed. -ENOMEM. Undone by
 * environment_release().
 */
int environment_make(const struct user *user, const struct record *record, char ***out);
void environment_release(char **environment);

#endif
