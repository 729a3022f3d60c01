/* SPDX-License-Identifier: MIT */
/*
 * An errand: one file that is opened, read or written, and closed, which may never end.
 *
 * The file is a path below a root, which no link leads out of. An errand lies in memory that
 * whoever asks shares with whoever does it (workers.h), with its texts beside it.
 */
#ifndef DMAOWN_LINUX_ERRAND_H
#define DMAOWN_LINUX_ERRAND_H

#include <stdbool.h>
#include <stddef.h>

enum errand_kind {
	ERRAND_READ,     /* an attribute, in one read */
	ERRAND_READ_ALL, /* up to `size` bytes or the end, in as many as it takes */
	ERRAND_WRITE,    /* in one write */
};

struct errand {
	enum errand_kind kind;
	const char *path;
	char *text;  /* what is written, or room for what is read */
	size_t size; /* of it */
	int result;  /* -errno; else how much was read, or 0 */
};

/*
 * Does it, with nothing of the C library: no lock, no errno, no allocation. So it may be done in a
 * process that shares its memory with a parent that goes on meanwhile.
 */
void errand_do(int root, struct errand *errand);

/* System calls made like that, for what else such a process does. Give -errno. */
long bare_call(long number, long first, long second, long third, long fourth);

/* Whether bare_call() is bare here: else it is the C library's, and shares errno. */
extern const bool calls_are_bare;

#endif
