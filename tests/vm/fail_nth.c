/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into dmaown, makes its k-th operation fail, or kills it right after, so that a sweep
 * over k reaches every point of a command on a real kernel.
 *
 *	export LD_PRELOAD=libfail_nth.so DMAOWN_SWEEP_FILE=count
 *	dmaown claim 0000:03:00.0; read -r total < count
 *	: > count; DMAOWN_FAIL_AT=7 dmaown claim 0000:03:00.0
 *
 * An operation is a call, interposed below, that changes or decides something outside of the
 * process. What is written to standard output and error is none, nor is what libc does within
 * fopen(3), opendir(3) and the like. Operations are numbered from 1 across dmaown and the workers
 * that it forks: the number is in the sweep file, which all of them map. Other programs, such as
 * the command that a group is claimed for, are left alone.
 *
 * DMAOWN_SWEEP_FILE: its first line is the number of operations so far, in decimal. It is made if
 *	it isn't there, and to be emptied before each run. Without it nothing is counted.
 * DMAOWN_FAIL_AT=k: the k-th operation is not done and fails with DMAOWN_FAIL_ERRNO (5, EIO).
 * DMAOWN_KILL_AT=k: after the k-th, SIGKILL to the process that did it and to the first one.
 * DMAOWN_SWEEP_LOOKS=1: what only looks counts too: read, readlink, stat, getxattr, readdir,
 *	getdents and getline.
 * DMAOWN_SWEEP_SKIP=PATH: what is done to PATH and below does not count.
 * DMAOWN_SWEEP_LOG: a line for each operation, with number, process, name, and its object.
 */
#define _GNU_SOURCE
/* Each of `open` and `open64` is to be what its name says. */
#undef _FILE_OFFSET_BITS
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { MAX_OBJECT = PATH_MAX + NAME_MAX };

#define EXPORT __attribute__((visibility("default")))

/*
 * The sweep file: two lines that a shell can read, of numbers that processes change as words of
 * eight digits. The second is the process that began it.
 */
struct sweep_file {
	_Alignas(8) uint64_t count;
	char end_of_count[8];
	uint64_t process;
	char end_of_process[8];
};

/* Set before main() and constant then; the file is shared with forked processes. */
static struct {
	struct sweep_file *file; /* NULL: not a process of dmaown, or nothing is to be counted */
	uint64_t fail_at, kill_at;
	int error;
	bool looks;
	const char *skip, *log; /* NULL: none */
} sweep;

static uint64_t to_digits(uint64_t number)
{
	char digits[9];
	uint64_t word;

	snprintf(digits, sizeof(digits), "%08u", (unsigned)(number % 100000000));
	memcpy(&word, digits, sizeof(word));
	return word;
}

static uint64_t from_digits(uint64_t word)
{
	char digits[9] = "";

	memcpy(digits, &word, sizeof(word));
	return strtoull(digits, NULL, 10);
}

