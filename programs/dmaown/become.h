/* SPDX-License-Identifier: MIT */
/*
 * What a command of a claim becomes between fork(2) and exec(2): with a user it is the user's, and
 * nothing that is ours is left to it but what is named here.
 *
 * All that has to be looked up is looked up before, by us, and before anything is claimed: the
 * child only makes calls of the kernel. What it takes from itself is verified afterwards; what
 * can't be, or isn't so, is a failure, and the command does not run.
 */
#ifndef DMAOWN_DMAOWN_BECOME_H
#define DMAOWN_DMAOWN_BECOME_H

#include "user.h"

#include <stdbool.h>
#include <sys/resource.h>

struct becoming {
	const struct user *user; /* NULL: it stays who we are */
	gid_t *groups;           /* of the user, ascending; with room for as many again */
	size_t group_count;
	char *folder;   /* where we are; NULL: not known */
	rlim_t memlock; /* the limit of locked memory */
	bool memlock_must_be;
	bool new_privs; /* it may get more rights than the user has: by sudo, for example */
};

/* What a user is asked for. */
struct becoming_options {
	bool memlock_given;
	rlim_t memlock;
	bool new_privs;
};

/* Looks up what `user`, which may be NULL and outlives the result, has to have. -ENOMEM, and what
 * hid how much memory there is. Undone by becoming_release(). */
int becoming_make(const struct user *user, const struct becoming_options *options,
		  struct becoming *out);
void becoming_release(struct becoming *becoming);

/*
 * Becomes it, in a child that then executes the command or ends. Of the descriptors from 3 on
 * `lock`, if it is not -1, goes on to the command; with a user it alone. On failure *step tells
 * what failed, and the process is good for nothing but to say so.
 */
int become(const struct becoming *becoming, int lock, size_t *step);

/* How many steps there are, and what is wrong if one fails, in words. */
size_t become_step_count(void);
const char *become_words(size_t step);

#endif
