/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "become.h"
#include "array.h"
#include "start.h"
#include "terminal_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- before ---- */

static int half_of_memory(rlim_t *out)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	if (pages <= 0 || size <= 0)
		return -EIO;
	*out = (rlim_t)pages * (rlim_t)size / 2;
	return 0;
}

int becoming_make(const struct user *user, const struct becoming_options *options,
		  struct becoming *out)
{
	struct becoming becoming = {.user = user,
				    .memlock = options->memlock,
				    .memlock_must_be = options->memlock_given,
				    .new_privs = options->new_privs};
	int err = 0;

	if (!options->memlock_given)
		becoming.memlock = RLIM_INFINITY;
	if (!options->memlock_given && user)
		err = half_of_memory(&becoming.memlock);
	if (!err && user)
		err = user_groups(user, &becoming.groups, &becoming.group_count);
	if (err)
		return err;
	becoming.folder = user ? getcwd(NULL, 0) : NULL;
	*out = becoming;
	return 0;
}

void becoming_release(struct becoming *becoming)
{
	free(becoming->groups);
	free(becoming->folder);
}

/* ---- what any command gets ---- */

/* What is mapped for DMA is locked: the usual limit of 8 MiB is soon reached. Who may not have the
 * limit raised has the most that he may, unless somebody has said how much it is to be. */
static int limit_memlock(const struct becoming *becoming)
{
	struct rlimit limit = {becoming->memlock, becoming->memlock};

	if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0)
		return 0;
	if (errno != EPERM || becoming->memlock_must_be)
		return -errno;
	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return -errno;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_MEMLOCK, &limit) ? -errno : 0;
}

/* ---- what is taken while we may still do so ---- */

/* Never below 0: the system would rather kill others than this. It is written in any case, since
 * only that makes it the least that may be chosen again without a capability. */
static int raise_oom_score(const struct becoming *becoming)
{
	char text[16] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC), err = 0;
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		err = length < 0 ? -errno : -EIO;
	else if (*text == '-')
		length = snprintf(text, sizeof(text), "0");
	if (!err && pwrite(fd, text, (size_t)length, 0) != length)
		err = -errno;
	close(fd);
	return err;
}

static int forbid_new_privileges(const struct becoming *becoming)
{
	if (becoming->new_privs)
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static int keep_from_typing(const struct becoming *becoming)
{
	return filter_terminal();
}

static int clear_ambient(const struct becoming *becoming)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) ? -errno : 0;
}

/* By some of them a change of ids leaves capabilities. Those that are locked can't be cleared. */
static int clear_securebits(const struct becoming *becoming)
{
	int bits = prctl(PR_GET_SECUREBITS);

	if (bits < 0)
		return -errno;
	return bits && prctl(PR_SET_SECUREBITS, 0) ? -errno : 0;
}

/* What no program may give it. Those that may give more, like sudo, get theirs out of it. */
static int empty_bounding_set(const struct becoming *becoming)
{
	int there;

	for (unsigned long capability = 0; !becoming->new_privs; capability++) {
		there = prctl(PR_CAPBSET_READ, capability);
		if (there < 0)
			return errno == EINVAL ? 0 : -errno; /* there are no more */
		if (there > 0 && prctl(PR_CAPBSET_DROP, capability))
			return -errno;
	}
	return 0;
}

/* ---- whose it is ---- */

static int take_groups(const struct becoming *becoming)
{
	return setgroups(becoming->group_count, becoming->groups) ? -errno : 0;
}

static int take_group(const struct becoming *becoming)
{
	gid_t gid = becoming->user->gid;

	return setresgid(gid, gid, gid) ? -errno : 0;
}

static int take_user(const struct becoming *becoming)
{
	uid_t uid = becoming->user->uid;

	return setresuid(uid, uid, uid) ? -errno : 0;
}

/* ---- what is left then ---- */

static struct __user_cap_header_struct own_capabilities(void)
{
	return (struct __user_cap_header_struct) {.version = _LINUX_CAPABILITY_VERSION_3};
}

/* A change of ids leaves those that can be inherited, and all of them to root. */
static int drop_capabilities(const struct becoming *becoming)
{
	static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct header = own_capabilities();

	return syscall(SYS_capset, &header, none) ? -errno : 0;
}

/* Of the user's own: we are the user by now. A kernel without keyrings has none that could be
 * read. */
