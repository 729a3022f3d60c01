/* SPDX-License-Identifier: MIT */
/*
 * An errand: one file that is opened, read or written, and closed, or looked at, which may never
 * end.
 *
 * The file is a path below a root, which no link leads out of. An errand lies in memory that
 * whoever asks shares with whoever does it (workers.h), with its texts beside it.
 */
#ifndef DMAOWN_LINUX_ERRAND_H
#define DMAOWN_LINUX_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum errand_kind {
	ERRAND_READ,     /* an attribute, in one read */
	ERRAND_READ_ALL, /* up to `size` bytes or the end, in as many as it takes */
	ERRAND_WRITE,    /* in one write */
	/* What the path's last part is, or, if that is a link, any one of the kernel's too, leads
	 * to: a struct file_look. */
	ERRAND_LOOK,
};

/* What is known of a file without asking who serves its file system. */
struct file_look {
	int err; /* of the file itself; the rest is then not filled in */
	unsigned int mode;
	uint64_t inode;
	unsigned int volume[2], number[2]; /* major and minor, of its file system and its own */
};

/* The flags of statx(2) that ask for no more than that. */
#define LOOK_FLAGS (AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT)

struct errand {
	enum errand_kind kind;
	const char *path;
	char *text;  /* what is written, or room for what is read */
	size_t size; /* of it */
	/* Of a write, a lock file as in struct change, and the process for which it is made. A
	 * guarded write is not made if that is not our parent any more (-ESRCH), if somebody keeps
	 * writers out (-EBUSY), or if the lock can't be had otherwise (-ENOLCK); that process's end
	 * is then ours too. NULL: none. */
	const char *guard;
	pid_t parent;
	int result; /* -errno; else how much is in the text that was not there, or 0 */
};

/*
 * Does it, with nothing of the C library: no lock, no errno, no allocation. So it may be done in a
 * process that shares its memory with a parent that goes on meanwhile.
 */
void errand_do(int root, struct errand *errand);

/* System calls made like that, for what else such a process does. Give -errno. */
long bare_call(long number, long first, long second, long third, long fourth, long fifth);

/* Whether bare_call() is bare here: else it is the C library's, and shares errno. */
extern const bool calls_are_bare;

#endif
