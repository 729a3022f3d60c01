/* SPDX-License-Identifier: MIT */
/*
 * Arrays that grow by one, and the length of those that do not. Most keep no capacity: it is the
 * count rounded up to a power of two, so that an append reallocates just when the count is one, or
 * nothing. Those that become large, or are not filled from the front, keep their `room` and grow by
 * half.
 */
#ifndef DMAOWN_BASE_ARRAY_H
#define DMAOWN_BASE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/* The elements of a table that is declared as an array; not of a pointer. */
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * Makes room for one more element after `count` elements of `size` bytes. Returns the array, which
 * may have moved, or NULL for lack of memory: then it is as it was.
 */
static inline void *array_with_room(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return reallocarray(array, count ? 2 * count : 1, size);
}

/* Apart, so that the common case of the next function costs its callers no call. */
__attribute__((cold)) static inline void *array_grown(void *array, size_t *room, size_t index,
						      size_t size)
{
	size_t grown = index + index / 2 + 64;
	void *moved = reallocarray(array, grown, size);

	if (moved)
		*room = grown;
	return moved;
}

/*
 * Makes room for element `index`, where there is room for *room elements of `size` bytes. Returns
 * the array, which may have moved, or NULL for lack of memory: then it and *room are as they were.
 */
static inline void *array_with_place(void *array, size_t *room, size_t index, size_t size)
{
	return index < *room ? array : array_grown(array, room, index, size);
}

#endif
