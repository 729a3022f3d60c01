/* SPDX-License-Identifier: MIT */
/* The folders of a journal: whom they are believed from, those that fail, and those without room.
 */
#define _GNU_SOURCE
#include "journal_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- whom to believe ---- */

static void read_as_nobody(struct rig *rig)
{
	struct entries entries;

	become_nobody();
	must(journal_read(rig->journal, &entries) == -EACCES, "it can't be read");
}

static void record_is_roots_alone(struct rig *rig)
{
	write_record(rig, 8, false, "");
	assert_int_equal(fchmod(rig->root, 0755), 0);
	elsewhere(rig, read_as_nobody);
}

static void assert_not_ours(struct rig *rig)
{
	struct entries entries;
	char name[NAME_SIZE];

	read_one(rig, &entries);
	assert_int_equal(entries.all[0].state, ENTRY_NOT_OURS);
	assert_false(entry_lives(&entries.all[0]));
	assert_int_equal(aside(rig, &entries.all[0], name), 0);
	entries_release(&entries);
	assert_int_equal(unlinkat(rig->at, name, 0), 0);
}

/* Of the right words in a file that others could have written. */
static void files_of_others(struct rig *rig)
{
	write_record(rig, 8, true, RECORD_HELD);
	assert_int_equal(fchmodat(rig->at, "claim-8.json", 0644, 0), 0);
	assert_not_ours(rig);
	write_record(rig, 8, true, RECORD_HELD);
	assert_int_equal(linkat(rig->at, "claim-8.json", rig->root, "second", 0), 0);
	assert_not_ours(rig);
	assert_int_equal(mkfifoat(rig->at, "claim-8.json", 0600), 0);
	assert_not_ours(rig);
	assert_int_equal(symlinkat("/dev/zero", rig->at, "claim-8.json"), 0);
	assert_not_ours(rig);
	if (geteuid() != 0)
		return;
	write_record(rig, 8, true, RECORD_HELD);
	assert_int_equal(fchownat(rig->at, "claim-8.json", NOBODY, NOBODY, 0), 0);
	assert_not_ours(rig);
}

static void assert_not_believed(struct rig *rig)
{
	const int groups[] = {8};
	struct entries entries;
	struct record record;
	struct entry entry;

	assert_int_equal(journal_read(rig->journal, &entries), -EUCLEAN);
	make_record_of(8, false, &record);
	assert_int_equal(journal_begin(rig->journal, &record, &entry), -EUCLEAN);
	record_release(&record);
	assert_int_equal(try_groups(rig, groups, 1), -EUCLEAN);
}

static void folders_of_others(struct rig *rig)
{
	const int groups[] = {8};

	assert_int_equal(try_groups(rig, groups, 1), 0);
	assert_int_equal(fchmod(rig->root, 0770), 0);
	assert_not_believed(rig);
	assert_int_equal(fchmod(rig->root, 0755), 0);
	assert_int_equal(fchmod(rig->at, 0755), 0);
	assert_int_equal(fchmodat(rig->root, "locks", 0750, 0), 0);
	assert_not_believed(rig);
}

/* ---- folders that fail ---- */

/* Asserts what every use gives of a journal whose folder fails so. */
static void assert_uses(struct rig *rig, int lock_result, int result)
{
	struct entry entry = {.name = "claim-8.json", .fd = -1};
	const int groups[] = {8};
	struct record record;
	struct entry begun;
	char name[64];

	assert_int_equal(try_groups(rig, groups, 1), lock_result);
	make_record_of(8, false, &record);
	assert_int_equal(journal_begin(rig->journal, &record, &begun), result);
	assert_string_equal(record.owner, "lab");
	record_release(&record);
	assert_int_equal(journal_drop(rig->journal, &entry), result);
	assert_int_equal(aside(rig, &entry, name), lock_result);
	journal_clean(rig->journal);
}

