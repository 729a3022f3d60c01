/* SPDX-License-Identifier: MIT */
/* record_commands_test DMAOWN: what the commands make of what is in the journal, and leave there.
 */
#define _GNU_SOURCE
#include "command_rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of group 9, whose device is on its driver and has no override: all is put back. */
#define RECORD(boot, kept)                                                                         \
	"{\"dmaown-claim\":1,\"boot\":\"" boot "\",\"owner\":\"alice\",\"pid\":4321,\"uid\":0,"    \
	"\"user\":null,\"kept\":" kept ",\"groups\":[{\"id\":9,\"node\":null}],\"devices\":[{"     \
	"\"address\":\"0000:03:00.0\",\"group\":9,\"driver\":\"e1000\","                           \
	"\"driver_override\":null,\"managed_dma\":false,\"treatment\":\"give\","                   \
	"\"to\":\"vfio-pci\"}]}\n"
#define HELD "{\"held\":true}\n"
/* Of group 10, whose device is on the driver that it was given with. */
#define HAD                                                                                        \
	"{\"dmaown-claim\":2,\"boot\":\"this-boot\",\"owner\":\"alice\",\"pid\":4321,\"uid\":0,"   \
	"\"user\":null,\"user_uid\":0,\"kept\":true,\"groups\":[{\"id\":10,\"node\":null}],"       \
	"\"devices\":[{\"address\":\"0000:04:00.0\",\"bus\":\"pci\",\"instance\":0,\"group\":10,"  \
	"\"driver\":\"e1000\",\"driver_override\":null,\"managed_dma\":false,"                     \
	"\"treatment\":\"give\",\"to\":\"vfio-pci\"}]}\n" HELD
#define HAD_FILE FOLDER "claim-10.json"
#define KEPT RECORD("this-boot", "true") HELD

static bool exists(const char *path)
{
	char *whole;
	bool found;

	assert_true(asprintf(&whole, "%s/%s", tree.path, path) > 0);
	found = access(whole, F_OK) == 0;
	free(whole);
	return found;
}

/* Damage of any kind leads to the same: a claim is refused, and recover keeps the file. */
static const struct damage {
	const char *name, *text;
} damages[] = {
	{"damaged@empty", ""},
	{"damaged@torn", "{\"dmaown-claim\":1,\"boot\":\"this-bo"},
	{"damaged@no-json", "as before\n"},
	{"damaged@other-format", "{\"dmaown-claim\":3}\n"},
	{"damaged@without-groups",
	 "{\"dmaown-claim\":1,\"boot\":\"this-boot\",\"owner\":\"alice\",\"pid\":1,\"uid\":0,"
	 "\"kept\":true,\"groups\":[],\"devices\":[]}\n"},
	{"damaged@line-after-it", KEPT "held\n"},
};

static void damaged(void **state)
{
	const struct damage *damage = *state;

	record_text(RECORD_FILE, damage->text);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err", "dmaown: claim-9.json: is damaged (dmaown recover sets it aside)\n");
	assert_int_equal(run(HOST "claim 03:00.0 -- true"), 125);
	assert_int_equal(run(HOST "release --all"), 1);
	expect_text("err", "dmaown: claim-9.json: is damaged (dmaown recover sets it aside)\n");
	expect_text(RECORD_FILE, damage->text);
	assert_int_equal(run(HOST "recover"), 7);
	expect_text("err", "dmaown: claim-9.json: is damaged: dmaown keeps it as "
			   "./run/dmaown/claims/claim-9.json.aside-1-this-boo and puts nothing "
			   "back from it\n");
	expect_text("out", NULL);
	expect_text(RECORD_FILE ".aside-1-this-boo", damage->text);
	assert_false(exists(RECORD_FILE));
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-9.json.aside-1-this-boo: was set aside: its devices may not be back "
		"on their drivers (check them, then remove the file from ./run/dmaown/claims)\n");
	assert_int_equal(run("rm " FOLDER "*.aside-*"), 0);
	assert_int_equal(run(HOST "recover"), 0);
	expect_devices_untouched();
}

/* One that was kept aside before is not overwritten by the next. */
static void damaged_again(void **state)
{
	record_text(RECORD_FILE ".aside-1-this-boo", "before");
	record_text(RECORD_FILE ".aside-2-other-bo", "of another boot");
	record_text(RECORD_FILE, "again");
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-9.json.aside-1-this-boo: was set aside: its devices may not be back "
		"on their drivers (check them, then remove the file from ./run/dmaown/claims)\n"
		"dmaown: claim-9.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-9.json.aside-2-this-boo and puts nothing back from "
		"it\n");
	expect_text(RECORD_FILE ".aside-1-this-boo", "before");
	expect_text(RECORD_FILE ".aside-2-this-boo", "again");
}

