/* SPDX-License-Identifier: MIT */
#include "shown_subject.h"

static struct shared {
	struct explored_lock lock, other_lock;
	unsigned int counter;
	bool crossing[2];
} * shared;

static int set_up(void *context)
{
	shared = explored_allocate(sizeof(*shared));
	return 0;
}

static void tear_down(void *context)
{
	explored_free(shared);
}

static void run(void *context, unsigned int thread)
{
	explored_lock(&shared->lock); /* count: lock */
	shared->counter++;
	explored_unlock(&shared->lock); /* count: unlock */
	shared->crossing[thread] = true;
	pass_on_lock(thread ? &shared->other_lock : &shared->lock); /* cross: outer */
	pass_on_lock(thread ? &shared->lock : &shared->other_lock); /* cross: inner */
	explored_unlock(&shared->lock);
	explored_unlock(&shared->other_lock);
}

static void run_breaking(void *context, unsigned int thread)
{
	if (thread)
		explored_fail(FINDING_EXPECTATION, "2 < 1"); /* breaks */
	run(context, thread);
}

static void describe(void *context, FILE *out)
{
	fprintf(out, "counter %u", shared->counter);
}

static bool name(void *context, const void *object, FILE *out)
{
	if (object != &shared->lock && object != &shared->other_lock)
		return false;
	fputs(object == &shared->lock ? "lock" : "other lock", out);
	return true;
}

static const char *doing(void *context, unsigned int thread)
{
	return shared->crossing[thread] ? "cross" : "count";
}

static const char *const names[] = {"left", "right"};

#define SUBJECT(program)                                                                           \
	{                                                                                          \
		.thread_count = 2, .thread_names = names, .heap_size = 4096, .set_up = set_up,     \
		.run = program, .tear_down = tear_down, .describe = describe, .name = name,        \
		.doing = doing                                                                     \
	}

const struct subject shown_subject = SUBJECT(run);
const struct subject breaking_subject = SUBJECT(run_breaking);
