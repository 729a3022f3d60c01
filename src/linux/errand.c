/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "errand.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As often as sysfs_open() tries a path that is renamed in meanwhile. */
enum { BYTE_OF_WORKERS = 1, MOST_TRIES = 128, LONGEST_FOLDER = 256 };

#if defined(__x86_64__) && defined(__LP64__)
const bool calls_are_bare = true;

long bare_call(long number, long first, long second, long third, long fourth, long fifth)
{
	register long r10 __asm__("r10") = fourth;
	register long r8 __asm__("r8") = fifth;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(third), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__) && defined(__LP64__)
const bool calls_are_bare = true;

long bare_call(long number, long first, long second, long third, long fourth, long fifth)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = first;
	register long x1 __asm__("x1") = second;
	register long x2 __asm__("x2") = third;
	register long x3 __asm__("x3") = fourth;
	register long x4 __asm__("x4") = fifth;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}
#else
const bool calls_are_bare = false;

long bare_call(long number, long first, long second, long third, long fourth, long fifth)
{
	long result = syscall(number, first, second, third, fourth, fifth);

	return result < 0 ? -errno : result;
}
#endif

static uint64_t flags_of(enum errand_kind kind)
{
	switch (kind) {
	case ERRAND_WRITE:
		return O_WRONLY | O_CLOEXEC;
	case ERRAND_LOOK:
		return O_PATH | O_DIRECTORY | O_CLOEXEC;
	default:
		return O_RDONLY | O_CLOEXEC;
	}
}

static long open_path(int root, const char *path, uint64_t flags)
{
	const struct open_how how = {.flags = flags,
				     .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long fd = -EAGAIN;

	for (int tries = 0; fd == -EAGAIN && tries < MOST_TRIES; tries++)
		fd = bare_call(SYS_openat2, root, (long)path, (long)&how, sizeof(how), 0);
	return fd;
}

static long read_all(long fd, struct errand *errand)
{
	size_t length = 0;
	long got = 1;

	while (got > 0 && length < errand->size) {
		got = bare_call(SYS_read, fd, (long)(errand->text + length),
				(long)(errand->size - length), 0, 0);
		if (got > 0)
			length += (size_t)got;
	}
	return got < 0 ? got : (long)length;
}

/* Opens and locks it, together with others who write; whoever waits for all of them locks it alone.
 */
static long hold_guard(int root, const char *path)
{
	struct flock lock = {
		.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = BYTE_OF_WORKERS, .l_len = 1};
	long fd = open_path(root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return -ENOLCK;
	err = bare_call(SYS_fcntl, fd, F_OFD_SETLK, (long)&lock, 0, 0);
	if (!err)
		return fd;
	bare_call(SYS_close, fd, 0, 0, 0, 0);
	return err == -EAGAIN || err == -EACCES ? -EBUSY : -ENOLCK;
}

static long write_once(long fd, const struct errand *errand)
{
	long done = bare_call(SYS_write, fd, (long)errand->text, (long)errand->size, 0, 0);

	return done < 0 ? done : 0;
}

/*
 * Who ends a dead process's claim has the guard alone for a moment: a write that was under way has
 * ended by then, and one that comes later finds that its process has gone. From the look at it on
 * the signal sees to that.
 */
static long write_guarded(int root, long fd, const struct errand *errand)
{
	long guard = hold_guard(root, errand->guard), result = -ESRCH;

	if (guard < 0)
		return guard;
	if (bare_call(SYS_getppid, 0, 0, 0, 0, 0) == errand->parent)
		result = write_once(fd, errand);
	bare_call(SYS_close, guard, 0, 0, 0, 0);
	return result;
}

static long use_file(int root, long fd, struct errand *errand)
{
	switch (errand->kind) {
	case ERRAND_READ:
		return bare_call(SYS_read, fd, (long)errand->text, (long)errand->size, 0, 0);
	case ERRAND_READ_ALL:
		return read_all(fd, errand);
	case ERRAND_WRITE:
		return errand->guard ? write_guarded(root, fd, errand) : write_once(fd, errand);
	case ERRAND_LOOK:
		break;
	}
	return 0;
}

static long do_with_file(int root, struct errand *errand)
{
	long fd, result;

	if (errand->guard)
		bare_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	fd = open_path(root, errand->path, flags_of(errand->kind));
	if (fd < 0)
		return fd;
	result = use_file(root, fd, errand);
	bare_call(SYS_close, fd, 0, 0, 0, 0);
	return result;
}

/* ---- looking ---- */

/* Copies all of a path but its last part, whose place is given; NULL: there is no room. */
static const char *cut_path(const char *path, char *folder, size_t size)
{
	size_t length = 0, slash = 0;

	for (; path[length]; length++) {
		if (length == size)
			return NULL;
		folder[length] = path[length];
		if (path[length] == '/')
			slash = length;
	}
	folder[slash] = '\0';
	return path + slash + 1;
}

static void look_at(long folder, const char *name, struct file_look *out)
{
	struct statx status;

	out->err = (int)bare_call(SYS_statx, folder, (long)name, LOOK_FLAGS, 0, (long)&status);
	if (out->err)
		return;
	/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): the system call writes it. */
	out->mode = status.stx_mode;
	out->inode = status.stx_ino;
	out->volume[0] = status.stx_dev_major;
	out->volume[1] = status.stx_dev_minor;
	out->number[0] = status.stx_rdev_major;
	out->number[1] = status.stx_rdev_minor;
}

/* The folder is opened as every file is; its link alone may lead anywhere. */
static long look(int root, struct errand *errand)
{
	char path[LONGEST_FOLDER];
	const char *name = cut_path(errand->path, path, sizeof(path));
	long folder;

	if (!name)
		return -ENAMETOOLONG;
	folder = open_path(root, path, flags_of(errand->kind));
	if (folder < 0)
		return folder;
	look_at(folder, name, (struct file_look *)(void *)errand->text);
	bare_call(SYS_close, folder, 0, 0, 0, 0);
	return sizeof(struct file_look);
}

void errand_do(int root, struct errand *errand)
{
	errand->result = (int)(errand->kind == ERRAND_LOOK ? look(root, errand)
							   : do_with_file(root, errand));
}
