/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls at every access of code built with -fsanitize=thread.
 *
 * The thread sanitizer's own library is not linked: these are the project's. A plain access is
 * checked against what is allocated and noted, for the engines to find races. An atomic one is a
 * point. Accesses outside of all threads are nobody's business.
 *
 * The names and the order of arguments are the compiler's; that is why they are reserved ones.
 */
#include "live.h"

#include <string.h>

#define CALLER __builtin_return_address(0)

static void check_place(const struct execution *execution, size_t offset, const void *code)
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

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
}

/* Whether a switch may happen here: a thread's access to the arena. */
static bool is_point(const volatile void *address, const void *code)
{
	size_t offset;

	if (!live || live->current < 0)
		return false;
	offset = (size_t)((const volatile unsigned char *)address - live->memory);
	if (offset >= live->heap_size)
		return false;
	check_place(live, offset, code);
	return true;
}

static bool begin_atomic(const volatile void *address, size_t size, enum point_kind kind,
			 const void *code)
{
	const void *object = (const void *)(uintptr_t)address;

	if (!is_point(address, code))
		return false;
	point_begin(&(struct point) {.kind = kind, .object = object, .size = size, .code = code});
	check_place(live, (size_t)((const unsigned char *)object - live->memory), code);
	note_access(object, size, kind != POINT_LOAD, true, code);
	return true;
}

static void end_atomic(bool point)
{
	if (point)
		point_end();
}

/*
 * A relaxed store orders nothing, and is no point. It is what atomic_init() is for some compilers,
 * a plain write for others, and is taken for that: nobody else may know of the object yet.
 */
static bool begin_store(const volatile void *address, size_t size, int order, const void *code)
{
	if (order != __ATOMIC_RELAXED)
		return begin_atomic(address, size, POINT_STORE, code);
	plain((const void *)(uintptr_t)address, size, true, code);
	return false;
}

#define CHANGE(bits, type, name, expression)                                                       \
	type __tsan_atomic##bits##_##name(volatile type *address, type value, int order);          \
	type __tsan_atomic##bits##_##name(volatile type *address, type value, int order)           \
	{                                                                                          \
		bool point = begin_atomic(address, sizeof(type), POINT_CHANGE, CALLER);            \
		type old = *address;                                                               \
                                                                                                   \
		*address = (type)(expression);                                                     \
		end_atomic(point);                                                                 \
		return old;                                                                        \
	}

#define COMPARE(bits, type, name)                                                                  \
	int __tsan_atomic##bits##_##name(volatile type *address, type *expected, type value,       \
					 int order, int failed_order);                             \
	int __tsan_atomic##bits##_##name(volatile type *address, type *expected, type value,       \
					 int order, int failed_order)                              \
	{                                                                                          \
		bool point = begin_atomic(address, sizeof(type), POINT_CHANGE, CALLER);            \
		bool same = *address == *expected;                                                 \
                                                                                                   \
		if (same)                                                                          \
			*address = value;                                                          \
		else                                                                               \
			*expected = *address;                                                      \
		end_atomic(point);                                                                 \
		return same;                                                                       \
	}

/* As clang calls both of them: gives what was there. */
#define COMPARE_VALUE(bits, type)                                                                  \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *address, type expected,     \
							type value, int order, int failed_order);  \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *address, type expected,     \
							type value, int order, int failed_order)   \
	{                                                                                          \
		bool point = begin_atomic(address, sizeof(type), POINT_CHANGE, CALLER);            \
		type old = *address;                                                               \
                                                                                                   \
		if (old == expected)                                                               \
			*address = value;                                                          \
		end_atomic(point);                                                                 \
		return old;                                                                        \
	}

#define ATOMIC(bits, type)                                                                         \
	type __tsan_atomic##bits##_load(const volatile type *address, int order);                  \
	type __tsan_atomic##bits##_load(const volatile type *address, int order)                   \
	{                                                                                          \
		bool point = begin_atomic(address, sizeof(type), POINT_LOAD, CALLER);              \
		type value = *address;                                                             \
                                                                                                   \
		end_atomic(point);                                                                 \
		return value;                                                                      \
	}                                                                                          \
	void __tsan_atomic##bits##_store(volatile type *address, type value, int order);           \
	void __tsan_atomic##bits##_store(volatile type *address, type value, int order)            \
	{                                                                                          \
		bool point = begin_store(address, sizeof(type), order, CALLER);                    \
                                                                                                   \
		*address = value;                                                                  \
		end_atomic(point);                                                                 \
	}                                                                                          \
	CHANGE(bits, type, exchange, value)                                                        \
	CHANGE(bits, type, fetch_add, old + value)                                                 \
	CHANGE(bits, type, fetch_sub, old - value)                                                 \
	CHANGE(bits, type, fetch_and, old &value)                                                  \
	CHANGE(bits, type, fetch_or, old | value)                                                  \
	CHANGE(bits, type, fetch_xor, old ^ value)                                                 \
	COMPARE(bits, type, compare_exchange_strong)                                               \
	COMPARE(bits, type, compare_exchange_weak)                                                 \
	COMPARE_VALUE(bits, type)

ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

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
