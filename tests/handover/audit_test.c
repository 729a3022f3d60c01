/* SPDX-License-Identifier: MIT */
/*
 * The audit in a folder of its own: what its lines say, what becomes of them when it is full, when
 * several write it, and of what has its name and is none.
 */
#define _GNU_SOURCE
#include "audit.h"
#include "clock.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534 };

struct rig {
	char path[64];
	int folder;
};

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	strcpy(rig->path, "/tmp/dmaown-audit.XXXXXX");
	assert_non_null(mkdtemp(rig->path));
	rig->folder = open(rig->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rig->folder >= 0);
	*state = rig;
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	close(rig->folder);
	nftw(rig->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(rig);
	return 0;
}

/* ---- events ---- */

#define OWN(text) ((char[]) {text})

static struct record_device devices[] = {
	{.address = OWN("0000:02:01.0"),
	 .group = 8,
	 .treatment = TREATMENT_GIVE,
	 .driver = OWN("e1000e"),
	 .to = OWN("vfio-pci")},
	{.address = OWN("0000:02:02.0"),
	 .group = 8,
	 .treatment = TREATMENT_LEAVE,
	 .driver = OWN("pcieport")},
	{.address = OWN("0000:02:03.0"),
	 .group = 8,
	 .treatment = TREATMENT_GIVE,
	 .to = OWN("vfio-pci")},
};
static struct device_progress progress[] = {
	{.where = BACK, .driver = {"e1000e"}}, {.where = NOT_LOOKED_AT}, {.where = GONE}};
static struct record_group groups[] = {{.id = 8}};
static const struct record record = {.owner = OWN("vm7"),
				     .user = OWN("alice"),
				     .groups = groups,
				     .group_count = 1,
				     .devices = devices,
				     .device_count = 3,
				     .progress = progress};
static char *const words[] = {OWN("dmaown"), OWN("release"), OWN("--owner"), OWN("vm7"), NULL};

static const struct audit_event release = {.what = AUDIT_RELEASE,
					   .exit_code = 0,
					   .status = -1,
					   .boot = "this-boot",
					   .record = &record,
					   .command = words};

static json_t *event_of(const struct audit_event *event)
{
	char *line;
	json_t *json;

	assert_int_equal(audit_line(event, &line), 0);
	assert_in_range(strlen(line), 2, AUDIT_LINE);
	assert_ptr_equal(strpbrk(line, "\n"), line + strlen(line) - 1);
	for (const char *at = line; *at != '\n'; at++)
		assert_in_range(*at, ' ', 0x7f);
	json = json_loads(line, 0, NULL);
	assert_non_null(json);
	free(line);
	return json;
}

