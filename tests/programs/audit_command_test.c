/* SPDX-License-Identifier: MIT */
/*
 * audit_command_test DMAOWN: what claim, release and recover leave in the audit of a made tree, and
 * how dmaown audit shows it.
 */
#define _GNU_SOURCE
#include "command_rig.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUDIT "run/dmaown/audit"

/* ---- what is noted ---- */

#define RECORD(kept) RECORD_OF("this-boot", kept)
#define OTHER_BOOT RECORD_OF("0b2a7f6e-2f0c-4d2a-9a55-1f0a8b1c9e77", "true")
#define RECORD_OF(boot, kept)                                                                      \
	"{\"dmaown-claim\":1,\"boot\":\"" boot "\",\"owner\":\"alice\",\"pid\":4321,\"uid\":0,"    \
	"\"user\":null,\"kept\":" kept ",\"groups\":[{\"id\":9,\"node\":null}],\"devices\":[{"     \
	"\"address\":\"0000:03:00.0\",\"group\":9,\"driver\":\"e1000\","                           \
	"\"driver_override\":null,\"managed_dma\":false,\"treatment\":\"give\","                   \
	"\"to\":\"vfio-pci\"}]}\n"
#define KEPT RECORD("true") "{\"held\":true}\n"

#define BACK                                                                                       \
	"[{\"address\": \"0000:03:00.0\", \"driver\": \"e1000\", \"to\": \"vfio-pci\","            \
	" \"became\": \"back on e1000\"}]"

static const struct noted {
	const char *name, *record, *command; /* before, and what leaves the note */
	int code;
	const char *event; /* but for what is another's each time */
	bool behind;       /* somebody stands behind the record */
} noted[] = {
	{"noted@refused-claim", NULL, HOST "claim 04:00.0", 4,
	 "{\"what\": \"claim\", \"result\": \"refused\", \"errno\": \"EPERM\", \"reason\": "
	 "\"testpmd (process 77) has it\", \"exit\": 4, \"status\": null, \"owner\": \"root\", "
	 "\"user\": null, \"groups\": [10], \"devices\": [{\"address\": \"0000:04:00.0\"}]}",
	 false},
	{"noted@refused-claim-for-a-command", NULL,
	 HOST "claim --owner vm7 --user 65534 group:10 -- true", 125,
	 "{\"what\": \"claim\", \"result\": \"refused\", \"errno\": \"EPERM\", \"reason\": "
	 "\"testpmd (process 77) has it\", \"exit\": 125, \"status\": null, \"owner\": \"vm7\", "
	 "\"user\": \"nobody\", \"groups\": [10], \"devices\": []}",
	 false},
	{"noted@release", KEPT, HOST "release 03:00.0", 0,
	 "{\"what\": \"release\", \"result\": \"done\", \"errno\": null, \"reason\": null, "
	 "\"exit\": 0, \"status\": null, \"owner\": \"alice\", \"user\": null, \"groups\": [9], "
	 "\"devices\": " BACK "}",
	 false},
	{"noted@recovery", RECORD("false"), HOST "recover", 0,
	 "{\"what\": \"recover\", \"result\": \"done\", \"errno\": null, \"reason\": null, "
	 "\"exit\": 0, \"status\": null, \"owner\": \"alice\", \"user\": null, \"groups\": [9], "
	 "\"devices\": " BACK "}",
	 false},
	{"noted@release-of-what-somebody-stands-behind", RECORD("false"), HOST "release 03:00.0", 4,
	 "{\"what\": \"release\", \"result\": \"refused\", \"errno\": \"EBUSY\", \"reason\": null, "
	 "\"exit\": 4, \"status\": null, \"owner\": \"alice\", \"user\": null, \"groups\": [9], "
	 "\"devices\": [{\"address\": \"0000:03:00.0\", \"driver\": \"e1000\", \"to\": "
	 "\"vfio-pci\", \"became\": null}]}",
	 true},
	{"noted@set-aside", "{\"dmaown-claim\":1", HOST "recover", 7,
	 "{\"what\": \"recover\", \"result\": \"not restored\", \"errno\": null, \"reason\": "
	 "\"claim-9.json is damaged: kept as claim-9.json.aside-1-this-boo\", \"exit\": 7, "
	 "\"status\": null, \"owner\": null, \"user\": null, \"groups\": [], \"devices\": []}",
	 false},
	{"noted@from-another-boot", OTHER_BOOT, HOST "recover", 0,
	 "{\"what\": \"recover\", \"result\": \"done\", \"errno\": null, \"reason\": "
	 "\"claim-9.json is from another boot: removed\", \"exit\": 0, \"status\": null, "
	 "\"owner\": null, \"user\": null, \"groups\": [], \"devices\": []}",
	 false},
};