static int leave_keyring(const struct becoming *becoming)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS)
		return 0;
	return -errno;
}

/* ---- whether it is so ---- */

static int verify_ids(const struct becoming *becoming)
{
	uid_t uid = becoming->user->uid, uids[3];
	gid_t gid = becoming->user->gid, gids[3];

	if (getresuid(&uids[0], &uids[1], &uids[2]) || getresgid(&gids[0], &gids[1], &gids[2]))
		return -errno;
	for (size_t i = 0; i < 3; i++) {
		if (uids[i] != uid || gids[i] != gid)
			return -EPERM;
	}
	return 0;
}

/* The kernel has them ascending, too. */
static int verify_groups(const struct becoming *becoming)
{
	gid_t *groups = becoming->groups + becoming->group_count;
	int count = getgroups((int)becoming->group_count, groups);

	if (count < 0)
		return -errno;
	if ((size_t)count != becoming->group_count ||
	    memcmp(groups, becoming->groups, (size_t)count * sizeof(*groups)) != 0)
		return -EPERM;
	return 0;
}

static int verify_sets(void)
{
	struct __user_cap_header_struct header = own_capabilities();
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, sets))
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
			return -EPERM;
	}
	return 0;
}

/* Of those that the kernel has: it says of all others that the number is wrong. */
static int verify_further_sets(const struct becoming *becoming)
{
	for (unsigned long capability = 0;; capability++) {
		int bounding = prctl(PR_CAPBSET_READ, capability);
		int ambient = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0);

		if (bounding < 0 || ambient < 0)
			return errno == EINVAL && capability > 0 ? 0 : -errno;
		if (ambient || (bounding && !becoming->new_privs))
			return -EPERM;
	}
}

static int verify_capabilities(const struct becoming *becoming)
{
	int err = verify_sets();

	if (!err)
		err = verify_further_sets(becoming);
	if (!err && prctl(PR_GET_SECUREBITS) != 0)
		err = -EPERM;
	if (!err && !becoming->new_privs && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		err = -EPERM;
	return err;
}

/* ---- its place ---- */

static int close_files(const struct becoming *becoming)
{
	return close_range(STANDARD_DESCRIPTORS, ~0U, CLOSE_RANGE_CLOEXEC) ? -errno : 0;
}

/* By its name, and so only where the user could have gone by himself; and where it is not known
 * whether he could, he is not. */
static int take_place(const struct becoming *becoming)
{
	umask(022);
	if (becoming->folder && chdir(becoming->folder) == 0)
		return 0;
	return chdir("/") ? -errno : 0;
}

/* ---- all of it ---- */

/* In the order in which they are made. The first is any command's, all others a user's. */
static const struct {
	int (*take)(const struct becoming *becoming);
	const char *words;
} steps[] = {
	{limit_memlock,
	 "its limit of locked memory can't be set (choose another with --memlock SIZE)"},
	{raise_oom_score, "its oom_score_adj can't be set"},
	{forbid_new_privileges, "it can't be kept from new privileges"},
	{keep_from_typing, "it can't be kept from typing into the terminal"},
	{clear_ambient, "its ambient capabilities can't be cleared"},
	{clear_securebits, "its securebits can't be cleared"},
	{empty_bounding_set, "its capability bounding set can't be emptied"},
	{take_groups, "its groups can't be taken"},
	{take_group, "its group can't be taken"},
	{take_user, "its user can't be taken"},
	{drop_capabilities, "its capabilities can't be dropped"},
	{leave_keyring, "it gets no session keyring"},
	{verify_ids, "its ids are not those of the user"},
	{verify_groups, "its groups are not those of the user"},
	{verify_capabilities, "it would keep capabilities, or could get some"},
	{close_files, "its open files can't be closed"},
	{take_place, "it can't change to the folder /"},
};

enum { STEPS = COUNT(steps) };

size_t become_step_count(void)
{
	return STEPS;
}

const char *become_words(size_t step)
{
	return steps[step].words;
}

int become(const struct becoming *becoming, int lock, size_t *step)
{
	size_t count = becoming->user ? STEPS : 1;

	for (size_t i = 0; i < count; i++) {
		int err = steps[i].take(becoming);

		*step = i;
		if (err)
			return err;
	}
	if (lock >= 0 && fcntl(lock, F_SETFD, 0) != 0)
		return -errno;
	return 0;
}
