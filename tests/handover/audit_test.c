/* SPDX-License-Identifier: MIT */
/*
 * The audit's files: what becomes of its lines when it is full, when several write it, and of what
 * has its name and is none.
 */
#define _GNU_SOURCE
#include "audit_rig.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* ---- the file ---- */

static void append(const struct rig *rig, const char *line)
{
	assert_int_equal(audit_append(rig->folder, line), 0);
}

#define LINE(text) "{\"time\":\"t\",\"what\":\"claim\",\"result\":\"done\",\"n\":" text "}\n"

/* Writes the file as it is, past the audit. */
static void write_file(const struct rig *rig, const char *name, const char *bytes, size_t length)
{
	int fd = openat(rig->folder, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static off_t size_of(const struct rig *rig, const char *name)
{
	struct stat status;

	return fstatat(rig->folder, name, &status, AT_SYMLINK_NOFOLLOW) ? -1 : status.st_size;
}

/* The numbers of the events, in their order: "1 2 3". */
static void expect_events(const struct rig *rig, const char *expected, size_t damaged)
{
	struct audit audit;
	char text[256] = "";

	assert_int_equal(audit_read(rig->folder, &audit), 0);
	for (size_t i = 0; i < json_array_size(audit.events); i++) {
		size_t length = strlen(text);

		snprintf(text + length, sizeof(text) - length, "%s%d", i ? " " : "",
			 (int)json_integer_value(
				 json_object_get(json_array_get(audit.events, i), "n")));
	}
	assert_string_equal(text, expected);
	assert_int_equal(audit.damaged, damaged);
	json_decref(audit.events);
}

static void what_is_not_there_has_no_lines(void **state)
{
	expect_events(*state, "", 0);
}

static void lines_come_in_their_order(void **state)
{
	const struct rig *rig = *state;
	struct stat status;
	mode_t before = umask(0);

	append(rig, LINE("1"));
	umask(before);
	append(rig, LINE("2"));
	assert_int_equal(fstatat(rig->folder, "audit", &status, 0), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	expect_events(rig, "1 2", 0);
}

static void damaged_lines_are_passed_over_and_counted(void **state)
{
	static const char *const lines[] = {
		"rubbish\n",
		"\n",
		"[]\n",
		"{\"time\":1,\"what\":\"claim\",\"result\":\"done\"}\n",
		"{\"time\":\"t\",\"what\":\"claim\"}\n",
		"{\"time\":\"\xff\",\"what\":\"claim\",\"result\":\"done\"}\n",
		LINE("1") "{\"time\":\"t\",\"wh",
	};
	const struct rig *rig = *state;
	char *longer = long_text(AUDIT_LINE);

	for (size_t i = 0; i < COUNT(lines); i++)
		write_file(rig, "audit", lines[i], strlen(lines[i]));
	append(rig, LINE("2"));
	write_file(rig, "audit", "\0\n", 2);
	write_file(rig, "audit", longer, AUDIT_LINE);
	append(rig, LINE("3"));
	expect_events(rig, "1 2 3", 9);
	free(longer);
}

static void no_line_is_half_written(void **state)
{
	const struct rig *rig = *state;
	struct rlimit limit = {1000, RLIM_INFINITY};
	int status;

	append(rig, LINE("1"));
	limit.rlim_cur = (rlim_t)size_of(rig, "audit") + 10;
	if (fork() == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(audit_append(rig->folder, LINE("2")) == -ENOSPC ? 0 : 1);
	}
	wait(&status);
	assert_int_equal(status, 0);
	assert_int_equal(size_of(rig, "audit"), strlen(LINE("1")));
	append(rig, LINE("3"));
	expect_events(rig, "1 3", 0);
}

static void of_a_file_with_half_a_line_nothing_is_left(void **state)
{
	const struct rig *rig = *state;
	const struct rlimit limit = {10, RLIM_INFINITY};
	int status;

	if (fork() == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(audit_append(rig->folder, LINE("1")) == -ENOSPC ? 0 : 1);
	}
	wait(&status);
	assert_int_equal(status, 0);
	assert_int_equal(size_of(rig, "audit"), -1);
}

static char *numbered(int number, size_t length)
{
	char *line = malloc(length + 128), *fill = malloc(length + 1);

	memset(fill, 'x', length);
	fill[length] = '\0';
	snprintf(line, length + 128,
		 "{\"time\":\"%s\",\"what\":\"claim\",\"result\":\"done\",\"n\":%d}\n", fill,
		 number);
	free(fill);
	return line;
}

/* Of what was written the last is there, as much as a file has room for at least. */
static void a_full_file_is_kept_once(void **state)
{
	enum { LINES = 400, LENGTH = 10000 };
	const struct rig *rig = *state;
	struct audit audit;
	size_t count;

	for (int i = 0; i < LINES; i++) {
		char *line = numbered(i, LENGTH);

		append(rig, line);
		free(line);
	}
	assert_in_range(size_of(rig, "audit"), 1, AUDIT_SIZE);
	assert_in_range(size_of(rig, "audit.1"), AUDIT_SIZE - 2 * LENGTH, AUDIT_SIZE);
	assert_int_equal(audit_read(rig->folder, &audit), 0);
	count = json_array_size(audit.events);
	assert_in_range(count, AUDIT_SIZE / (LENGTH + 200), LINES);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(audit.events, i), "n")),
			LINES - count + i);
	assert_int_equal(audit.damaged, 0);
	json_decref(audit.events);
}

enum { WRITERS = 4, EACH = 150, LONG = 2500 }; /* more than one file, less than two */