static void make_record(const char *text)
{
	char *whole;

	tree_text(&tree, RECORD_FILE, text);
	assert_true(asprintf(&whole, "%s/" RECORD_FILE, tree.path) > 0);
	assert_int_equal(chmod(whole, 0600), 0);
	free(whole);
}

static int stand_behind_record(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path;
	int fd;

	assert_true(asprintf(&path, "%s/" RECORD_FILE, tree.path) > 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

/* The only event, without what is never the same; the caller lets go of it. */
static json_t *only_event(void)
{
	static const char *const never_the_same[] = {"time", "pid", "uid", "login"};
	char *path;
	json_t *document, *event;

	assert_int_equal(run(HOST "--json audit"), 0);
	assert_true(asprintf(&path, "%s/out", tree.path) > 0);
	document = json_load_file(path, 0, NULL);
	free(path);
	assert_int_equal(json_array_size(json_object_get(document, "events")), 1);
	assert_int_equal(json_integer_value(json_object_get(document, "damaged")), 0);
	event = json_deep_copy(json_array_get(json_object_get(document, "events"), 0));
	json_decref(document);
	for (size_t i = 0; i < COUNT(never_the_same); i++)
		assert_int_equal(json_object_del(event, never_the_same[i]), 0);
	return event;
}

static void is_noted(void **state)
{
	const struct noted *row = *state;
	json_t *event, *expected = json_loads(row->event, 0, NULL);
	int behind = -1;

	assert_non_null(expected);
	if (row->record)
		make_record(row->record);
	if (row->behind)
		behind = stand_behind_record();
	assert_int_equal(run(row->command), row->code);
	if (row->behind)
		close(behind);
	event = only_event();
	assert_string_equal(json_string_value(json_object_get(event, "boot")), "this-boot");
	assert_string_equal(json_string_value(json_array_get(json_object_get(event, "command"), 1)),
			    "--sysroot");
	assert_int_equal(json_integer_value(json_object_get(event, "devices_left_out")), 0);
	json_object_del(event, "boot");
	json_object_del(event, "command");
	json_object_del(event, "devices_left_out");
	if (!json_equal(event, expected))
		fail_msg("not %s but %s", row->event, json_dumps(event, 0));
	json_decref(event);
	json_decref(expected);
}

/* Before the claim itself is refused. */
static void a_claim_notes_what_it_put_back(void **state)
{
	make_record(RECORD("false"));
	assert_int_not_equal(run(HOST "claim --owner bob 03:00.0 04:00.0"), 0);
	assert_int_equal(run(HOST "-q audit | head -1 | tr -s ' ' | cut -d ' ' -f 2-9"), 0);
	expect_text("out", "recover done alice 0 9 0000:03:00.0 back on\n");
}

static void what_changes_nothing_notes_nothing(void **state)
{
	assert_int_equal(run(HOST "claim --dry-run 03:00.0; " HOST "plan 04:00.0; " HOST
				  "release 04:00.0; " HOST "claim 09:00.0; " HOST "recover; " HOST
				  "-q audit"),
			 0);
	assert_int_equal(run("test -e " AUDIT), 1);
}

/* ---- an audit that is none fails nothing ---- */

static void a_link_fails_no_release(void **state)
{
	make_record(KEPT);
	assert_int_equal(run("ln -s ../keep " AUDIT "; " HOST "release 03:00.0"), 0);
	expect_text(
		"err",
		"dmaown: 0000:03:00.0: is on e1000 instead of vfio-pci: the claim of alice is "
		"broken\n"
		"dmaown: audit: this is not noted in ./run/dmaown: its file is not root's own\n");
	expect_text("out", "0000:03:00.0: back on e1000\n");
	expect_text("run/keep", "");
	assert_int_equal(run(HOST "audit"), 1);
	expect_text("err", "dmaown: ./run/dmaown: its audit can't be read: it or its folder "
			   "belongs to somebody else (find out who wrote it)\n");
}

static void of_a_refusal_that_is_said_with_v_only(void **state)
{
	assert_int_equal(run("ln -s ../keep " AUDIT "; " HOST "claim 04:00.0"), 4);
	expect_text("err", "dmaown: group:10: owned: testpmd (process 77) has it (run dmaown "
			   "release, or end the process that has it)\n");
	assert_int_equal(run(HOST "-v claim 04:00.0"), 4);
	expect_text(
		"err",
		"dmaown: group:10: owned: testpmd (process 77) has it (run dmaown release, or end "
		"the process that has it)\n"
		"dmaown: audit: this is not noted in ./run/dmaown: its file is not root's own\n");
}

static void who_may_not_read_it_is_told_so(void **state)
{
	if (getuid() != 0)
		skip();
	assert_int_equal(run(HOST "claim 04:00.0"), 4);
	assert_int_equal(
		run("setpriv --reuid 65534 --clear-groups ./dmaown.copy --sysroot . audit"), 6);
	expect_text("err", "dmaown: ./run/dmaown: its audit can't be read: Permission denied (run "
			   "dmaown as root)\n");
	expect_text("out", "");
}

/* ---- how it is shown ---- */

#define CLAIMED                                                                                    \
	"{\"time\":\"2026-11-28T03:19:53.123Z\",\"what\":\"claim\",\"result\":\"done\","           \
	"\"exit\":null,\"owner\":\"vm7\",\"user\":\"alice\",\"uid\":0,\"login\":1000,"             \
	"\"groups\":[8,9],\"devices\":[{\"address\":\"0000:02:01.0\",\"driver\":\"e1000e\"},"      \
	"{\"address\":\"0000:02:02.0\",\"driver\":null}],"                                         \
	"\"command\":[\"dmaown\",\"claim\",\"02:01.0\",\"--\",\"a\\nb\"]}\n"
#define ENDED                                                                                      \
	"{\"time\":\"2026-11-28T03:20:00.000Z\",\"what\":\"release\",\"result\":\"done\","         \
	"\"exit\":3,\"status\":3,\"owner\":\"vm7\",\"user\":\"alice\",\"uid\":0,\"login\":null,"   \
	"\"groups\":[8],\"devices\":[{\"address\":\"0000:02:01.0\",\"became\":\"back on e1000e\"}" \
	"],\"devices_left_out\":3,\"command\":[\"dmaown\"]}\n"
#define REFUSED                                                                                    \
	"{\"time\":\"2026-11-28T03:21:00.000Z\",\"what\":\"claim\",\"result\":\"refused\","        \
	"\"errno\":\"EPERM\",\"exit\":4,\"owner\":\"\\u001b[31m\",\"groups\":[10],"                \
	"\"devices\":7,\"command\":null}\n"
#define ASIDE                                                                                      \
	"{\"time\":\"2026-11-28T03:22:00.000Z\",\"what\":\"recover\",\"result\":\"not restored\"," \
	"\"reason\":\"claim-9.json is damaged: kept as "                                           \
	"x\",\"exit\":7,\"owner\":null,\"groups\":[],"                                             \
	"\"devices\":[],\"command\":null}\n"

static const struct shown {
	const char *name, *lines, *command;
	int code;
	const char *out, *err; /* out: a part of it */
} shown[] = {
	{"shown@nothing", "", HOST "audit", 0,
	 "TIME  WHAT  RESULT  OWNER  UID  GROUPS  DEVICES  COMMAND\n", ""},
	{"shown@claim", CLAIMED, HOST "audit", 0,
	 "2026-11-28T03:19:53.123Z  claim  done    vm7 for alice  0 from 1000  8 9     "
	 "0000:02:01.0 "
	 "from e1000e, 0000:02:02.0  dmaown claim 02:01.0 -- a\\x0ab\n",
	 ""},
	{"shown@end", ENDED, HOST "-q audit", 0,
	 "2026-11-28T03:20:00.000Z  release  done, exit 3, command 3  vm7 for alice  0    8       "
	 "0000:02:01.0 back on e1000e, 3 more  dmaown\n",
	 ""},
	{"shown@hostile-and-odd", REFUSED, HOST "-q audit", 0,
	 "2026-11-28T03:21:00.000Z  claim  refused EPERM, exit 4  \\x1b[31m       10               "
	 "\n",
	 ""},
	{"shown@without-devices-the-reason", ASIDE, HOST "-q audit", 0, "claim-9.json is damaged",
	 ""},
	{"shown@damaged", "rubbish\n" ENDED "rubbish\n", HOST "audit", 0, "back on e1000e",
	 "dmaown: audit: 2 lines are damaged and left out\n"},
	{"shown@latest-last", CLAIMED ENDED, HOST "-q audit | cut -c 1-36 | tr -d ' \\n'", 0,
	 "2026-11-28T03:19:53.123Zclaimd2026-11-28T03:20:00.000Zreleased", ""},
	{"shown@of-a-device", CLAIMED ENDED REFUSED, HOST "audit 02:02.0 -q | wc -l", 0, "1\n", ""},
	{"shown@of-a-device-in-full", CLAIMED ENDED REFUSED, HOST "audit -q 0000:02:01.0 | wc -l",
	 0, "2\n", ""},
	{"shown@of-a-group", CLAIMED ENDED REFUSED, HOST "audit group:10 -q | wc -l", 0, "1\n", ""},
	{"shown@of-either", CLAIMED ENDED REFUSED, HOST "audit group:10 group:9 -q | wc -l", 0,
	 "2\n", ""},
	{"shown@of-none", CLAIMED ENDED REFUSED, HOST "audit group:1 -q | wc -l", 0, "0\n", ""},
	{"shown@of-an-owner", CLAIMED ENDED REFUSED, HOST "audit --owner vm7 -q | wc -l", 0, "2\n",
	 ""},
	{"shown@of-an-owner-as-printed", CLAIMED ENDED REFUSED,
	 HOST "audit --owner '\\x1b[31m' -q | wc -l", 0, "1\n", ""},
	{"shown@of-an-owner-and-a-group", CLAIMED ENDED REFUSED,
	 HOST "audit --owner vm7 group:9 -q | wc -l", 0, "1\n", ""},
	{"shown@json", CLAIMED "rubbish\n", HOST "--json audit", 0, "\"damaged\": 1", ""},

	{"usage@group", "", HOST "audit group:x", 2, "",
	 "dmaown: group:x: is not a group (write group: and its number, such as group:8)\n"},
	{"usage@option", "", HOST "audit --all", 2, "",
	 "dmaown: --all: no such option (--help lists them)\n"},
	{"usage@machine-file", "", "dmaown --machine none.json audit", 5, "",
	 "dmaown: none.json: a machine file has no audit (ask the live host)\n"},
};

static void is_shown(void **state)
{
	const struct shown *row = *state;
	char text[65536];

	tree_text(&tree, AUDIT, row->lines);
	assert_int_equal(run("chmod 600 " AUDIT), 0);
	assert_int_equal(run(row->command), row->code);
	expect_text("err", row->err);
	tree_read(&tree, "out", text, sizeof(text));
	if (!strstr(text, row->out))
		fail_msg("\"%s\" is not in:\n%s", row->out, text);
}

/* ---- all of them ---- */

#define SINGLE(function) cmocka_unit_test_setup(function, empty_folder)

int main(int argc, char **argv)
{
	static const struct CMUnitTest single[] = {
		SINGLE(a_claim_notes_what_it_put_back),
		SINGLE(what_changes_nothing_notes_nothing),
		SINGLE(a_link_fails_no_release),
		SINGLE(of_a_refusal_that_is_said_with_v_only),
		SINGLE(who_may_not_read_it_is_told_so),
	};
	struct suite suite = {0};

	if (argc != 2)
		return 2;
	ADD_ROWS_BETWEEN(&suite, noted, is_noted, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, shown, is_shown, empty_folder, NULL);
	ADD_TESTS(&suite, single);
	return run_commands(&suite, "audit", argv[1]);
}
