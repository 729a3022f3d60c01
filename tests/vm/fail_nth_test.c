/* SPDX-License-Identifier: MIT */
/*
 * fail_nth_test LIBRARY: each operation that the preloaded library counts can be made to fail,
 * without being done, and the process can be killed right after it.
 *
 * The program runs itself, by the name of dmaown, for one operation, in a folder of its own that
 * has `file`, open as FILE_FD, and is itself open as FOLDER_FD.
 */
#define _GNU_SOURCE
/* Each of `open` and `open64` is to be what its name says. */
#undef _FILE_OFFSET_BITS
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { FILE_FD = 10, FOLDER_FD = 11 };

/* ---- the operations, in the process that is preloaded; each gives 0 or an errno ---- */

static int result_of(long result)
{
	return result < 0 ? errno : 0;
}

static int do_openat2(void)
{
	const struct open_how how = {.flags = O_CREAT | O_WRONLY, .mode = 0600};

	return result_of(syscall(SYS_openat2, FOLDER_FD, "new", &how, sizeof(how)));
}

static int do_ioctl(void)
{
	int unread;

	return result_of(ioctl(FILE_FD, FIONREAD, &unread));
}

static int do_pipe2(void)
{
	int ends[2];

	return result_of(pipe2(ends, O_CLOEXEC));
}

static int do_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child < 0 ? errno : waitpid(child, NULL, 0) == child ? 0 : errno;
}

#define OPERATION(name, call)                                                                      \
	static int do_##name(void)                                                                 \
	{                                                                                          \
		return result_of(call);                                                            \
	}

OPERATION(open, open("new", O_CREAT | O_WRONLY, 0600))
OPERATION(open64, open64("new", O_CREAT | O_WRONLY, 0600))
OPERATION(openat, openat(FOLDER_FD, "new", O_CREAT | O_WRONLY, 0600))
OPERATION(openat64, openat64(FOLDER_FD, "new", O_CREAT | O_WRONLY, 0600))
OPERATION(write, write(FILE_FD, "new", 3))
OPERATION(pwrite, pwrite(FILE_FD, "new", 3, 100))
OPERATION(pwrite64, pwrite64(FILE_FD, "new", 3, 100))
OPERATION(fsync, fsync(FILE_FD))
OPERATION(fdatasync, fdatasync(FILE_FD))
OPERATION(ftruncate, ftruncate(FILE_FD, 100))
OPERATION(ftruncate64, ftruncate64(FILE_FD, 100))
OPERATION(fallocate, fallocate(FILE_FD, 0, 0, 100))
OPERATION(fallocate64, fallocate64(FILE_FD, 0, 0, 100))
OPERATION(flock, flock(FILE_FD, LOCK_EX))
OPERATION(rename, rename("file", "new"))
OPERATION(renameat, renameat(FOLDER_FD, "file", FOLDER_FD, "new"))
OPERATION(renameat2, renameat2(FOLDER_FD, "file", FOLDER_FD, "new", RENAME_NOREPLACE))
OPERATION(unlink, unlink("file"))
OPERATION(unlinkat, unlinkat(FOLDER_FD, "file", 0))
OPERATION(mkdir, mkdir("new", 0700))
OPERATION(mkdirat, mkdirat(FOLDER_FD, "new", 0700))
OPERATION(chown, chown("file", getuid(), getgid()))
OPERATION(fchown, fchown(FILE_FD, getuid(), getgid()))
OPERATION(fchownat, fchownat(FOLDER_FD, "file", getuid(), getgid(), 0))
OPERATION(chmod, chmod("file", 0400))
OPERATION(fchmod, fchmod(FILE_FD, 0400))
OPERATION(fchmodat, fchmodat(FOLDER_FD, "file", 0400, 0))
OPERATION(removexattr, removexattr("file", "system.posix_acl_access"))

/* An access list that is no more than a mode: r-------- */
static int do_setxattr(void)
{
	const unsigned char list[] = {2,    0,    0, 0, 1,    0,    4,    0,    0xff, 0xff,
				      0xff, 0xff, 4, 0, 0,    0,    0xff, 0xff, 0xff, 0xff,
				      32,   0,    0, 0, 0xff, 0xff, 0xff, 0xff};

	return result_of(setxattr("file", "system.posix_acl_access", list, sizeof(list), 0));
}

/* By a descriptor's link in /proc, which is skipped: what it leads to is not. */
static int do_own_link(void)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", FILE_FD);
	return result_of(chmod(link, 0400));
}

static int do_posix_fallocate(void)
{
	return posix_fallocate(FILE_FD, 0, 100);
}

static int do_posix_fallocate64(void)
{
	return posix_fallocate64(FILE_FD, 0, 100);
}

/* Operations that are tested together with something else. */

