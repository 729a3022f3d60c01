/* SPDX-License-Identifier: MIT */
/* What the audit and the system's log say of what was done. */
#define _GNU_SOURCE
#include "audit_rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

int main(void)
{
	static const struct CMUnitTest fixed[] = {
		cmocka_unit_test(a_release_says_what_became_of_each_device),
		cmocka_unit_test(became),
		cmocka_unit_test(a_refusal_says_what_was_asked_for),
		cmocka_unit_test(names_may_be_any_bytes),
		cmocka_unit_test(a_line_is_bounded),
		IN_A_FOLDER(the_log_is_told_in_one_line),
		IN_A_FOLDER(a_log_that_nobody_reads_keeps_nobody),
	};
	struct suite suite = {0};

	ADD_TESTS(&suite, fixed);
	return suite_run(&suite, "audit-line");
}