/* What is no file, and may not be followed or read, is none of ours. */
static void record_that_is_no_file(void **state)
{
	static const char *const making[] = {"mkdir " RECORD_FILE, "mkfifo " RECORD_FILE,
					     "ln -s ../../../not-a-folder " RECORD_FILE};

	for (size_t i = 0; i < COUNT(making); i++) {
		assert_int_equal(empty_folder(state), 0);
		assert_int_equal(run(making[i]), 0);
		assert_int_equal(run(HOST "claim 03:00.0"), 1);
		expect_text("err", "dmaown: claim-9.json: is not root's own file: owner, mode, "
				   "type or links (dmaown recover sets it aside)\n");
		assert_int_equal(run(HOST "recover"), 7);
		assert_int_equal(run("test -e " RECORD_FILE ".aside-1-this-boo -o -h " RECORD_FILE
				     ".aside-1-this-boo"),
				 0);
	}
	expect_text("not-a-folder", "as before");
	expect_devices_untouched();
}

static void record_of_another_boot(void **state)
{
	record_text(RECORD_FILE, RECORD("that-boot", "true") HELD);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is from another boot (dmaown recover drops it)\n");
	assert_int_equal(run(HOST "release 03:00.0"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is from another boot (dmaown recover drops it)\n");
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("err", NULL);
	expect_text(
		"out",
		"claim-9.json: removed: it is of another boot, so there is nothing to put back\n");
	assert_false(exists(RECORD_FILE));
	expect_devices_untouched();
}

static void several_records(void **state)
{
	record_text(FOLDER "claim-8.json", "damaged");
	record_text(RECORD_FILE, RECORD("that-boot", "true") HELD);
	record_text(FOLDER "claim-10.json", "damaged");
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-8.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-8.json.aside-1-this-boo and puts nothing back from it\n"
		"dmaown: claim-10.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-10.json.aside-1-this-boo and puts nothing back from "
		"it\n");
	expect_text(
		"out",
		"claim-9.json: removed: it is of another boot, so there is nothing to put back\n");
}

/* What a process has that stands behind a record; undone by closing it. */
static int stand_behind(const char *record)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path;
	int fd;

	assert_true(asprintf(&path, "%s/%s", tree.path, record) > 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static void record_with_somebody_behind(void **state)
{
	static const char text[] = RECORD("this-boot", "false");
	int fd;

	record_text(RECORD_FILE, text);
	fd = stand_behind(RECORD_FILE);
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("err", NULL);
	expect_text("out", "claim-9.json: left: alice stands behind it, with a process that dmaown "
			   "can't see\n");
	assert_int_equal(run(HOST "release 03:00.0"), 4);
	expect_text("err", "dmaown: claim-9.json: alice stands behind it, with a process that "
			   "dmaown can't see (end it, or release --force)\n");
	assert_int_equal(run(HOST "release --owner alice"), 4);
	assert_int_equal(run(HOST "release --all"), 0);
	assert_int_equal(run(HOST "claim --force 03:00.0"), 4);
	expect_text("err", "dmaown: group:9: owned: alice has it (run dmaown release, or end the "
			   "process that has it)\n");
	expect_text(RECORD_FILE, text);
	expect_devices_untouched();
	close(fd);
}

/* A claim that can't be ended keeps none of those that come after it. */
static void one_of_several_stays(void **state)
{
	static const char first[] =
		"{\"dmaown-claim\":1,\"boot\":\"this-boot\",\"owner\":\"bob\",\"pid\":4321,\"uid\":"
		"0,"
		"\"user\":null,\"kept\":true,\"groups\":[{\"id\":8,\"node\":null}],\"devices\":[{"
		"\"address\":\"0000:02:01.0\",\"group\":8,\"driver\":\"e1000\","
		"\"driver_override\":null,\"managed_dma\":false,\"treatment\":\"give\","
		"\"to\":\"vfio-pci\"}]}\n" HELD;
	int fd;

	record_text(FOLDER "claim-8.json", first);
	record_text(RECORD_FILE, KEPT);
	fd = stand_behind(FOLDER "claim-8.json");
	assert_int_equal(run(HOST "release --all"), 4);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists(RECORD_FILE));
	expect_text(FOLDER "claim-8.json", first);
	close(fd);
}

static void record_that_is_kept(void **state)
{
	record_text(HAD_FILE, HAD);
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("out", "claim-10.json: left: kept by alice\n");
	assert_int_equal(run(HOST "claim 04:00.0"), 4);
	expect_text("err", "dmaown: group:10: owned: alice has it (run dmaown release, or end the "
			   "process that has it)\n");
	assert_int_equal(run(HOST "claim --owner alice 04:00.0 -- true"), 125);
	assert_int_equal(run(HOST "release 02:01.0 04:00.0"), 5);
	expect_text("err",
		    "dmaown: group:8: no claim of dmaown has it (dmaown list shows who has it)\n");
	assert_int_equal(run(HOST "release --owner carol"), 5);
	expect_text(HAD_FILE, HAD);
	expect_devices_untouched();
}

static void same_owner_is_told(void **state)
{
	record_text(HAD_FILE, HAD);
	assert_int_equal(run(HOST "claim --owner alice 04:00.0"), 0);
	expect_text("err", NULL);
	expect_text("out", "group 10 is claimed by alice: /dev/vfio/10\n"
			   "  0000:04:00.0    vfio-pci\n");
	assert_int_equal(run(HOST "claim --owner alice 04:00.0 02:01.0"), 4);
	expect_text(HAD_FILE, HAD);
	expect_devices_untouched();
}

static void tells_of_claims(void **state)
{
	assert_int_equal(run(HOST "claims"), 0);
	expect_text("out", NULL);
	record_text(HAD_FILE, HAD);
	record_text(RECORD_FILE, KEPT);
	record_text(FOLDER "claim-7.json", "damaged");
	record_text(FOLDER "claim-9.3.json", RECORD("that-boot", "true") HELD);
	record_text(FOLDER "claim-9.2.json", RECORD("this-boot", "false"));
	assert_int_equal(run(HOST "claims"), 0);
	expect_text("err", NULL);
	expect_text("out", "claim-7.json: damaged\n"
			   "claim-9.2.json: abandoned: alice has group 9\n"
			   "claim-9.3.json: of another boot: alice has group 9\n"
			   "claim-9.json: broken: alice has group 9\n"
			   "  0000:03:00.0: is on e1000 instead of vfio-pci\n"
			   "claim-10.json: kept: alice has group 10\n");
	assert_int_equal(run(HOST "claims all"), 2);
}

static void tells_of_claims_in_json(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run(HOST "--json claims"), 0);
	expect_json("{\"claims\":[{\"record\":\"claim-9.json\",\"state\":\"broken\",\"owner\":"
		    "\"alice\","
		    "\"user\":null,\"kept\":true,\"groups\":[9],\"devices\":[\"0000:03:00.0\"],"
		    "\"lost\":[{\"device\":\"0000:03:00.0\",\"reason\":\"is on e1000 instead of "
		    "vfio-pci\"}]}]}");
}

