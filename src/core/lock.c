/* SPDX-License-Identifier: MIT */
/* Making locks, and the checks of their order. */
#include "lock.h"

#include <string.h>

int lock_init(const struct dmaown_env *env, struct lock *lock, enum lock_rank rank)
{
#ifdef DMAOWN_CHECK_LOCKS
	lock->rank = rank;
#endif
	return env->init_lock(env->context, &lock->embedders);
}

void lock_destroy(const struct dmaown_env *env, struct lock *lock)
{
	env->destroy_lock(env->context, &lock->embedders);
}

#ifdef DMAOWN_CHECK_LOCKS

static const char *const rank_names[] = {
	[RANK_DEVICE] = "a device lock",
	[RANK_CHAIN] = "a notifier chain's lock",
	[RANK_IOMMU] = "the IOMMU device list's lock",
	[RANK_GROUP] = "a group mutex",
	[RANK_LISTS] = "a lists lock",
	[RANK_DRIVER] = "a driver lock",
	[RANK_DEFERRED] = "the deferred list's lock",
};

/* Reports `did` `what` [`but` `other`] in one line, without a printf that the core doesn't have. */
static void report(const struct dmaown_env *env, const char *did, const char *what, const char *but,
		   const char *other)
{
	const char *const parts[] = {"lock rule broken: ", did, what, but, other};
	char message[160] = "";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		strncat(message, parts[i], sizeof(message) - strlen(message) - 1);
	env->broken_lock_rule(env->context, message);
}

static struct dmaown_held *held_locks(const struct dmaown_env *env)
{
	return env->held && env->broken_lock_rule ? env->held(env->context) : NULL;
}

static bool holds(const struct dmaown_held *held, const struct lock *lock)
{
	for (unsigned int i = 0; i < held->count; i++)
		if (held->locks[i] == lock)
			return true;
	return false;
}

void lock_check_take(const struct dmaown_env *env, const struct lock *lock)
{
	struct dmaown_held *held = held_locks(env);

	if (!held)
		return;
	for (unsigned int i = 0; i < held->count; i++) {
		const struct lock *other = held->locks[i];

		if (other->rank >= lock->rank)
			report(env, "takes ", rank_names[lock->rank], " while holding ",
			       rank_names[other->rank]);
	}
	/* Ranks rise strictly, so there are never more held locks than ranks. */
	held->locks[held->count++] = lock;
}

void lock_check_drop(const struct dmaown_env *env, const struct lock *lock)
{
	struct dmaown_held *held = held_locks(env);
	unsigned int i = 0;

	if (!held)
		return;
	while (i < held->count && held->locks[i] != lock)
		i++;
	if (i == held->count)
		report(env, "drops ", rank_names[lock->rank], ", which it does not hold", "");
	for (held->count--; i < held->count; i++)
		held->locks[i] = held->locks[i + 1];
}

void lock_assert_held(const struct dmaown_env *env, const struct lock *lock)
{
	struct dmaown_held *held = held_locks(env);

	if (held && !holds(held, lock))
		report(env, "needs ", rank_names[lock->rank], ", which it does not hold", "");
}

void lock_assert_none_held(const struct dmaown_env *env)
{
	struct dmaown_held *held = held_locks(env);

	if (held && held->count > 0)
		report(env, "holds ",
		       rank_names[((const struct lock *)held->locks[held->count - 1])->rank],
		       ", and must hold none", "");
}

#endif
