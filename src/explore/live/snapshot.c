/* SPDX-License-Identifier: MIT */
/* The state of an execution, copied away and put back. */
#include "live.h"

#include <string.h>

void execution_parts(struct execution *execution, struct execution_parts *out)
{
	out->heap = execution->memory;
	out->heap_size = execution->used;
	for (unsigned int i = 0; i < execution->subject->thread_count; i++) {
		out->stacks[i].low = execution->threads[i].stack;
		out->stacks[i].size = stack_size(execution, i);
	}
}

void execution_set_stack(struct execution *execution, unsigned int thread, size_t size)
{
	unsigned char *now = execution->threads[thread].stack;
	unsigned char *wanted = stack_top(execution, thread) - size;

	if (wanted > now)
		memset(now, 0, (size_t)(wanted - now));
	execution->threads[thread].stack = wanted;
}

const uint64_t *execution_changed(const struct execution *execution)
{
	return execution->changed;
}

void execution_clear_changed(struct execution *execution)
{
	size_t lines = (execution->used + EXECUTION_LINE - 1) / EXECUTION_LINE;

	memset(execution->changed, 0, (lines + 63) / 64 * sizeof(uint64_t));
}

size_t execution_save_size(const struct execution *execution)
{
	size_t size = sizeof(execution->threads) + sizeof(size_t) + execution->used;

	for (unsigned int i = 0; i < execution->subject->thread_count; i++)
		size += stack_size(execution, i);
	return size;
}

size_t execution_save_max(const struct execution *execution)
{
	return sizeof(execution->threads) + sizeof(size_t) + execution->memory_size;
}

/* The heap last: what was not used yet when a state was saved is zero in it. */
size_t execution_save(const struct execution *execution, void *buffer)
{
	unsigned char *to = buffer;

	memcpy(to, execution->threads, sizeof(execution->threads));
	to += sizeof(execution->threads);
	for (unsigned int i = 0; i < execution->subject->thread_count; i++) {
		memcpy(to, execution->threads[i].stack, stack_size(execution, i));
		to += stack_size(execution, i);
	}
	memcpy(to, &execution->used, sizeof(size_t));
	to += sizeof(size_t);
	memcpy(to, execution->memory, execution->used);
	return (size_t)(to - (unsigned char *)buffer) + execution->used;
}

void execution_load(struct execution *execution, const void *buffer)
{
	const unsigned char *from = buffer;
	struct thread threads[EXPLORE_THREADS_MAX];
	size_t used;

	memcpy(threads, from, sizeof(threads));
	from += sizeof(threads);
	for (unsigned int i = 0; i < execution->subject->thread_count; i++) {
		execution_set_stack(
			execution, i,
			(size_t)(stack_top(execution, i) - (unsigned char *)threads[i].stack));
		memcpy(threads[i].stack, from, stack_size(execution, i));
		from += stack_size(execution, i);
	}
	memcpy(execution->threads, threads, sizeof(threads));
	memcpy(&used, from, sizeof(size_t));
	memcpy(execution->memory, from + sizeof(size_t), used);
	memset(execution->memory + used, 0, execution->used - used);
}

size_t execution_thread_size(const struct execution *execution, unsigned int thread)
{
	return sizeof(struct thread) + stack_size(execution, thread);
}

void execution_save_thread(const struct execution *execution, unsigned int thread, void *buffer)
{
	const struct thread *self = &execution->threads[thread];

	memcpy(buffer, self, sizeof(*self));
	memcpy((unsigned char *)buffer + sizeof(*self), self->stack, stack_size(execution, thread));
}

void execution_load_thread(struct execution *execution, unsigned int thread, const void *buffer)
{
	struct thread *self = &execution->threads[thread];
	struct thread saved;
	size_t size;

	memcpy(&saved, buffer, sizeof(saved));
	size = (size_t)(stack_top(execution, thread) - (unsigned char *)saved.stack);
	execution_set_stack(execution, thread, size);
	memcpy(self->stack, (const unsigned char *)buffer + sizeof(saved), size);
	*self = saved;
}

void execution_restart(struct execution *execution)
{
	execution_load(execution, execution->initial);
}