static int do_messages(void)
{
	return result_of(write(STDOUT_FILENO, "", 0)) + result_of(write(STDERR_FILENO, "", 0));
}

static int do_retry(void)
{
	return mkdir("new", 0700) == 0 ? 0 : result_of(mkdir("new", 0700));
}

/* 1: fork, 2: the mkdir of the worker, which has closed what it did not open, 3: ours. */
static int do_worker(void)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		_exit(result_of(mkdir("worker", 0700)));
	}
	waitpid(child, &status, 0);
	return status ? WEXITSTATUS(status) : result_of(mkdir("new", 0700));
}

#define OPERATIONS(X)                                                                              \
	X(open), X(open64), X(openat), X(openat64), X(openat2), X(write), X(pwrite), X(pwrite64),  \
		X(fsync), X(fdatasync), X(ftruncate), X(ftruncate64), X(fallocate),                \
		X(fallocate64), X(posix_fallocate), X(posix_fallocate64), X(flock), X(rename),     \
		X(renameat), X(renameat2), X(unlink), X(unlinkat), X(mkdir), X(mkdirat), X(chown), \
		X(fchown), X(fchownat), X(chmod), X(fchmod), X(fchmodat), X(setxattr),             \
		X(removexattr), X(ioctl), X(pipe2), X(fork)

struct operation {
	const char *name;
	int (*run)(void);
};

/* clang-format off */
#define ROW(name) {#name, do_##name}
/* clang-format on */

static const struct operation operations[] = {
	OPERATIONS(ROW), ROW(messages), ROW(retry), ROW(worker), ROW(own_link),
};

static int run_operation(const char *name)
{
	for (size_t i = 0; i < COUNT(operations); i++) {
		if (strcmp(operations[i].name, name) == 0)
			return operations[i].run();
	}
	return EINVAL;
}

/* ---- the tests ---- */

static char library[PATH_MAX];
static char folder[] = "/tmp/fail_nth.XXXXXX";

/* What a run is asked for and what came of it. */
struct run {
	const char *program, *operation;
	const char *fail_at, *fail_errno, *kill_at, *skip;
	int status;      /* of waitpid(2) */
	char total[32];  /* first line of the sweep file; "": there is none */
	char state[256]; /* of the folder, afterwards */
	char log[512];
};

static int make_folder(void **state)
{
	int file;

	if (!mkdtemp(folder) || chdir(folder) != 0)
		return -1;
	file = open("file", O_CREAT | O_RDWR, 0600);
	if (file < 0 || write(file, "old", 3) != 3 || dup2(file, FILE_FD) != FILE_FD)
		return -1;
	close(file);
	file = open(".", O_RDONLY | O_DIRECTORY);
	if (file < 0 || dup2(file, FOLDER_FD) != FOLDER_FD)
		return -1;
	close(file);
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"file", "sweep", "log"};

	close(FILE_FD);
	close(FOLDER_FD);
	rmdir("worker");
	if (rmdir("new") != 0)
		unlink("new");
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	if (chdir("/") != 0 || rmdir(folder) != 0)
		return -1;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return 0;
}

static void describe_folder(char *out, size_t size)
{
	static const char *const names[] = {"file", "new", "worker"};
	size_t length = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		struct stat file = {0};

		if (stat(names[i], &file) == 0)
			length += (size_t)snprintf(
				out + length, size - length, "%s %o %jd\n", names[i], file.st_mode,
				S_ISREG(file.st_mode) ? (intmax_t)file.st_size : 0);
	}
	out[length] = '\0';
}

static void read_text(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(out, 1, size - 1, file) : 0;

	out[length] = '\0';
	if (file)
		fclose(file);
}

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
}

static void execute(const struct run *run)
{
	setenv("LD_PRELOAD", library, 1);
	setenv("DMAOWN_SWEEP_FILE", "sweep", 1);
	setenv("DMAOWN_SWEEP_LOG", "log", 1);
	set("DMAOWN_FAIL_AT", run->fail_at);
	set("DMAOWN_FAIL_ERRNO", run->fail_errno);
	set("DMAOWN_KILL_AT", run->kill_at);
	set("DMAOWN_SWEEP_SKIP", run->skip);
	execl("/proc/self/exe", run->program ? run->program : "dmaown", "--do", run->operation,
	      NULL);
	_exit(127);
}

static void run_it(struct run *run)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		execute(run);
	assert_int_equal(waitpid(child, &run->status, 0), child);
	read_text("sweep", run->total, sizeof(run->total));
	run->total[strcspn(run->total, "\n")] = '\0';
	read_text("log", run->log, sizeof(run->log));
	describe_folder(run->state, sizeof(run->state));
}

static void expect_exit(const struct run *run, int code)
{
	assert_true(WIFEXITED(run->status));
	assert_int_equal(WEXITSTATUS(run->status), code);
}