static void folder_is_made(struct rig *rig)
{
	const int groups[] = {8};
	struct entries entries;

	move_to(rig, "new");
	assert_int_equal(journal_read(rig->journal, &entries), 0);
	assert_int_equal(entries.count, 0);
	assert_names_in(rig->root, "claims ");
	assert_int_equal(try_groups(rig, groups, 1), 0);
	assert_names_in(rig->root, "claims new ");
	assert_names_below(rig, "new/locks", "group-8.lock ");
}

static void folder_is_missing(struct rig *rig)
{
	move_to(rig, "no/where");
	assert_uses(rig, -ENOLCK, -ENOENT);
	assert_names_in(rig->root, "claims ");
}

static void folder_is_a_file(struct rig *rig)
{
	struct entries entries;

	write_file(rig, "file", "kept\n");
	move_to(rig, "claims/file");
	assert_uses(rig, -ENOTDIR, -ENOTDIR);
	assert_int_equal(journal_read(rig->journal, &entries), -ENOTDIR);
	assert_file(rig, "file", "kept\n");
}

static void use_as_nobody(struct rig *rig)
{
	struct entry entry = {.name = "claim-8.json", .fd = -1};
	const int groups[] = {9};
	struct record record;
	struct entry begun;
	char name[64];

	make_record_of(9, false, &record);
	become_nobody();
	must(try_groups(rig, groups, 1) == -EACCES, "it can't lock");
	must(journal_begin(rig->journal, &record, &begun) == -EACCES, "it can't begin");
	must(journal_drop(rig->journal, &entry) == -EACCES, "it can't drop");
	must(aside(rig, &entry, name) == -EACCES, "it can't set aside");
	journal_clean(rig->journal);
	record_release(&record);
}

static void folder_can_only_be_read(struct rig *rig)
{
	write_record(rig, 8, false, "");
	write_file(rig, ".claim-8.new", "");
	assert_int_equal(fchmod(rig->at, 0555), 0);
	elsewhere(rig, use_as_nobody);
	assert_names(rig, ".claim-8.new claim-8.json ");
}

/* ---- a file system of its own ---- */

/* In a process of its own, whose mounts nobody else sees. */
enum { SMALL = 16 << 10 };