static uint64_t next_number(void)
{
	uint64_t before = __atomic_load_n(&sweep.file->count, __ATOMIC_SEQ_CST);
	uint64_t after;

	do {
		after = to_digits(from_digits(before) + 1);
	} while (!__atomic_compare_exchange_n(&sweep.file->count, &before, after, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return from_digits(after);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

/* What is defined below hides libc's functions from this file too. */
static int real_open(const char *path, int flags)
{
	int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");

	return real(path, flags | O_CLOEXEC, 0600);
}

/* A new file's bytes are zero, which makes it no valid one only for a moment: nobody else is there
 * yet. */
static struct sweep_file *map_sweep_file(const char *path)
{
	int (*real_ftruncate)(int, off_t) = dlsym(RTLD_NEXT, "ftruncate");
	int fd = real_open(path, O_RDWR | O_CREAT);
	struct sweep_file *file;

	if (fd < 0)
		return NULL;
	if (real_ftruncate(fd, sizeof(*file)) != 0) {
		close(fd);
		return NULL;
	}
	file = mmap(NULL, sizeof(*file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		return NULL;
	if (!file->process) {
		*file = (struct sweep_file) {.count = to_digits(0),
					     .end_of_count = "\nfirst: ",
					     .process = to_digits((uint64_t)getpid()),
					     .end_of_process = "       \n"};
	}
	return file;
}

/* Forked workers inherit all of this; an executed program begins here anew. */
__attribute__((constructor)) static void begin_sweep(void)
{
	const char *path = getenv("DMAOWN_SWEEP_FILE");

	if (!path || strcmp(program_invocation_short_name, "dmaown") != 0)
		return;
	sweep.fail_at = number_from_environment("DMAOWN_FAIL_AT", 0);
	sweep.kill_at = number_from_environment("DMAOWN_KILL_AT", 0);
	sweep.error = (int)number_from_environment("DMAOWN_FAIL_ERRNO", EIO);
	sweep.looks = getenv("DMAOWN_SWEEP_LOOKS") != NULL;
	sweep.skip = getenv("DMAOWN_SWEEP_SKIP");
	sweep.log = getenv("DMAOWN_SWEEP_LOG");
	sweep.file = map_sweep_file(path);
	if (!sweep.file) {
		fprintf(stderr, "fail_nth: %s: %s\n", path, strerror(errno));
		abort();
	}
}

/* The path of `fd`, with `path` after it if there is one that begins there. What is named by a link
 * of ours to a descriptor is what that is. */
static void describe(char *out, size_t size, int fd, const char *path)
{
	static const char own[] = "/proc/self/fd/";
	ssize_t (*real_readlink)(const char *, char *, size_t) = dlsym(RTLD_NEXT, "readlink");
	char link[64], target[PATH_MAX];
	ssize_t length;

	if (path && strncmp(path, own, strlen(own)) == 0) {
		fd = atoi(path + strlen(own));
		path = NULL;
	}
	if (fd == -1 || fd == AT_FDCWD || (path && *path == '/')) {
		snprintf(out, size, "%s", path ? path : "");
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = real_readlink(link, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = '\0';
	snprintf(out, size, path && *path ? "%s/%s" : "%s", target, path);
}

/* The log is opened for each line: a worker may close all files that it did not open. */
static void write_log(uint64_t number, const char *name, const char *object)
{
	ssize_t (*real_write)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	const char *fate = number == sweep.fail_at   ? " (fails)"
			   : number == sweep.kill_at ? " (killed after it)"
						     : "";
	char line[MAX_OBJECT + 64];
	int length, log = real_open(sweep.log, O_WRONLY | O_CREAT | O_APPEND);

	length = snprintf(line, sizeof(line), "%ju %d %s %s%s\n", (uintmax_t)number, (int)getpid(),
			  name, object, fate);
	if (real_write(log, line, (size_t)length) != length)
		abort();
	close(log);
}

/*
 * Counts an operation done to `fd` (-1: none), or to `path` from there. Gives its number, 0 for one
 * that doesn't count; -1 with errno set if it is to fail.
 */
static int64_t begin(const char *name, int fd, const char *path)
{
	char object[MAX_OBJECT];
	int saved = errno;
	uint64_t number;

	if (!sweep.file)
		return 0;
	describe(object, sizeof(object), fd, path);
	errno = saved;
	if (sweep.skip && strncmp(object, sweep.skip, strlen(sweep.skip)) == 0)
		return 0;
	number = next_number();
	if (sweep.log)
		write_log(number, name, object);
	errno = number == sweep.fail_at ? sweep.error : saved;
	return number == sweep.fail_at ? -1 : (int64_t)number;
}

static void end(int64_t number)
{
	if (!number || (uint64_t)number != sweep.kill_at)
		return;
	kill((pid_t)from_digits(sweep.file->process), SIGKILL);
	raise(SIGKILL);
}

static int64_t begin_look(const char *name, int fd, const char *path)
{
	return sweep.looks ? begin(name, fd, path) : 0;
}

/* Defines a function of libc that looks, and gives `failure` when it is told to fail. */
#define LOOKING(type, name, parameters, arguments, fd, path, failure)                              \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		type(*real) parameters = dlsym(RTLD_NEXT, #name);                                  \
                                                                                                   \
		return begin_look(#name, fd, path) < 0 ? failure : real arguments;                 \
	}

LOOKING(ssize_t, read, (int fd, void *out, size_t size), (fd, out, size), fd, NULL, -1)
LOOKING(ssize_t, readlink, (const char *path, char *out, size_t size), (path, out, size), AT_FDCWD,
	path, -1)
LOOKING(ssize_t, readlinkat, (int at, const char *path, char *out, size_t size),
	(at, path, out, size), at, path, -1)
LOOKING(int, fstat64, (int fd, struct stat64 *out), (fd, out), fd, NULL, -1)
LOOKING(int, fstatat64, (int at, const char *path, struct stat64 *out, int flags),
	(at, path, out, flags), at, path, -1)
LOOKING(int, statx, (int at, const char *path, int flags, unsigned int mask, struct statx *out),
	(at, path, flags, mask, out), at, path, -1)
LOOKING(ssize_t, getxattr, (const char *path, const char *name, void *value, size_t size),
	(path, name, value, size), AT_FDCWD, path, -1)
LOOKING(struct dirent64 *, readdir64, (DIR * folder), (folder), dirfd(folder), NULL, NULL)
LOOKING(ssize_t, getdents64, (int fd, void *out, size_t size), (fd, out, size), fd, NULL, -1)
LOOKING(ssize_t, getline, (char **line, size_t *size, FILE *file), (line, size, file), fileno(file),
	NULL, -1)

/* Defines a function of libc that counts. `fd` and `path` are what it is done to, as for begin().
 */
#define COUNTED(type, name, parameters, arguments, fd, path)                                       \
	EXPORT type name parameters                                                                \
	{                                                                                          \
		type(*real) parameters = dlsym(RTLD_NEXT, #name);                                  \
		int64_t number = begin(#name, fd, path);                                           \
		type result;                                                                       \
                                                                                                   \
		if (number < 0)                                                                    \
			return -1;                                                                 \
		result = real arguments;                                                           \
		end(number);                                                                       \
		return result;                                                                     \
	}

/* The same for open and openat, whose mode is there only if the flags ask for it. */
#define COUNTED_OPEN(name, parameters, arguments, fd)                                              \
	EXPORT int name parameters                                                                 \
	{                                                                                          \
		int(*real) parameters = dlsym(RTLD_NEXT, #name);                                   \
		int64_t number = begin(#name, fd, path);                                           \
		mode_t mode = 0;                                                                   \
		va_list rest;                                                                      \
		int result;                                                                        \
                                                                                                   \
		va_start(rest, flags);                                                             \
		if (flags & (O_CREAT | __O_TMPFILE))                                               \
			mode = va_arg(rest, mode_t);                                               \
		va_end(rest);                                                                      \
		if (number < 0)                                                                    \
			return -1;                                                                 \
		result = real arguments;                                                           \
		end(number);                                                                       \
		return result;                                                                     \
	}

COUNTED_OPEN(open, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
COUNTED_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)
COUNTED_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode), at)
COUNTED_OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode), at)
COUNTED(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at),
	fd, NULL)
COUNTED(ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at),
	(fd, from, size, at), fd, NULL)
COUNTED(int, fsync, (int fd), (fd), fd, NULL)
COUNTED(int, fdatasync, (int fd), (fd), fd, NULL)
COUNTED(int, ftruncate, (int fd, off_t size), (fd, size), fd, NULL)
COUNTED(int, ftruncate64, (int fd, off64_t size), (fd, size), fd, NULL)
COUNTED(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), fd, NULL)
COUNTED(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), fd,
	NULL)
COUNTED(int, flock, (int fd, int operation), (fd, operation), fd, NULL)
COUNTED(int, rename, (const char *from, const char *to), (from, to), AT_FDCWD, to)
COUNTED(int, renameat, (int from_at, const char *from, int at, const char *to),
	(from_at, from, at, to), at, to)
COUNTED(int, renameat2, (int from_at, const char *from, int at, const char *to, unsigned flags),
	(from_at, from, at, to, flags), at, to)
COUNTED(int, unlink, (const char *path), (path), AT_FDCWD, path)
COUNTED(int, unlinkat, (int at, const char *path, int flags), (at, path, flags), at, path)
COUNTED(int, mkdir, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
COUNTED(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode), at, path)
COUNTED(int, chown, (const char *path, uid_t user, gid_t group), (path, user, group), AT_FDCWD,
	path)
COUNTED(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), fd, NULL)
COUNTED(int, fchownat, (int at, const char *path, uid_t user, gid_t group, int flags),
	(at, path, user, group, flags), at, path)
COUNTED(int, chmod, (const char *path, mode_t mode), (path, mode), AT_FDCWD, path)
COUNTED(int, fchmod, (int fd, mode_t mode), (fd, mode), fd, NULL)
COUNTED(int, fchmodat, (int at, const char *path, mode_t mode, int flags), (at, path, mode, flags),
	at, path)
COUNTED(int, setxattr,
	(const char *path, const char *name, const void *value, size_t size, int flags),
	(path, name, value, size, flags), AT_FDCWD, path)
COUNTED(int, removexattr, (const char *path, const char *name), (path, name), AT_FDCWD, path)
COUNTED(int, pipe2, (int ends[2], int flags), (ends, flags), -1, NULL)

/* Only what is neither output nor a message counts. */
EXPORT ssize_t write(int fd, const void *from, size_t size)
{
	ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	bool counts = fd != STDOUT_FILENO && fd != STDERR_FILENO;
	int64_t number = counts ? begin("write", fd, NULL) : 0;
	ssize_t result;

	if (number < 0)
		return -1;
	result = real(fd, from, size);
	end(number);
	return result;
}

/* Gives its errno. */
EXPORT int posix_fallocate(int fd, off_t at, off_t size)
{
	int (*real)(int, off_t, off_t) = dlsym(RTLD_NEXT, "posix_fallocate");
	int64_t number = begin("posix_fallocate", fd, NULL);
	int result;

	if (number < 0)
		return errno;
	result = real(fd, at, size);
	end(number);
	return result;
}

EXPORT int posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return posix_fallocate(fd, at, size);
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	int64_t number = begin("ioctl", fd, NULL);
	void *argument;
	va_list rest;
	int result;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	if (number < 0)
		return -1;
	result = real(fd, request, argument);
	end(number);
	return result;
}

/* It is the parent's operation, so the child lives on. */
EXPORT pid_t fork(void)
{
	pid_t (*real)(void) = dlsym(RTLD_NEXT, "fork");
	int64_t number = begin("fork", -1, NULL);
	pid_t child;

	if (number < 0)
		return -1;
	child = real();
	if (child != 0)
		end(number);
	return child;
}

/* Only openat2, for which libc has no function, counts. */
EXPORT long syscall(long number_of_call, ...)
{
	long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
	long argument[6], result;
	int64_t number = 0;
	va_list rest;

	va_start(rest, number_of_call);
	for (size_t i = 0; i < 6; i++)
		argument[i] = va_arg(rest, long);
	va_end(rest);
	if (number_of_call == SYS_openat2)
		number = begin("openat2", (int)argument[0], (const char *)argument[1]);
	if (number < 0)
		return -1;
	result = real(number_of_call, argument[0], argument[1], argument[2], argument[3],
		      argument[4], argument[5]);
	end(number);
	return result;
}