static void expect_killed(const struct run *run)
{
	assert_true(WIFSIGNALED(run->status));
	assert_int_equal(WTERMSIG(run->status), SIGKILL);
}

static void fails(void **state)
{
	struct run run = {.operation = *state, .fail_at = "1"};
	char before[sizeof(run.state)];

	describe_folder(before, sizeof(before));
	run_it(&run);
	expect_exit(&run, EIO);
	assert_string_equal(run.total, "00000001");
	assert_string_equal(run.state, before);
}

/* Done as without the library, and then the end. */
static void killed_after(void **state)
{
	struct run plain = {.operation = *state}, killed = {.operation = *state, .kill_at = "1"};

	run_it(&plain);
	expect_exit(&plain, 0);
	assert_string_equal(plain.total, "00000001");
	assert_int_equal(remove_folder(NULL), 0);
	assert_int_equal(make_folder(NULL), 0);
	run_it(&killed);
	expect_killed(&killed);
	assert_string_equal(killed.state, plain.state);
}

static void another_errno(void **state)
{
	struct run run = {.operation = "mkdir", .fail_at = "1", .fail_errno = "28"};

	run_it(&run);
	expect_exit(&run, ENOSPC);
}

static void fails_once(void **state)
{
	struct run run = {.operation = "retry", .fail_at = "1"};

	run_it(&run);
	expect_exit(&run, 0);
	assert_string_equal(run.total, "00000002");
}

static void messages(void **state)
{
	struct run run = {.operation = "messages", .fail_at = "1"};

	run_it(&run);
	expect_exit(&run, 0);
	assert_string_equal(run.total, "00000000");
}

static void other_program(void **state)
{
	struct run run = {.program = "program", .operation = "mkdir", .fail_at = "1"};

	run_it(&run);
	expect_exit(&run, 0);
	assert_string_equal(run.total, "");
}

static void own_link(void **state)
{
	struct run run = {.operation = "own_link", .fail_at = "1", .skip = "/proc"};

	run_it(&run);
	expect_exit(&run, EIO);
	assert_non_null(strstr(run.log, " chmod /tmp/"));
	assert_non_null(strstr(run.log, "/file (fails)"));
}

static void skipped(void **state)
{
	struct run run = {.operation = "unlinkat", .fail_at = "1", .skip = folder};

	run_it(&run);
	expect_exit(&run, 0);
	assert_string_equal(run.total, "00000000");
}

static void workers_share_the_count(void **state)
{
	struct run run = {.operation = "worker", .fail_at = "3"};

	run_it(&run);
	expect_exit(&run, EIO);
	assert_string_equal(run.total, "00000003");
	assert_non_null(strstr(run.log, " mkdir worker\n"));
	assert_non_null(strstr(run.state, "worker"));
	assert_null(strstr(run.state, "new"));
}

static void fails_in_a_worker(void **state)
{
	struct run run = {.operation = "worker", .fail_at = "2"};

	run_it(&run);
	expect_exit(&run, EIO);
	assert_null(strstr(run.state, "worker"));
}

static void killed_in_a_worker(void **state)
{
	struct run run = {.operation = "worker", .kill_at = "2"};

	run_it(&run);
	expect_killed(&run);
	assert_non_null(strstr(run.state, "worker"));
	assert_null(strstr(run.state, "new"));
}

static void log_line(void **state)
{
	struct run run = {.operation = "unlinkat", .fail_at = "1"};
	char *where = NULL;

	run_it(&run);
	assert_int_equal(strncmp(run.log, "1 ", 2), 0);
	assert_true(asprintf(&where, " unlinkat %s/file (fails)\n", folder) > 0);
	assert_non_null(strstr(run.log, where));
	free(where);
}

/* clang-format off */
#define TEST(name, function, state) {name, function, make_folder, remove_folder, state}
/* clang-format on */
#define FAILS(operation) TEST("fails@" #operation, fails, (void *)#operation)
#define KILLED(operation) TEST("killed-after@" #operation, killed_after, (void *)#operation)

static const struct CMUnitTest tests[] = {
	OPERATIONS(FAILS),
	OPERATIONS(KILLED),
	TEST("fails@another-errno", another_errno, NULL),
	TEST("fails@once", fails_once, NULL),
	TEST("fails@worker", fails_in_a_worker, NULL),
	TEST("killed-after@worker", killed_in_a_worker, NULL),
	TEST("counts@workers", workers_share_the_count, NULL),
	TEST("does-not-count@messages", messages, NULL),
	TEST("does-not-count@another-program", other_program, NULL),
	TEST("does-not-count@skipped", skipped, NULL),
	TEST("counts@own-link-in-what-is-skipped", own_link, NULL),
	TEST("log@says-where", log_line, NULL),
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--do") == 0)
		return run_operation(argv[2]);
	if (argc != 2 || !realpath(argv[1], library))
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
