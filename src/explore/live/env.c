/* SPDX-License-Identifier: MIT */
#include "env.h"

#include "live.h"

#include <errno.h>
#include <string.h>

/* Where the core called from, and who called that. */
#define CALLER __builtin_return_address(0)

/* What each thread holds, the last for what runs outside of threads; in the arena. */
struct held_by_all {
	struct dmaown_held threads[EXPLORE_THREADS_MAX + 1];
};

static void *allocate(void *context, size_t size)
{
	return point_allocate(size, CALLER);
}

static void free_memory(void *context, void *memory, size_t size)
{
	point_free(memory, CALLER);
}

static int init_lock(void *context, struct dmaown_lock *lock)
{
	memset(lock, 0, sizeof(*lock));
	return 0;
}

static void destroy_lock(void *context, struct dmaown_lock *lock)
{
	if (((struct explored_lock *)lock)->holder)
		broken(FINDING_LOCK_MISUSE, "destroys a lock that is held", CALLER);
}

static void lock(void *context, struct dmaown_lock *taken)
{
	point_lock((struct explored_lock *)taken, CALLER);
}

static void unlock(void *context, struct dmaown_lock *dropped)
{
	point_unlock((struct explored_lock *)dropped, CALLER);
}

static void reschedule(void *context)
{
	point_reschedule(CALLER);
}

static struct dmaown_held *held(void *context)
{
	struct held_by_all *all = context;

	return &all->threads[live->current < 0 ? EXPLORE_THREADS_MAX : live->current];
}

static void broken_lock_rule(void *context, const char *message)
{
	broken(FINDING_LOCK_ORDER, message, CALLER);
}

int explored_env(struct dmaown_env *env,
		 void (*warn)(void *context, enum dmaown_warning warning, const char *object))
{
	struct held_by_all *all = explored_allocate(sizeof(*all));

	if (!all)
		return -ENOMEM;
	*env = (struct dmaown_env) {
		.context = all,
		.allocate = allocate,
		.free = free_memory,
		.init_lock = init_lock,
		.destroy_lock = destroy_lock,
		.lock = lock,
		.unlock = unlock,
		.reschedule = reschedule,
		.warn = warn,
		.held = held,
		.broken_lock_rule = broken_lock_rule,
	};
	return 0;
}

void explored_env_free(struct dmaown_env *env)
{
	explored_free(env->context);
}
