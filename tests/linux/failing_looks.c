/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "failing_looks.h"
#include "linux_machine.h"
#include "workers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST_POINTS = 4096, KIND_SIZE = 160 };

struct point {
	const char *call;
	const void *site;
	char kind[KIND_SIZE];
};

static struct {
	enum { QUIET, NOTING, FAILING_POINT, FAILING_PLACE } mode;
	char root[256];
	struct point points[MOST_POINTS];
	size_t count;
	size_t point, place, places; /* that fail */
	size_t calls, failures;
	int error;
	bool always;
	size_t sweeps;
} looks;

/* ---- points ---- */

/* The path of a descriptor; raw calls, which are not counted. */
static void name_descriptor(int fd, char *out, size_t size)
{
	char link[32];
	long length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = syscall(SYS_readlink, link, out, size - 1);
	out[length > 0 ? length : 0] = '\0';
}

/* Numbers, decimal or hexadecimal, are all alike. */
static void copy_kind(const char *path, char *out)
{
	size_t length = 0;

	if (strncmp(path, looks.root, strlen(looks.root)) == 0)
		path += strlen(looks.root);
	while (*path && length < KIND_SIZE - 1) {
		if (isdigit((unsigned char)*path)) {
			out[length++] = '#';
			path += strspn(path, "0123456789abcdef:.");
		} else {
			out[length++] = *path++;
		}
	}
	out[length] = '\0';
}

static void describe(int folder, const char *path, char *kind)
{
	char whole[1024] = "";

	if (folder >= 0 && (!path || *path != '/'))
		name_descriptor(folder, whole, sizeof(whole));
	if (path && *path) {
		size_t length = strlen(whole);

		snprintf(whole + length, sizeof(whole) - length, "/%s", path);
	}
	copy_kind(whole, kind);
}

static size_t find_point(const struct point *wanted)
{
	size_t i = 0;

	while (i < looks.count &&
	       (looks.points[i].site != wanted->site || looks.points[i].call != wanted->call ||
		strcmp(looks.points[i].kind, wanted->kind) != 0))
		i++;
	return i;
}

static bool fails(const struct point *point)
{
	switch (looks.mode) {
	case FAILING_POINT:
		return find_point(point) == looks.point && (looks.always || looks.failures == 0);
	case FAILING_PLACE:
		return looks.calls > looks.place && looks.calls <= looks.place + looks.places;
	default:
		return false;
	}
}

/* Whether the call that is just made is to fail; errno is then set. */
static bool meets(const char *call, const void *site, int folder, const char *path)
{
	struct point point = {.call = call, .site = site};

	if (looks.mode == QUIET)
		return false;
	describe(folder, path, point.kind);
	looks.calls++;
	if (looks.mode == NOTING && find_point(&point) == looks.count && looks.count < MOST_POINTS)
		looks.points[looks.count++] = point;
	if (!fails(&point))
		return false;
	looks.failures++;
	errno = looks.error;
	return true;
}

void looks_note(const char *root)
{
	looks.mode = NOTING;
	looks.count = looks.calls = 0;
	snprintf(looks.root, sizeof(looks.root), "%s", root);
}

size_t looks_noted(void)
{
	looks.mode = QUIET;
	return looks.count;
}

void looks_fail(size_t point, int error, bool always)
{
	looks.mode = FAILING_POINT;
	looks.point = point;
	looks.error = error;
	looks.always = always;
	looks.calls = looks.failures = 0;
}

void looks_fail_at(size_t place, size_t count, int error)
{
	looks.mode = FAILING_PLACE;
	looks.place = place;
	looks.places = count;
	looks.error = error;
	looks.calls = looks.failures = 0;
}

size_t looks_end(void)
{
	looks.mode = QUIET;
	return looks.failures;
}

const char *looks_name(size_t point)
{
	static char name[KIND_SIZE + 64];

	snprintf(name, sizeof(name), "%s of %s", looks.points[point].call,
		 looks.points[point].kind);
	return name;
}

/* ---- the calls ---- */

#define SITE __builtin_return_address(0)