static bool mount_small(struct rig *rig, const char *folder)
{
	bool mounted = unshare(CLONE_NEWNS) == 0 &&
		       mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
		       mount("tmpfs", folder, "tmpfs", 0, "size=16k,nr_inodes=4,mode=700") == 0;

	/* A descriptor from before is of the mounts from before. */
	rig->root = open(rig->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	journal_close(rig->journal);
	rig->journal = open_at(rig, ".", "boot");
	return mounted;
}

static void fill(const struct rig *rig)
{
	struct statvfs status;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/filling", rig->claims);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	must(fd >= 0 && fstatvfs(fd, &status) == 0, "it can be filled");
	must(status.f_blocks * status.f_bsize <= SMALL, "it is the small one that is filled");
	must(fallocate(fd, 0, 0, (off_t)(status.f_bfree * status.f_bsize)) == 0, "it is filled");
	close(fd);
}

static void begin_in_a_full_one(struct rig *rig)
{
	struct record record;
	struct entry entry;
	char path[128];

	make_record_of(8, false, &record);
	must(mount_small(rig, rig->claims), "a small file system");
	fill(rig);
	must(journal_begin(rig->journal, &record, &entry) == -ENOSPC, "it has no room");
	must(record.owner, "the record is as it was");
	snprintf(path, sizeof(path), "%s/.claim-8.new", rig->claims);
	must(access(path, F_OK) != 0, "nothing unfinished is left");
	snprintf(path, sizeof(path), "%s/claim-8.json", rig->claims);
	must(access(path, F_OK) != 0, "no record is left");
	record_release(&record);
}

enum { DEVICES = 6 }; /* the notes of so many fill several pages */

static void make_record_of_many(struct record *out)
{
	size_t length;
	char *text;
	FILE *line = open_memstream(&text, &length);

	fputs("{\"dmaown-claim\":1,\"boot\":\"boot\",\"owner\":\"lab\",\"pid\":1,\"uid\":0,"
	      "\"kept\":true,\"groups\":[{\"id\":8,\"node\":null}],\"devices\":[",
	      line);
	for (int i = 0; i < DEVICES; i++)
		fprintf(line,
			"%s{\"address\":\"%d\",\"group\":8,\"managed_dma\":false,"
			"\"treatment\":\"leave\"}",
			i ? "," : "", i);
	fputs("]}\n", line);
	fclose(line);
	must(record_parse(text, length, out) == 0, "it is a record");
	free(text);
}

/* Room for notes, of whatever names, and marks is taken with the first line. */
static void note_in_a_full_one(struct rig *rig)
{
	char name[NAME_MAX + 1];
	struct change changes[DEVICES];
	struct record record;
	struct entry entry;

	memset(name, 'x', NAME_MAX);
	name[NAME_MAX] = '\0';
	for (size_t i = 0; i < DEVICES; i++)
		changes[i] = (struct change) {.device = name};
	make_record_of_many(&record);
	must(mount_small(rig, rig->claims), "a small file system");
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
	fill(rig);
	for (enum action action = ACTION_OVERRIDE; action <= ACTION_BIND; action++)
		must(journal_note(&entry, action, changes, DEVICES) == 0, "room for notes");
	must(journal_hold(&entry) == 0, "there is room for a mark");
	must(journal_let_go(&entry) == 0, "there is room for the other");
	must(journal_drop(rig->journal, &entry) == 0, "it is dropped");
	entry_close(&entry);
}

/* The root and three locks are all the inodes that there are. */
static void lock_in_a_full_one(struct rig *rig)
{
	const int groups[] = {8, 9, 10, 11}, three[] = {8, 9, 10};

	must(mkdir(rig->locks, 0700) == 0 && mount_small(rig, rig->locks), "a small file system");
	must(try_groups(rig, groups, 4) == -ENOSPC, "no room for the fourth lock");
	must(try_groups(rig, three, 3) == 0, "the others are let go");
}

static void use_a_read_only_one(struct rig *rig)
{
	struct record record;
	struct entry entry;

	make_record_of(8, false, &record);
	must(mount_small(rig, rig->claims), "a small file system");
	must(mount("", rig->claims, "", MS_REMOUNT | MS_RDONLY, "") == 0, "it is read-only");
	must(journal_begin(rig->journal, &record, &entry) == -EROFS, "it can't begin");
	must(record.owner, "the record is as it was");
	record_release(&record);
}

static void no_room_for_a_record(struct rig *rig)
{
	elsewhere(rig, begin_in_a_full_one);
}

static void room_for_every_note(struct rig *rig)
{
	elsewhere(rig, note_in_a_full_one);
}

static void no_room_for_a_lock(struct rig *rig)
{
	elsewhere(rig, lock_in_a_full_one);
}

static void read_only(struct rig *rig)
{
	elsewhere(rig, use_a_read_only_one);
}

static bool may_mount(void)
{
	struct rig rig = {.folder = "/tmp"};
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(mount_small(&rig, "/tmp") ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* ---- running ---- */

static const struct journal_case cases[] = {
	{"read@as-nobody-eacces", record_is_roots_alone},
	{"read@files-of-others", files_of_others},
	{"folder@of-others-euclean", folders_of_others},
	{"folder@is-made", folder_is_made},
	{"folder@missing-enoent", folder_is_missing},
	{"folder@a-file-enotdir", folder_is_a_file},
	{"folder@read-only-eacces", folder_can_only_be_read},
};

/* They need a mount, which not every place where tests are run allows. */
static const struct journal_case mount_cases[] = {
	{"full@begin-enospc", no_room_for_a_record},
	{"full@notes-have-room", room_for_every_note},
	{"full@lock-enospc", no_room_for_a_lock},
	{"full@read-only-erofs", read_only},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	if (may_mount())
		ADD_ROWS(&suite, mount_cases, run_case);
	return suite_run(&suite, "journal-folders");
}