static void list_tells_of_a_broken_claim(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run(HOST "list 03:00.0"), 0);
	expect_text("err",
		    "dmaown: 0000:03:00.0: is on e1000 instead of vfio-pci: the claim of alice is "
		    "broken\n");
}

/* By an older version, which had it in the state folder itself. */
static void record_of_an_older_version(void **state)
{
	record_text("run/dmaown/claim-9.json", KEPT);
	assert_int_equal(run(HOST "release --owner alice"), 0);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists("run/dmaown/claim-9.json"));
}

/* Without a folder for locks nothing is done, and that is no success. */
static void no_folder_for_locks(void **state)
{
	assert_int_equal(run("mkdir -m 700 -p state/claims && mv run run-away"), 0);
	record_text("state/claims/claim-9.json", KEPT);
	setenv("DMAOWN_RUNTIME_DIR", "state", 1);
	assert_int_equal(run(HOST "release --owner alice"), 1);
	assert_int_equal(run(HOST "claim 02:01.0"), 1);
	expect_text("err",
		    "dmaown: claim: its groups can't be locked: there is no folder for their "
		    "locks (make the one around it)\n");
	record_text("state/claims/claim-9.json", "damaged");
	assert_int_equal(run(HOST "recover"), 1);
	assert_true(exists("state/claims/claim-9.json"));
	unsetenv("DMAOWN_RUNTIME_DIR");
	assert_int_equal(run("rm -r state && mv run-away run"), 0);
}

/* Not another boot: nothing is dropped. */
static void boot_that_can_not_be_read(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run("mv proc/sys/kernel/random/boot_id was"), 0);
	assert_int_equal(run(HOST "recover"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is of a boot that can't be compared with this one "
		    "(/proc/sys/kernel/random/boot_id must be readable)\n");
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	assert_int_equal(run("rm " RECORD_FILE), 0);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err", "dmaown: claim: dmaown can't tell this boot from another "
			   "(/proc/sys/kernel/random/boot_id must be readable)\n");
	assert_int_equal(run("mv was proc/sys/kernel/random/boot_id"), 0);
}

