/* SPDX-License-Identifier: MIT */
/*
 * What a command of a claim becomes between fork(2) and exec(2). With a user it runs as that user,
 * and keeps nothing of ours but what is named here.
 *
 * We look up everything before we claim anything: the child only makes calls of the kernel. It
 * verifies afterwards what it has given up. Where that can't be verified, or is not so, it fails,
 * and the command does not run.
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

/* What the options ask for. */
struct becoming_options {
	bool memlock_given;
	rlim_t memlock;
	bool new_privs;
};

/*
 * Looks up what `user` has to have; `user` may be NULL, and outlives the result. -ENOMEM, or the
 * errno that hid how much memory there is. Undone by becoming_release().
 */
int becoming_make(const struct user *user, const struct becoming_options *options,
		  struct becoming *out);
void becoming_release(struct becoming *becoming);

/*
 * Becomes it, in a child that then executes the command or ends. The command gets `lock`, unless
 * that is -1; with a user it gets no other descriptor from 3 on. On failure *step says what failed,
 * and the process can do nothing but report it.
 */
int become(const struct becoming *becoming, int lock, size_t *step);

/* How many steps there are, and the words for what is wrong if one fails. */
size_t become_step_count(void);
const char *become_words(size_t step);

#endif
