/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "errand.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As often as sysfs_open() tries a path that is renamed in meanwhile. */
enum { MOST_TRIES = 128 };

#if defined(__x86_64__) && defined(__LP64__)
const bool calls_are_bare = true;

long bare_call(long number, long first, long second, long third, long fourth)
{
	register long tenth __asm__("r10") = fourth;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third), "r"(tenth)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__) && defined(__LP64__)
const bool calls_are_bare = true;

long bare_call(long number, long first, long second, long third, long fourth)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = first;
	register long x1 __asm__("x1") = second;
	register long x2 __asm__("x2") = third;
	register long x3 __asm__("x3") = fourth;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#else
const bool calls_are_bare = false;

long bare_call(long number, long first, long second, long third, long fourth)
{
	long result = syscall(number, first, second, third, fourth);

	return result < 0 ? -errno : result;
}
#endif

static uint64_t flags_of(enum errand_kind kind)
{
	switch (kind) {
	case ERRAND_WRITE:
		return O_WRONLY | O_CLOEXEC;
	default:
		return O_RDONLY | O_CLOEXEC;
	}
}

static long open_file(int root, const struct errand *errand)
{
	const struct open_how how = {.flags = flags_of(errand->kind),
				     .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long fd = -EAGAIN;

	for (int tries = 0; fd == -EAGAIN && tries < MOST_TRIES; tries++)
		fd = bare_call(SYS_openat2, root, (long)errand->path, (long)&how, sizeof(how));
	return fd;
}

static long read_all(long fd, struct errand *errand)
{
	size_t length = 0;
	long got = 1;

	while (got > 0 && length < errand->size) {
		got = bare_call(SYS_read, fd, (long)(errand->text + length),
				(long)(errand->size - length), 0);
		if (got > 0)
			length += (size_t)got;
	}
	return got < 0 ? got : (long)length;
}

static long use_file(long fd, struct errand *errand)
{
	long done;

	switch (errand->kind) {
	case ERRAND_READ:
		return bare_call(SYS_read, fd, (long)errand->text, (long)errand->size, 0);
	case ERRAND_READ_ALL:
		return read_all(fd, errand);
	case ERRAND_WRITE:
		done = bare_call(SYS_write, fd, (long)errand->text, (long)errand->size, 0);
		return done < 0 ? done : 0;
	}
	return 0;
}

void errand_do(int root, struct errand *errand)
{
	long fd = open_file(root, errand), result = fd;

	if (fd >= 0) {
		result = use_file(fd, errand);
		bare_call(SYS_close, fd, 0, 0, 0);
	}
	errand->result = (int)result;
}