/* Large files' names of the same calls are what the C library's headers put in their place. */
#define WRAP(result, name, parameters, folder, path, failure, arguments)                           \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters                                                            \
	{                                                                                          \
		return meets(#name, SITE, folder, path) ? failure : __real_##name arguments;       \
	}

WRAP(ssize_t, read, (int fd, void *out, size_t size), fd, NULL, -1, (fd, out, size))
WRAP(ssize_t, pread64, (int fd, void *out, size_t size, off_t at), fd, NULL, -1,
     (fd, out, size, at))
WRAP(ssize_t, readlink, (const char *path, char *out, size_t size), -1, path, -1, (path, out, size))
WRAP(ssize_t, readlinkat, (int fd, const char *path, char *out, size_t size), fd, path, -1,
     (fd, path, out, size))
WRAP(int, fstat64, (int fd, struct stat *out), fd, NULL, -1, (fd, out))
WRAP(int, fstatat64, (int fd, const char *path, struct stat *out, int flags), fd, path, -1,
     (fd, path, out, flags))
WRAP(int, statx, (int fd, const char *path, int flags, unsigned int mask, struct statx *out), fd,
     path, -1, (fd, path, flags, mask, out))
WRAP(int, fstatfs64, (int fd, struct statfs *out), fd, NULL, -1, (fd, out))
WRAP(int, getifaddrs, (struct ifaddrs * *out), -1, "getifaddrs", -1, (out))
WRAP(DIR *, fdopendir, (int fd), fd, NULL, NULL, (fd))
WRAP(FILE *, fdopen, (int fd, const char *mode), fd, NULL, NULL, (fd, mode))
WRAP(struct dirent *, readdir64, (DIR * folder), dirfd(folder), NULL, NULL, (folder))
WRAP(ssize_t, getdents64, (int fd, void *out, size_t size), fd, NULL, -1, (fd, out, size))
WRAP(ssize_t, getline, (char **line, size_t *size, FILE *file), fileno(file), NULL, -1,
     (line, size, file))

int __real_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...)
{
	return meets("openat", SITE, folder, path) ? -1 : __real_openat64(folder, path, flags);
}

/* openat2(2) is the only look that the C library has no name for. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long words[6];
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < 6; i++)
		words[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_openat2 && meets("openat2", SITE, (int)words[0], (const char *)words[1]))
		return -1;
	return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/* What a worker has read. */
int __real_worker_answer(const struct worker *worker, size_t place, char **text);
int __wrap_worker_answer(const struct worker *worker, size_t place, char **text);
int __wrap_worker_answer(const struct worker *worker, size_t place, char **text)
{
	return meets("worker", SITE, -1, worker_path(worker, place))
		       ? -errno
		       : __real_worker_answer(worker, place, text);
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	return meets("ioctl", SITE, fd, NULL) ? -1 : __real_ioctl(fd, request, argument);
}

/* ---- a sweep ---- */

/* Reads the machine and what it is in use for. */
static int look(const char *root, struct facts *out)
{
	struct machine *machine;
	struct facts facts;
	int err = linux_machine_open(root, &machine);

	if (err)
		return err;
	err = machine_glance(machine, &facts);
	if (!err) {
		err = machine_find_uses(machine, &facts);
		if (err)
			facts_release(&facts);
		else
			*out = facts;
	}
	machine_close(machine);
	return err;
}

static bool is_idle(const struct device_facts *device)
{
	return device->uses_known && device->use_count == 0 && device->unknown_count == 0;
}

static bool is_free(const struct facts *facts, const struct group_facts *group)
{
	return group->owner.kind == OWNER_NONE && facts_viable(facts, group->id);
}

/* What was in use, or somebody's, may not look free now; nor may a device be missing. */
static void must_not_free(const struct facts *calm, const struct facts *disturbed, size_t point,
			  int error)
{
	for (size_t i = 0; i < calm->device_count; i++) {
		const struct device_facts *before = &calm->devices[i],
					  *now = facts_device(disturbed, before->address);

		if (!now)
			fail_msg("%s has vanished: %s: %s", before->address, looks_name(point),
				 strerror(error));
		if (!is_idle(before) && is_idle(now))
			fail_msg("%s looks idle: %s: %s", before->address, looks_name(point),
				 strerror(error));
	}
	for (size_t i = 0; i < calm->group_count; i++) {
		const struct group_facts *now = facts_group(disturbed, calm->groups[i].id);

		if (!now || (!is_free(calm, &calm->groups[i]) && is_free(disturbed, now)))
			fail_msg("group %d looks free: %s: %s", calm->groups[i].id,
				 looks_name(point), strerror(error));
	}
}

static size_t fail_point(const char *root, const struct facts *calm, size_t point, int error,
			 bool always)
{
	struct facts disturbed;
	size_t failures;
	int err;

	looks_fail(point, error, always);
	err = look(root, &disturbed);
	failures = looks_end();
	if (err)
		return failures;
	must_not_free(calm, &disturbed, point, error);
	facts_release(&disturbed);
	return failures;
}

/* Every other point fails each time that it is met, the rest once: a look that is tried again must
 * not take the first failure for an answer. */
size_t looks_sweep(const char *root)
{
	enum { ERRORS = 4 };
	static const int errors[ERRORS] = {ENOMEM, EMFILE, EIO, EACCES};
	const char *sample = getenv("DMAOWN_SAMPLE");
	size_t every = sample && atoi(sample) > 0 ? (size_t)atoi(sample) : 1;
	size_t points, made = 0;
	struct facts calm;
	int err;

	looks_note(root);
	err = look(root, &calm);
	points = looks_noted();
	assert_int_equal(err, 0);
	for (size_t point = 0; point < points; point++)
		for (size_t i = 0; i < ERRORS; i++)
			if ((point * ERRORS + i + point + looks.sweeps) % every == 0)
				made += fail_point(root, &calm, point, errors[i], point % 2) > 0;
	looks.sweeps++;
	facts_release(&calm);
	return made;
}
