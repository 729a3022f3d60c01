/* SPDX-License-Identifier: MIT */
#include "rig_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Stands before each block, so that its free can be compared with its allocation. */
union block {
	size_t size;
	max_align_t align;
};

void *rig_allocate(void *context, size_t size)
{
	struct rig *rig = context;
	union block *block;

	if (rig_fault(&rig->memory))
		return NULL;
	block = malloc(sizeof(*block) + size);
	assert_non_null(block);
	block->size = size;
	/* What the core forgets to write must not be 0 by luck. */
	memset(block + 1, 0xa5, size);
	rig->blocks++;
	return block + 1;
}

void rig_free(void *context, void *memory, size_t size)
{
	struct rig *rig = context;
	union block *block = (union block *)memory - 1;

	assert_int_equal(size, block->size);
	rig->blocks--;
	free(block);
}

enum lock_state { LOCK_FREE = 0x10cf, LOCK_HELD = 0x10ce };

static enum lock_state *state_of(struct dmaown_lock *lock)
{
	return (enum lock_state *)(void *)lock->storage.bytes;
}

static int rig_init_lock(void *context, struct dmaown_lock *lock)
{
	struct rig *rig = context;
	int err = rig_fault(&rig->memory);

	if (err)
		return err;
	*state_of(lock) = LOCK_FREE;
	rig->locks++;
	return 0;
}

static void rig_destroy_lock(void *context, struct dmaown_lock *lock)
{
	struct rig *rig = context;

	assert_int_equal(*state_of(lock), LOCK_FREE);
	*state_of(lock) = 0;
	rig->locks--;
}

static void rig_lock(void *context, struct dmaown_lock *lock)
{
	assert_int_equal(*state_of(lock), LOCK_FREE);
	*state_of(lock) = LOCK_HELD;
}

static void rig_unlock(void *context, struct dmaown_lock *lock)
{
	assert_int_equal(*state_of(lock), LOCK_HELD);
	*state_of(lock) = LOCK_FREE;
}

static void rig_reschedule(void *context)
{
	struct rig *rig = context;

	if (rig->on_reschedule)
		rig->on_reschedule(rig);
}

static const char *const warning_words[] = {
	[DMAOWN_WARN_UNUSE_UNBALANCED] = "UNUSE_UNBALANCED",
	[DMAOWN_WARN_UNUSE_PASID] = "UNUSE_PASID",
	[DMAOWN_WARN_RELEASE_UNCLAIMED] = "RELEASE_UNCLAIMED",
	[DMAOWN_WARN_RELEASE_FOREIGN] = "RELEASE_FOREIGN",
	[DMAOWN_WARN_LEFT_CLAIMED] = "LEFT_CLAIMED",
	[DMAOWN_WARN_LEFT_USED] = "LEFT_USED",
	[DMAOWN_WARN_LEFT_BLOCKED] = "LEFT_BLOCKED",
	[DMAOWN_WARN_MAPPINGS_LEFT] = "MAPPINGS_LEFT",
	[DMAOWN_WARN_JOIN_FAILED] = "JOIN_FAILED",
	[DMAOWN_WARN_JOIN_BOUND] = "JOIN_BOUND",
};

static void warn_word(struct rig *rig, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	rig_append(rig->warnings, sizeof(rig->warnings), format, arguments);
	va_end(arguments);
}

static void rig_warn(void *context, enum dmaown_warning warning, const char *object)
{
	warn_word(context, "%s:%s", warning_words[warning], object);
}

static struct dmaown_held *rig_held(void *context)
{
	struct rig *rig = context;

	return &rig->held;
}

static void rig_broken_lock_rule(void *context, const char *message)
{
	fail_msg("%s", message);
}

struct dmaown_env rig_env(struct rig *rig)
{
	return (struct dmaown_env) {
		.context = rig,
		.allocate = rig_allocate,
		.free = rig_free,
		.init_lock = rig_init_lock,
		.destroy_lock = rig_destroy_lock,
		.lock = rig_lock,
		.unlock = rig_unlock,
		.reschedule = rig_reschedule,
		.warn = rig_warn,
		.held = rig_held,
		.broken_lock_rule = rig_broken_lock_rule,
	};
}
