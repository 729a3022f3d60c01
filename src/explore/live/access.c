/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls at every plain access of code built with -fsanitize=thread.
 *
 * The thread sanitizer's own library is not linked: these are the project's. A plain access is
 * checked against what is allocated and noted, for the engines to find races. Atomic ones are in
 * atomics.c. Accesses outside of all threads are nobody's business.
 *
 * The names and the order of arguments are the compiler's; that is why they are reserved ones.
 */
#include "live.h"

#include <string.h>

#define CALLER __builtin_return_address(0)

void check_place(const struct execution *execution, size_t offset, const void *code)
{
	size_t granule = offset / GRANULE;

	if (heap_of(execution)->allocated[granule / 64] >> (granule % 64) & 1)
		return;
	if (offset < execution->used)
		leave_broken(FINDING_USE_AFTER_FREE, "touches memory that has been freed", code);
	leave_broken(FINDING_WILD_ACCESS, "touches memory that was never allocated", code);
}

static bool on_own_stack(const struct execution *execution, size_t offset)
{
	return (offset - execution->heap_size) / STACK_SIZE == (size_t)execution->current;
}

static void log_access(struct execution *execution, size_t offset, size_t size, bool write,
		       bool atomic, const void *code)
{
	if (write)
		for (size_t line = offset / EXECUTION_LINE;
		     line <= (offset + size - 1) / EXECUTION_LINE; line++)
			execution->changed[line / 64] |= UINT64_C(1) << (line % 64);
	if (execution->logged == STEP_LOG_MAX)
		leave_broken(FINDING_ENDLESS, "goes on and on without reaching a point", code);
	execution->log[execution->logged++] =
		(struct access) {(uint32_t)offset, (uint32_t)size, write, atomic, code};
}

void note_access(const void *address, size_t size, bool write, bool atomic, const void *code)
{
	size_t offset = (size_t)((const unsigned char *)address - live->memory);

	if (live->current >= 0 && size > 0 && offset < live->heap_size)
		log_access(live, offset, size, write, atomic, code);
}

/*
 * In each of the compiler's calls itself: one call deeper would leave more on the explored stack,
 * where a later frame's padding would take it into the state, and tell equal states apart.
 */
static inline void plain(const void *address, size_t size, bool write, const void *code)
{
	struct execution *execution = live;
	size_t offset;

	if (!execution || execution->current < 0)
		return;
	offset = (size_t)((const unsigned char *)address - execution->memory);
	if (++execution->access_count > STEP_ACCESSES_MAX)
		leave_broken(FINDING_ENDLESS, "goes on and on without reaching a point", code);
	if (offset >= execution->memory_size || size == 0)
		return;
	if (offset >= execution->heap_size) {
		if (!on_own_stack(execution, offset))
			leave_broken(FINDING_WILD_ACCESS, "touches another thread's stack", code);
		return;
	}
	check_place(execution, offset, code);
	check_place(execution, offset + size - 1, code);
	log_access(execution, offset, size, write, false, code);
}

void note_plain(const void *address, size_t size, bool write, const void *code)
{
	plain(address, size, write, code);
}

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the compiler's names */

#define PLAIN(size)                                                                                \
	void __tsan_read##size(void *address);                                                     \
	void __tsan_read##size(void *address)                                                      \
	{                                                                                          \
		plain(address, size, false, CALLER);                                               \
	}                                                                                          \
	void __tsan_unaligned_read##size(void *address);                                           \
	void __tsan_unaligned_read##size(void *address)                                            \
	{                                                                                          \
		plain(address, size, false, CALLER);                                               \
	}                                                                                          \
	void __tsan_write##size(void *address);                                                    \
	void __tsan_write##size(void *address)                                                     \
	{                                                                                          \
		plain(address, size, true, CALLER);                                                \
	}                                                                                          \
	void __tsan_unaligned_write##size(void *address);                                          \
	void __tsan_unaligned_write##size(void *address)                                           \
	{                                                                                          \
		plain(address, size, true, CALLER);                                                \
	}

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *address, size_t size);
void __tsan_read_range(void *address, size_t size)
{
	plain(address, size, false, CALLER);
}

void __tsan_write_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size)
{
	plain(address, size, true, CALLER);
}

void __tsan_init(void);
void __tsan_init(void)
{
}

/* How deep the stack goes, so that what is dead below it can be cleared. */
void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	if (live && here < live->low)
		live->low = here;
}

void __tsan_func_exit(void *caller);
void __tsan_func_exit(void *caller)
{
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* What explored objects call for these three (meson.build): the C library's are not instrumented.
 */
void *explored_memset(void *to, int byte, size_t size);
void *explored_memset(void *to, int byte, size_t size)
{
	plain(to, size, true, CALLER);
	return memset(to, byte, size);
}

void *explored_memcpy(void *to, const void *from, size_t size);
void *explored_memcpy(void *to, const void *from, size_t size)
{
	plain(from, size, false, CALLER);
	plain(to, size, true, CALLER);
	return memcpy(to, from, size);
}

void *explored_memmove(void *to, const void *from, size_t size);
void *explored_memmove(void *to, const void *from, size_t size)
{
	plain(from, size, false, CALLER);
	plain(to, size, true, CALLER);
	return memmove(to, from, size);
}