/* A record that nobody stands behind, each way of asking for its end. */
static const struct ended {
	const char *name, *record, *command;
	bool broken; /* it was complete, and has lost its device to its driver */
} ended[] = {
	{"ended@recover-what-is-abandoned", RECORD("this-boot", "false") HELD, "recover", true},
	{"ended@recover-what-was-not-completed", RECORD("this-boot", "true"), "recover", false},
	{"ended@release-device", KEPT, "release 03:00.0", true},
	{"ended@release-group", KEPT, "release group:9", true},
	{"ended@release-owner", KEPT, "release --owner alice", true},
	{"ended@release-all", KEPT, "release --all", true},
};

static void ends(void **state)
{
	const struct ended *row = *state;
	char *command;

	record_text(RECORD_FILE, row->record);
	assert_true(asprintf(&command, HOST "%s", row->command) > 0);
	assert_int_equal(run(command), 0);
	free(command);
	expect_text("err", row->broken
				   ? "dmaown: 0000:03:00.0: is on e1000 instead of vfio-pci: the "
				     "claim of alice is broken\n"
				   : NULL);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists(RECORD_FILE));
}

/* ---- the state folder ---- */

#define DOCTOR " (dmaown doctor says what to do)\n"

/* A claim that can't be recorded is none, and what would read the records says why it can't. */
static const struct folder {
	const char *name;
	const char *setting; /* made before, and what the commands run with */
	const char *command;
	int code;
	const char *err;
} folders[] = {
	{"folder@is-a-file", "export DMAOWN_RUNTIME_DIR=not-a-folder", HOST "claim 03:00.0", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-command", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "claim 03:00.0 -- true", 125,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-plan", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "plan 03:00.0", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-release", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "release --all", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-recover", "export DMAOWN_RUNTIME_DIR=not-a-folder", HOST "recover",
	 1, "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@in-none", "export DMAOWN_RUNTIME_DIR=none/a", HOST "claim 03:00.0", 1,
	 "dmaown: ./none/a: can't be written: No such file or directory" DOCTOR},
	{"folder@not-writable", "chmod 555 run/dmaown", "as_nobody " HOST "claim 03:00.0", 6,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
	{"folder@not-writable-for-a-command", "chmod 555 run/dmaown",
	 "as_nobody " HOST "claim 03:00.0 -- true", 125,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
	{"folder@not-readable", "chmod 0 run/dmaown", "as_nobody " HOST "release --all", 6,
	 "dmaown: ./run/dmaown: its records can't be read: Permission denied" DOCTOR},
	{"folder@can-not-be-made", "rm -r run/dmaown; chmod 555 run",
	 "as_nobody " HOST "claim 03:00.0", 6,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
};

static void folder(void **state)
{
	const struct folder *row = *state;
	char *command;

	assert_true(asprintf(&command, "%s; %s", row->setting, row->command) > 0);
	assert_int_equal(run(command), row->code);
	free(command);
	expect_text("err", row->err);
	expect_text("out", NULL);
	expect_text("not-a-folder", "as before");
	expect_devices_untouched();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest single[] = {
		{"damaged@again", damaged_again, empty_folder, NULL, NULL},
		{"damaged@no-file", record_that_is_no_file, empty_folder, NULL, NULL},
		{"record@of-another-boot", record_of_another_boot, empty_folder, NULL, NULL},
		{"record@several", several_records, empty_folder, NULL, NULL},
		{"record@with-somebody-behind", record_with_somebody_behind, empty_folder, NULL,
		 NULL},
		{"record@one-of-several-stays", one_of_several_stays, empty_folder, NULL, NULL},
		{"record@that-is-kept", record_that_is_kept, empty_folder, NULL, NULL},
		{"record@same-owner-is-told", same_owner_is_told, empty_folder, NULL, NULL},
		{"record@of-an-older-version", record_of_an_older_version, empty_folder, NULL,
		 NULL},
		{"record@no-folder-for-locks", no_folder_for_locks, empty_folder, NULL, NULL},
		{"record@boot-not-readable", boot_that_can_not_be_read, empty_folder, NULL, NULL},
		{"claims@each-state", tells_of_claims, empty_folder, NULL, NULL},
		{"claims@json", tells_of_claims_in_json, empty_folder, NULL, NULL},
		{"claims@list-tells-of-a-broken-one", list_tells_of_a_broken_claim, empty_folder,
		 NULL, NULL},
	};
	struct suite suite = {0};

	if (argc != 2)
		return 2;
	ADD_ROWS_BETWEEN(&suite, damages, damaged, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, ended, ends, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, folders, folder, empty_folder, NULL);
	ADD_TESTS(&suite, single);
	return run_commands(&suite, "record-commands", argv[1]);
}
