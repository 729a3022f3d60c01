/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls at every atomic access of code built with -fsanitize=thread: a point, if
 * it is a thread's and in the arena.
 *
 * The names and the order of arguments are the compiler's; that is why they are reserved ones.
 */
#include "live.h"

#define CALLER __builtin_return_address(0)

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the compiler's names */

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
	note_plain((const void *)(uintptr_t)address, size, true, code);
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