static void write_many(const struct rig *rig, int writer)
{
	for (int i = 0; i < EACH; i++) {
		char *line = numbered(writer * EACH + i, LONG);
		int err;

		while ((err = audit_append(rig->folder, line)) == -ETIMEDOUT)
			;
		if (err)
			_exit(1);
		free(line);
	}
	_exit(0);
}

static void writers_that_meet_lose_nothing(void **state)
{
	const struct rig *rig = *state;
	bool seen[WRITERS * EACH] = {0};
	struct audit audit;
	int status;

	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0)
			write_many(rig, i);
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_true(size_of(rig, "audit.1") > 0);
	assert_int_equal(audit_read(rig->folder, &audit), 0);
	assert_int_equal(audit.damaged, 0);
	assert_int_equal(json_array_size(audit.events), WRITERS * EACH);
	for (size_t i = 0; i < json_array_size(audit.events); i++) {
		json_int_t number =
			json_integer_value(json_object_get(json_array_get(audit.events, i), "n"));

		assert_false(seen[number]);
		seen[number] = true;
	}
	json_decref(audit.events);
}

/* A writer that is stopped keeps nobody waiting for long. */
static void a_lock_is_waited_for_no_longer(void **state)
{
	const struct rig *rig = *state;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	long begin;
	int fd;

	append(rig, LINE("1"));
	fd = openat(rig->folder, "audit", O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	begin = clock_now();
	assert_int_equal(audit_append(rig->folder, LINE("2")), -ETIMEDOUT);
	assert_in_range(clock_now() - begin, AUDIT_PATIENCE / 2, 20 * AUDIT_PATIENCE);
	close(fd);
	expect_events(rig, "1", 0);
}

/* ---- what is no audit ---- */

struct impostor {
	const char *name;
	void (*make)(const struct rig *rig, const char *file);
};

static void make_link(const struct rig *rig, const char *file)
{
	write_file(rig, "other", "", 0);
	assert_int_equal(symlinkat("other", rig->folder, file), 0);
}

static void make_dangling(const struct rig *rig, const char *file)
{
	assert_int_equal(symlinkat("other", rig->folder, file), 0);
}

static void make_second_name(const struct rig *rig, const char *file)
{
	write_file(rig, "other", "", 0);
	assert_int_equal(linkat(rig->folder, "other", rig->folder, file, 0), 0);
}

static void make_pipe(const struct rig *rig, const char *file)
{
	assert_int_equal(mkfifoat(rig->folder, file, 0600), 0);
}

static void make_folder(const struct rig *rig, const char *file)
{
	assert_int_equal(mkdirat(rig->folder, file, 0700), 0);
}

static void make_readable(const struct rig *rig, const char *file)
{
	write_file(rig, file, "", 0);
	assert_int_equal(fchmodat(rig->folder, file, 0644, 0), 0);
}

static void make_others(const struct rig *rig, const char *file)
{
	write_file(rig, file, "", 0);
	if (geteuid() != 0)
		skip();
	assert_int_equal(fchownat(rig->folder, file, NOBODY, NOBODY, 0), 0);
}

static const struct impostor impostors[] = {
	{"impostor@link", make_link},
	{"impostor@dangling-link", make_dangling},
	{"impostor@second-name", make_second_name},
	{"impostor@pipe", make_pipe},
	{"impostor@folder", make_folder},
	{"impostor@that-all-may-read", make_readable},
	{"impostor@of-another-user", make_others},
};

static void is_no_audit(void **state)
{
	const struct impostor *impostor = *state;
	struct audit audit;
	void *made;
	struct rig *rig;

	set_up(&made);
	rig = made;
	impostor->make(rig, "audit");
	assert_int_equal(audit_append(rig->folder, LINE("1")), -EUCLEAN);
	assert_int_equal(audit_read(rig->folder, &audit), -EUCLEAN);
	assert_true(size_of(rig, "other") <= 0);
	tear_down(&made);
	set_up(&made);
	rig = made;
	append(rig, LINE("1"));
	impostor->make(rig, "audit.1");
	assert_int_equal(audit_read(rig->folder, &audit), -EUCLEAN);
	tear_down(&made);
}

static void who_may_not_read_is_told_so(void **state)
{
	const struct rig *rig = *state;
	struct audit audit;
	int status;

	if (geteuid() != 0)
		skip();
	append(rig, LINE("1"));
	if (fork() == 0) {
		if (setuid(NOBODY) != 0)
			_exit(2);
		_exit(audit_read(rig->folder, &audit) == -EACCES &&
				      audit_append(rig->folder, LINE("2")) == -EACCES
			      ? 0
			      : 1);
	}
	wait(&status);
	assert_int_equal(status, 0);
}

int main(void)
{
	static const struct CMUnitTest fixed[] = {
		IN_A_FOLDER(what_is_not_there_has_no_lines),
		IN_A_FOLDER(lines_come_in_their_order),
		IN_A_FOLDER(damaged_lines_are_passed_over_and_counted),
		IN_A_FOLDER(no_line_is_half_written),
		IN_A_FOLDER(of_a_file_with_half_a_line_nothing_is_left),
		IN_A_FOLDER(a_full_file_is_kept_once),
		IN_A_FOLDER(writers_that_meet_lose_nothing),
		IN_A_FOLDER(a_lock_is_waited_for_no_longer),
		IN_A_FOLDER(who_may_not_read_is_told_so),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, fixed);
	ADD_ROWS(&suite, impostors, is_no_audit);
	return suite_run(&suite, "audit");
}