static void expect(const json_t *event, const char *key, const char *expected)
{
	char *found = json_dumps(json_object_get(event, key),
				 JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	assert_non_null(found);
	assert_string_equal(found, expected);
	free(found);
}

static void a_release_says_what_became_of_each_device(void **state)
{
	json_t *event = event_of(&release);

	expect(event, "what", "\"release\"");
	expect(event, "result", "\"done\"");
	expect(event, "errno", "null");
	expect(event, "exit", "0");
	expect(event, "status", "null");
	expect(event, "boot", "\"this-boot\"");
	expect(event, "owner", "\"vm7\"");
	expect(event, "user", "\"alice\"");
	expect(event, "groups", "[8]");
	expect(event, "devices_left_out", "0");
	expect(event, "command", "[\"dmaown\",\"release\",\"--owner\",\"vm7\"]");
	expect(event, "devices",
	       "[{\"address\":\"0000:02:01.0\",\"driver\":\"e1000e\",\"to\":\"vfio-pci\","
	       "\"became\":\"back on e1000e\"},{\"address\":\"0000:02:03.0\",\"driver\":null,"
	       "\"to\":\"vfio-pci\",\"became\":\"gone\"}]");
	assert_int_equal(json_integer_value(json_object_get(event, "uid")), getuid());
	assert_int_equal(json_integer_value(json_object_get(event, "pid")), getpid());
	assert_int_equal(strlen(json_string_value(json_object_get(event, "time"))),
			 strlen("2026-11-28T03:19:53.123Z"));
	json_decref(event);
}

static void became(void **state)
{
	static const struct {
		enum whereabouts where;
		const char *expected;
	} rows[] = {
		{NOT_LOOKED_AT, "null"},
		{HIDDEN, "\"not known\""},
		{ASTRAY, "\"left on no driver\""},
		{BACK, "\"back on no driver\""},
		{GONE, "\"gone\""},
		{REPLACED, "\"gone, another has its address\""},
		{TAKEN, "\"left on no driver\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct device_progress one = {.where = rows[i].where};
		struct record copy = record;
		struct audit_event event = release;
		json_t *json;

		copy.device_count = 1;
		copy.progress = &one;
		event.record = &copy;
		json = event_of(&event);
		expect(json_array_get(json_object_get(json, "devices"), 0), "became",
		       rows[i].expected);
		json_decref(json);
	}
}

static void a_refusal_says_what_was_asked_for(void **state)
{
	static const int asked[] = {8, 9};
	static const char *const named[] = {"0000:02:01.0"};
	const struct claim_request request = {.groups = asked,
					      .group_count = 2,
					      .named = named,
					      .named_count = 1,
					      .owner = "vm8"};
	const struct audit_event refused = {.what = AUDIT_CLAIM,
					    .result = AUDIT_REFUSED,
					    .error = -EPERM,
					    .exit_code = 3,
					    .status = -1,
					    .request = &request,
					    .reason = "eth0 is up"};
	json_t *event = event_of(&refused);

	expect(event, "result", "\"refused\"");
	expect(event, "errno", "\"EPERM\"");
	expect(event, "exit", "3");
	expect(event, "owner", "\"vm8\"");
	expect(event, "user", "null");
	expect(event, "boot", "null");
	expect(event, "reason", "\"eth0 is up\"");
	expect(event, "groups", "[8,9]");
	expect(event, "devices", "[{\"address\":\"0000:02:01.0\"}]");
	expect(event, "command", "[]");
	json_decref(event);
}

static void names_may_be_any_bytes(void **state)
{
	char *const hostile[] = {OWN("dm\xff"), OWN("a\nb\033[31m"), OWN(""), NULL};
	struct record copy = record;
	struct audit_event event = release;
	json_t *json;

	copy.owner = OWN("a\"\n{\"time\"");
	event.record = &copy;
	event.command = hostile;
	json = event_of(&event);
	expect(json, "owner", "\"a\\\"\\n{\\\"time\\\"\"");
	expect(json, "command", "[\"dm\\uFFFD\",\"a\\nb\\u001B[31m\",\"\"]");
	json_decref(json);
}

static char *long_text(size_t length)
{
	char *text = malloc(length + 1);

	memset(text, '\001', length);
	text[length] = '\0';
	return text;
}

/* As much as a claim may have, each name the longest that there is, of bytes that need most room.
 */
static void a_line_is_bounded(void **state)
{
	enum { MANY = 2000 };
	static struct record_device many[MANY];
	static struct device_progress places[MANY];
	static struct record_group all[RECORD_GROUPS];
	static char *arguments[MANY + 1];
	char *text = long_text(255), *longer = long_text(100000);
	struct record large = {.owner = text,
			       .user = text,
			       .groups = all,
			       .group_count = RECORD_GROUPS,
			       .devices = many,
			       .device_count = MANY,
			       .progress = places};
	struct audit_event event = release;
	json_t *json;

	for (size_t i = 0; i < MANY; i++) {
		many[i] = (struct record_device) {
			.address = text, .treatment = TREATMENT_GIVE, .driver = text, .to = text};
		places[i].where = TAKEN;
		memcpy(places[i].driver.text, text, 255);
		arguments[i] = i % 2 ? longer : text;
	}
	for (size_t i = 0; i < RECORD_GROUPS; i++)
		all[i].id = INT32_MAX;
	event.record = &large;
	event.command = arguments;
	event.reason = longer;
	event.boot = longer;
	json = event_of(&event);
	assert_int_equal(
		json_array_size(json_object_get(json, "devices")) +
			(size_t)json_integer_value(json_object_get(json, "devices_left_out")),
		MANY);
	json_decref(json);
	free(text);
	free(longer);
}

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

/* ---- the system's log ---- */

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void the_log_is_told_in_one_line(void **state)
{
	const struct rig *rig = *state;
	char *longer = long_text(5000);
	char *const hostile[] = {OWN("dmaown"), OWN("a\nb\033[31m"), longer, NULL};
	struct audit_event event = release;
	char path[96], got[4096];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/log", rig->path);
	fd = listen_at(path);
	event.command = hostile;
	audit_tell_log(path, &event);
	length = recv(fd, got, sizeof(got) - 1, 0);
	assert_in_range(length, 500, AUDIT_LOG);
	got[length] = '\0';
	assert_int_equal(strncmp(got, "<85>", 4), 0);
	assert_non_null(strstr(got, "]: release done, owner vm7, uid "));
	assert_non_null(strstr(got, " group:8: dmaown a\\x0ab\\x1b[31m \\x01\\x01"));
	for (ssize_t i = 0; i < length; i++)
		assert_in_range(got[i], ' ', '~');
	assert_int_equal(recv(fd, got, sizeof(got), 0), -1);
	close(fd);
	free(longer);
}

static void a_log_that_nobody_reads_keeps_nobody(void **state)
{
	const struct rig *rig = *state;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/log", rig->path);
	audit_tell_log(path, &release);
	fd = listen_at(path);
	alarm(60);
	for (int i = 0; i < 2000; i++)
		audit_tell_log(path, &release);
	alarm(0);
	close(fd);
	audit_tell_log(path, &release);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest fixed[] = {
		cmocka_unit_test(a_release_says_what_became_of_each_device),
		cmocka_unit_test(became),
		cmocka_unit_test(a_refusal_says_what_was_asked_for),
		cmocka_unit_test(names_may_be_any_bytes),
		cmocka_unit_test(a_line_is_bounded),
		IN_A_FOLDER(what_is_not_there_has_no_lines),
		IN_A_FOLDER(lines_come_in_their_order),
		IN_A_FOLDER(damaged_lines_are_passed_over_and_counted),
		IN_A_FOLDER(no_line_is_half_written),
		IN_A_FOLDER(of_a_file_with_half_a_line_nothing_is_left),
		IN_A_FOLDER(a_full_file_is_kept_once),
		IN_A_FOLDER(writers_that_meet_lose_nothing),
		IN_A_FOLDER(a_lock_is_waited_for_no_longer),
		IN_A_FOLDER(who_may_not_read_is_told_so),
		IN_A_FOLDER(the_log_is_told_in_one_line),
		IN_A_FOLDER(a_log_that_nobody_reads_keeps_nobody),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, fixed);
	ADD_ROWS(&suite, impostors, is_no_audit);
	return suite_run(&suite, "audit");
}
