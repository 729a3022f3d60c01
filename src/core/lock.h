/* SPDX-License-Identifier: MIT */
/*
 * The core's locks: the embedder's, each with a rank in the one lock order.
 *
 * Invariant (I9): a thread takes a lock only while every lock that it holds has a lower rank; so
 * two locks of one rank are never held together. Builds with DMAOWN_CHECK_LOCKS keep the rank in
 * the lock and verify this at every take, and lock_assert_held() where a comment says who must hold
 * what; a broken rule goes to the embedder with both locks named. Other builds pay nothing.
 *
 * What else the core's functions require of their callers is checked in the same builds, in the
 * same way, by core_require(): mistakes of this tree. What an embedder can do wrong is an errno or
 * a warning.
 */
#ifndef DMAOWN_CORE_LOCK_H
#define DMAOWN_CORE_LOCK_H

#include <dmaown/core.h>

enum lock_rank {
	RANK_DEVICE,   /* dmaown_device.lock */
	RANK_CHAIN,    /* dmaown_bus.chain_lock */
	RANK_IOMMU,    /* dmaown_core.iommu_lock */
	RANK_GROUP,    /* dmaown_group.mutex */
	RANK_LISTS,    /* dmaown_core.lists_lock, dmaown_bus.lists_lock */
	RANK_DRIVER,   /* dmaown_driver.lock */
	RANK_DEFERRED, /* dmaown_core.deferred_lock */
};

struct lock {
	struct dmaown_lock embedders;
#ifdef DMAOWN_CHECK_LOCKS
	enum lock_rank rank;
#endif
};

/* 0 or -ENOMEM. Undone by lock_destroy(). */
int lock_init(const struct dmaown_env *env, struct lock *lock, enum lock_rank rank);
void lock_destroy(const struct dmaown_env *env, struct lock *lock);

#ifdef DMAOWN_CHECK_LOCKS
void lock_check_take(const struct dmaown_env *env, const struct lock *lock);
void lock_check_drop(const struct dmaown_env *env, const struct lock *lock);
void lock_assert_held(const struct dmaown_env *env, const struct lock *lock);
/* For what takes locks from the outermost on: the caller holds none. */
void lock_assert_none_held(const struct dmaown_env *env);
#else
static inline void lock_check_take(const struct dmaown_env *env, const struct lock *lock)
{
}
static inline void lock_check_drop(const struct dmaown_env *env, const struct lock *lock)
{
}
static inline void lock_assert_held(const struct dmaown_env *env, const struct lock *lock)
{
}
static inline void lock_assert_none_held(const struct dmaown_env *env)
{
}
#endif

static inline void lock_take(const struct dmaown_env *env, struct lock *lock)
{
	lock_check_take(env, lock);
	env->lock(env->context, &lock->embedders);
}

static inline void lock_drop(const struct dmaown_env *env, struct lock *lock)
{
	lock_check_drop(env, lock);
	env->unlock(env->context, &lock->embedders);
}

#endif
