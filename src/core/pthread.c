/* SPDX-License-Identifier: MIT */
/*
 * The embedder's table for POSIX threads.
 *
 * Builds that check lock rules keep each thread's held locks in a thread-local record; the record
 * is of the thread and not of a core, since the order binds a thread across all that it holds.
 */
#include <dmaown/core.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(pthread_mutex_t) <= DMAOWN_LOCK_BYTES, "a lock has room for a mutex");

static void *allocate(void *context, size_t size)
{
	return malloc(size);
}

static void release(void *context, void *memory, size_t size)
{
	free(memory);
}

static pthread_mutex_t *mutex_of(struct dmaown_lock *lock)
{
	return (pthread_mutex_t *)(void *)lock->storage.bytes;
}

static int init_lock(void *context, struct dmaown_lock *lock)
{
	return -pthread_mutex_init(mutex_of(lock), NULL);
}

static void destroy_lock(void *context, struct dmaown_lock *lock)
{
	pthread_mutex_destroy(mutex_of(lock));
}

static void take_lock(void *context, struct dmaown_lock *lock)
{
	pthread_mutex_lock(mutex_of(lock));
}

static void drop_lock(void *context, struct dmaown_lock *lock)
{
	pthread_mutex_unlock(mutex_of(lock));
}

#ifdef DMAOWN_CHECK_LOCKS
static _Thread_local struct dmaown_held held_by_this_thread;

static struct dmaown_held *held(void *context)
{
	return &held_by_this_thread;
}

static void broken_lock_rule(void *context, const char *message)
{
	fprintf(stderr, "dmaown: %s\n", message);
	abort();
}
#endif

void dmaown_pthread_env(struct dmaown_env *env)
{
	*env = (struct dmaown_env) {
		.allocate = allocate,
		.free = release,
		.init_lock = init_lock,
		.destroy_lock = destroy_lock,
		.lock = take_lock,
		.unlock = drop_lock,
#ifdef DMAOWN_CHECK_LOCKS
		.held = held,
		.broken_lock_rule = broken_lock_rule,
#endif
	};
}
