/* SPDX-License-Identifier: MIT */
/*
 * The journal in a folder of its own: what its files are at each point of a claim, who is seen to
 * stand behind it, from where, and what becomes of files that are no records.
 *
 * Other processes are forks that say through a pipe that they are there, and are killed.
 */
#define _GNU_SOURCE
#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOBODY = 65534, PATIENCE = 10000 };

struct rig {
	char folder[64];
	int at; /* a descriptor of it */
	struct journal *journal;
};

static void set_up(struct rig *rig)
{
	strcpy(rig->folder, "/tmp/dmaown-journal.XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	rig->at = open(rig->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rig->at >= 0);
	assert_int_equal(journal_open(rig->folder, "boot", &rig->journal), 0);
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Does with each name, in their order, what the caller says. */
static void for_names(const struct rig *rig, void (*each)(const char *name, void *with), void *with)
{
	struct dirent **names;
	int count = scandirat(rig->at, ".", &names, is_name, alphasort);

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		each(names[i]->d_name, with);
		free(names[i]);
	}
	free(names);
}

static void remove_name(const char *name, void *rig)
{
	if (unlinkat(((struct rig *)rig)->at, name, 0) != 0)
		unlinkat(((struct rig *)rig)->at, name, AT_REMOVEDIR);
}

static void tear_down(struct rig *rig)
{
	journal_close(rig->journal);
	fchmod(rig->at, 0700);
	for_names(rig, remove_name, rig);
	close(rig->at);
	rmdir(rig->folder);
}

/* ---- files ---- */

static void print_name(const char *name, void *out)
{
	fprintf(out, "%s ", name);
}

static void assert_names(const struct rig *rig, const char *expected)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	for_names(rig, print_name, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void write_file(const struct rig *rig, const char *name, const char *text)
{
	int fd = openat(rig->at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_file(const struct rig *rig, const char *name, const char *expected)
{
	char text[1024] = "";
	int fd = openat(rig->at, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	assert_string_equal(text, expected);
}

/* ---- claims ---- */

/* The line of a claim of one group with one device; the caller frees. */
static char *line_of(int group, bool kept, const char *boot)
{
	char *line;

	assert_true(asprintf(&line,
			     "{\"dmaown-claim\":1,\"boot\":\"%s\",\"owner\":\"lab\",\"pid\":4711,"
			     "\"uid\":1000,\"user\":null,\"kept\":%s,"
			     "\"groups\":[{\"id\":%d,\"node\":null}],"
			     "\"devices\":[{\"address\":\"0000:02:01.0\",\"group\":%d,"
			     "\"driver\":null,\"driver_override\":null,\"managed_dma\":false,"
			     "\"treatment\":\"give\",\"to\":\"vfio-pci\"}]}\n",
			     boot, kept ? "true" : "false", group, group) > 0);
	return line;
}

static void make_record_of(int group, bool kept, struct record *out)
{
	char *line = line_of(group, kept, "boot");

	assert_int_equal(record_parse(line, strlen(line), out), 0);
	free(line);
}

static void begin(struct rig *rig, int group, bool kept, struct entry *out)
{
	struct record record;

	make_record_of(group, kept, &record);
	assert_int_equal(journal_begin(rig->journal, &record, out), 0);
	assert_null(record.owner);
}

static void write_record(struct rig *rig, int group, bool kept, const char *tail)
{
	char name[32], *line = line_of(group, kept, "boot"), *text;

	snprintf(name, sizeof(name), "claim-%d.json", group);
	assert_true(asprintf(&text, "%s%s", line, tail) > 0);
	write_file(rig, name, text);
	free(text);
	free(line);
}

/* Reads the journal, which has one record. */
static void read_one(struct rig *rig, struct entries *out)
{
	assert_int_equal(journal_read(rig->journal, out), 0);
	assert_int_equal(out->count, 1);
}

static void assert_seen(struct rig *rig, bool held, bool lives)
{
	struct entries entries;

	read_one(rig, &entries);
	assert_true(entry_is_held(&entries.all[0]) == held);
	assert_true(entry_lives(&entries.all[0]) == lives);
	entries_release(&entries);
}

/* ---- a claim from its begin to its end ---- */

static void begins_with_a_whole_record(struct rig *rig)
{
	char *line = line_of(8, false, "boot");
	struct entry entry;
	struct stat status;

	begin(rig, 8, false, &entry);
	assert_names(rig, "claim-8.json ");
	assert_file(rig, "claim-8.json", line);
	assert_int_equal(fstat(entry.fd, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(fcntl(entry.fd, F_GETFD), FD_CLOEXEC);
	assert_string_equal(entry.name, "claim-8.json");
	assert_int_equal(entry.state, ENTRY_GOOD);
	assert_string_equal(entry.record.owner, "lab");
	entry_close(&entry);
	free(line);
}

/* What a writer that was killed left may be longer than the record. */
static void begins_over_what_was_left(struct rig *rig)
{
	char *line = line_of(8, false, "boot"), *longer;
	struct entry entry;

	assert_true(asprintf(&longer, "%s%s%s", line, line, line) > 0);
	write_file(rig, ".claim-8.new", longer);
	begin(rig, 8, false, &entry);
	assert_names(rig, "claim-8.json ");
	assert_file(rig, "claim-8.json", line);
	entry_close(&entry);
	free(longer);
	free(line);
}

static void assert_held(struct rig *rig, bool held)
{
	struct entries entries;

	read_one(rig, &entries);
	assert_int_equal(entries.all[0].state, ENTRY_GOOD);
	assert_true(entries.all[0].record.held == held);
	entries_release(&entries);
}

static void holds_and_lets_go(struct rig *rig)
{
	struct entry entry;

	begin(rig, 8, true, &entry);
	assert_held(rig, false);
	assert_int_equal(journal_hold(&entry), 0);
	assert_true(entry.record.held);
	assert_held(rig, true);
	assert_int_equal(journal_let_go(&entry), 0);
	assert_false(entry.record.held);
	assert_held(rig, false);
	entry_close(&entry);
}

static void lets_go_once(struct rig *rig)
{
	char *line = line_of(8, false, "boot"), *text;
	struct entry entry;

	assert_true(asprintf(&text, "%s" RECORD_HELD RECORD_ENDING, line) > 0);
	begin(rig, 8, false, &entry);
	assert_int_equal(journal_let_go(&entry), 0);
	assert_file(rig, "claim-8.json", line);
	assert_int_equal(journal_hold(&entry), 0);
	assert_int_equal(journal_let_go(&entry), 0);
	assert_int_equal(journal_let_go(&entry), 0);
	assert_file(rig, "claim-8.json", text);
	entry_close(&entry);
	free(text);
	free(line);
}

static void drops(struct rig *rig)
{
	struct entry entry;

	begin(rig, 8, false, &entry);
	assert_int_equal(journal_drop(rig->journal, &entry), 0);
	assert_names(rig, "");
	assert_int_equal(journal_drop(rig->journal, &entry), 0);
	entry_close(&entry);
	assert_int_equal(entry.fd, -1);
}

static void notes_what_was_done(struct rig *rig)
{
	const struct change changes[] = {{.device = "0000:01:00.0"},
					 {.device = "0000:02:01.0", .result = -EBUSY},
					 {.device = "0000:02:02.0"}};
	char *line = line_of(8, false, "boot"), *text;
	struct entry entry;

	assert_true(asprintf(&text,
			     "%s{\"done\":\"unbind\",\"device\":\"0000:01:00.0\"}\n"
			     "{\"done\":\"unbind\",\"device\":\"0000:02:02.0\"}\n",
			     line) > 0);
	begin(rig, 8, false, &entry);
	assert_int_equal(journal_note(&entry, ACTION_UNBIND, changes, 3), 0);
	assert_file(rig, "claim-8.json", text);
	entry_close(&entry);
	free(text);
	free(line);
}

/* Buses may name devices as they like. */
static void notes_do_not_damage(struct rig *rig)
{
	char longest[512];
	const struct change changes[] = {
		{.device = "a \"b\""}, {.device = "c\\"}, {.device = "d\ne"}, {.device = longest}};
	struct entry entry;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	begin(rig, 8, false, &entry);
	assert_int_equal(journal_note(&entry, ACTION_BIND, changes, 4), 0);
	assert_int_equal(journal_hold(&entry), 0);
	assert_held(rig, true);
	entry_close(&entry);
}

/* ---- locks of groups ---- */

/* Tries to lock them at once, and lets go. */
static int try_groups(struct rig *rig, const int *groups, size_t count)
{
	struct group_locks locks;
	int err = journal_lock(rig->journal, groups, count, 0, &locks);

	if (!err)
		journal_unlock(&locks);
	return err;
}

static void locks_exclude(struct rig *rig)
{
	const int groups[] = {8}, other[] = {9};
	struct rig second = *rig;
	struct group_locks locks;

	assert_int_equal(journal_open(rig->folder, "boot", &second.journal), 0);
	assert_int_equal(journal_lock(rig->journal, groups, 1, 0, &locks), 0);
	assert_int_equal(try_groups(&second, groups, 1), -ETIMEDOUT);
	assert_int_equal(try_groups(&second, other, 1), 0);
	journal_unlock(&locks);
	assert_int_equal(try_groups(&second, groups, 1), 0);
	assert_names(rig, "group-8.lock group-9.lock ");
	journal_close(second.journal);
}

static void locks_in_any_order(struct rig *rig)
{
	const int down[] = {10, 9, 8}, middle[] = {9}, again[] = {9, 8, 9, 8};
	struct group_locks locks;

	assert_int_equal(journal_lock(rig->journal, down, 3, 0, &locks), 0);
	assert_int_equal(locks.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(try_groups(rig, &down[i], 1), -ETIMEDOUT);
	journal_unlock(&locks);
	assert_int_equal(journal_lock(rig->journal, again, 4, 0, &locks), 0);
	assert_int_equal(locks.count, 2);
	assert_int_equal(try_groups(rig, middle, 1), -ETIMEDOUT);
	journal_unlock(&locks);
}

/* Of groups one of which can't be had none stays locked. */
static void locks_all_or_none(struct rig *rig)
{
	const int last[] = {10}, all[] = {10, 8, 9}, first[] = {8, 9};
	struct group_locks locks, none;

	assert_int_equal(journal_lock(rig->journal, last, 1, 0, &locks), 0);
	assert_int_equal(journal_lock(rig->journal, all, 3, 0, &none), -ETIMEDOUT);
	assert_int_equal(try_groups(rig, first, 2), 0);
	journal_unlock(&locks);
}

static void locks_as_many_as_a_claim_may_have(struct rig *rig)
{
	int groups[RECORD_GROUPS + 1];

	for (int i = 0; i <= RECORD_GROUPS; i++)
		groups[i] = i;
	assert_int_equal(try_groups(rig, groups, RECORD_GROUPS), 0);
	assert_int_equal(try_groups(rig, groups, RECORD_GROUPS + 1), -E2BIG);
}

/* ---- other processes ---- */

struct other {
	pid_t pid;
	int until; /* closed with us: it does not outlive a case that fails */
};

/* In the other process: what is not so ends it, and fails the case. */
static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "in the other process: %s\n", what);
	_exit(1);
}

/* Forks a process that does something, says that it has, and waits for its end. */
static void other_begin(struct rig *rig, void (*run)(struct rig *rig), struct other *out)
{
	int ready[2], until[2];
	char byte = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(until, O_CLOEXEC), 0);
	*out = (struct other) {.pid = fork(), .until = until[1]};
	assert_true(out->pid >= 0);
	if (out->pid == 0) {
		close(until[1]);
		run(rig);
		must(write(ready[1], &byte, 1) == 1, "it says that it is there");
		must(read(until[0], &byte, 1) == 0, "it waits");
		_exit(0);
	}
	close(ready[1]);
	close(until[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void assert_killed(const struct other *other)
{
	int status;

	assert_int_equal(waitpid(other->pid, &status, 0), other->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(other->until);
}

static void other_kill(const struct other *other)
{
	assert_int_equal(kill(other->pid, SIGKILL), 0);
	assert_killed(other);
}

/* Has another process do something, and waits for it. */
static void elsewhere(struct rig *rig, void (*run)(struct rig *rig))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		run(rig);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void lock_8(struct rig *rig)
{
	static struct group_locks locks;
	const int groups[] = {8};

	must(journal_lock(rig->journal, groups, 1, 0, &locks) == 0, "it locks group 8");
}

static void locks_end_with_their_process(struct rig *rig)
{
	const int groups[] = {8};
	struct other other;

	other_begin(rig, lock_8, &other);
	assert_int_equal(try_groups(rig, groups, 1), -ETIMEDOUT);
	other_kill(&other);
	assert_int_equal(try_groups(rig, groups, 1), 0);
}

/* However the two meet: who is told to wait gets the lock when the other has gone. */
static void locks_are_waited_for(struct rig *rig)
{
	const int groups[] = {8};
	struct group_locks locks;
	struct other other;

	other_begin(rig, lock_8, &other);
	assert_int_equal(kill(other.pid, SIGKILL), 0);
	assert_int_equal(journal_lock(rig->journal, groups, 1, PATIENCE, &locks), 0);
	journal_unlock(&locks);
	assert_killed(&other);
}

static void begin_8(struct rig *rig)
{
	struct record record;
	struct entry entry;

	make_record_of(8, false, &record);
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
	must(journal_hold(&entry) == 0, "it holds");
}

static void begin_kept_8(struct rig *rig)
{
	struct record record;
	struct entry entry;

	make_record_of(8, true, &record);
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
}

static void hold_kept_8(struct rig *rig)
{
	struct record record;
	struct entry entry;

	make_record_of(8, true, &record);
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
	must(journal_hold(&entry) == 0, "it holds");
}

static void lives_as_long_as_its_process(struct rig *rig)
{
	struct other other;

	other_begin(rig, begin_8, &other);
	assert_seen(rig, true, true);
	other_kill(&other);
	assert_seen(rig, false, false);
}

static void kept_outlives_its_process(struct rig *rig)
{
	struct other other;

	other_begin(rig, hold_kept_8, &other);
	assert_seen(rig, true, true);
	other_kill(&other);
	assert_seen(rig, false, true);
}

static void kept_and_not_complete_does_not(struct rig *rig)
{
	struct other other;

	other_begin(rig, begin_kept_8, &other);
	assert_seen(rig, true, true);
	other_kill(&other);
	assert_seen(rig, false, false);
}

static void nothing(struct rig *rig)
{
}

static void lives_with_a_child(struct rig *rig)
{
	struct entry entry;
	struct other child;

	begin(rig, 8, false, &entry);
	other_begin(rig, nothing, &child);
	entry_close(&entry);
	assert_seen(rig, true, true);
	other_kill(&child);
	assert_seen(rig, false, false);
}

static void lives_with_what_is_shared(struct rig *rig)
{
	struct entry entry;
	int shared = -1;

	begin(rig, 8, false, &entry);
	assert_int_equal(entry_share(&entry, &shared), 0);
	assert_int_equal(fcntl(shared, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(shared, RECORD_HELD, 1), -1);
	assert_int_equal(errno, EBADF);
	entry_close(&entry);
	assert_seen(rig, true, true);
	close(shared);
	assert_seen(rig, false, false);
}

/* ---- locks of records ---- */

static void record_lock_excludes(struct rig *rig)
{
	struct entry entry;
	struct entries entries;

	begin(rig, 8, false, &entry);
	read_one(rig, &entries);
	assert_int_equal(entry_lock(&entries.all[0]), -EBUSY);
	entry_close(&entry);
	assert_int_equal(entry_lock(&entries.all[0]), 0);
	assert_false(entry_is_held(&entries.all[0]));
	assert_seen(rig, true, true);
	entries_release(&entries);
	assert_seen(rig, false, false);
}

static void record_has_gone(struct rig *rig)
{
	struct entries entries;

	write_record(rig, 8, false, "");
	read_one(rig, &entries);
	assert_int_equal(journal_drop(rig->journal, &entries.all[0]), 0);
	assert_int_equal(entry_lock(&entries.all[0]), -ENOENT);
	entries_release(&entries);
}

/* Rights bind nobody but those who are not root. */
static void become_nobody(void)
{
	if (geteuid() == 0)
		must(setgid(NOBODY) == 0 && setuid(NOBODY) == 0, "it is nobody");
}

static void read_as_nobody(struct rig *rig)
{
	struct entries entries;

	become_nobody();
	must(journal_read(rig->journal, &entries) == 0 && entries.count == 1, "it can be read");
	must(!entry_is_held(&entries.all[0]), "nobody holds it");
	must(entry_lock(&entries.all[0]) == -EACCES, "it can't be locked");
	entries_release(&entries);
}

static void record_can_only_be_read(struct rig *rig)
{
	write_record(rig, 8, false, "");
	assert_int_equal(fchmodat(rig->at, "claim-8.json", 0444, 0), 0);
	assert_int_equal(fchmod(rig->at, 0755), 0);
	elsewhere(rig, read_as_nobody);
}

/* ---- files that are no records of this boot ---- */

static void assert_state(struct rig *rig, enum entry_state state)
{
	struct entries entries;

	read_one(rig, &entries);
	assert_int_equal(entries.all[0].state, state);
	assert_false(entry_lives(&entries.all[0]));
	assert_true((entries.all[0].record.owner == NULL) == (state == ENTRY_DAMAGED));
	entries_release(&entries);
}

static void damaged(struct rig *rig)
{
	write_file(rig, "claim-8.json", "{\"dmaown-claim\":1}\n");
	assert_state(rig, ENTRY_DAMAGED);
	write_file(rig, "claim-8.json", "");
	assert_state(rig, ENTRY_DAMAGED);
	write_record(rig, 8, true, RECORD_HELD "what\n");
	assert_state(rig, ENTRY_DAMAGED);
}

static void larger_than_any(struct rig *rig)
{
	int fd;

	write_record(rig, 8, true, RECORD_HELD);
	fd = openat(rig->at, "claim-8.json", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, (16 << 20) + 1), 0);
	close(fd);
	assert_state(rig, ENTRY_DAMAGED);
}

static void of_another_boot(struct rig *rig)
{
	char *line = line_of(8, true, "before"), *text;

	assert_true(asprintf(&text, "%s" RECORD_HELD, line) > 0);
	write_file(rig, "claim-8.json", text);
	assert_state(rig, ENTRY_OTHER_BOOT);
	free(text);
	free(line);
}

static void set_aside(struct rig *rig)
{
	struct entries entries;
	char name[64];

	write_file(rig, "claim-8.json", "first\n");
	write_file(rig, "claim-8.json.aside-1", "older\n");
	read_one(rig, &entries);
	assert_int_equal(journal_set_aside(rig->journal, &entries.all[0], name, sizeof(name)), 0);
	assert_string_equal(name, "claim-8.json.aside-2");
	assert_names(rig, "claim-8.json.aside-1 claim-8.json.aside-2 ");
	assert_file(rig, "claim-8.json.aside-1", "older\n");
	assert_file(rig, "claim-8.json.aside-2", "first\n");
	assert_int_equal(journal_set_aside(rig->journal, &entries.all[0], name, sizeof(name)),
			 -ENOENT);
	entries_release(&entries);
}

static void cleans(struct rig *rig)
{
	struct entry entry = {0};

	begin(rig, 9, false, &entry);
	assert_int_equal(renameat(rig->at, "claim-9.json", rig->at, ".claim-9.new"), 0);
	write_file(rig, ".claim-8.new", "{");
	write_file(rig, ".claim-10.new", "");
	write_file(rig, ".other.new", "");
	write_file(rig, "claim-7.json", "{");
	write_file(rig, "group-8.lock", "");
	journal_clean(rig->journal);
	assert_names(rig, ".claim-9.new .other.new claim-7.json group-8.lock ");
	entry_close(&entry);
	journal_clean(rig->journal);
	assert_names(rig, ".other.new claim-7.json group-8.lock ");
}

static void in_the_order_of_groups(struct rig *rig)
{
	const char *const expected[] = {"claim-8.json", "claim-9.json", "claim-10.json",
					"claim-100.json"};
	const int groups[] = {10, 8, 100, 9};
	struct entries entries;

	for (size_t i = 0; i < 4; i++)
		write_record(rig, groups[i], false, "");
	write_file(rig, ".claim-7.new", "");
	write_file(rig, "claim-7.json.aside-1", "");
	write_file(rig, "group-7.lock", "");
	write_file(rig, "notes", "");
	assert_int_equal(journal_read(rig->journal, &entries), 0);
	assert_int_equal(entries.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(entries.all[i].name, expected[i]);
	entries_release(&entries);
}

/* ---- folders that fail ---- */

/* Asserts what every use gives of a journal whose folder fails so. */
static void assert_uses(struct rig *rig, int lock_result, int result)
{
	const struct entry entry = {.name = "claim-8.json", .fd = -1};
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
	assert_int_equal(journal_set_aside(rig->journal, &entry, name, sizeof(name)), result);
	journal_clean(rig->journal);
}

/* Names a journal in a folder below the rig's. */
static void move_to(struct rig *rig, const char *below)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", rig->folder, below);
	journal_close(rig->journal);
	assert_int_equal(journal_open(path, "boot", &rig->journal), 0);
	assert_string_equal(journal_folder(rig->journal), path);
	assert_string_equal(journal_boot(rig->journal), "boot");
}

static void folder_is_made(struct rig *rig)
{
	const int groups[] = {8};
	struct entries entries;

	move_to(rig, "new");
	assert_int_equal(journal_read(rig->journal, &entries), 0);
	assert_int_equal(entries.count, 0);
	assert_names(rig, "");
	assert_int_equal(try_groups(rig, groups, 1), 0);
	assert_names(rig, "new ");
	assert_int_equal(unlinkat(rig->at, "new/group-8.lock", 0), 0);
}

static void folder_is_missing(struct rig *rig)
{
	move_to(rig, "no/where");
	assert_uses(rig, -ENOENT, -ENOENT);
	assert_names(rig, "");
}

static void folder_is_a_file(struct rig *rig)
{
	struct entries entries;

	write_file(rig, "file", "kept\n");
	move_to(rig, "file");
	assert_uses(rig, -ENOTDIR, -ENOTDIR);
	assert_int_equal(journal_read(rig->journal, &entries), -ENOTDIR);
	assert_file(rig, "file", "kept\n");
}

static void use_as_nobody(struct rig *rig)
{
	const struct entry entry = {.name = "claim-8.json", .fd = -1};
	const int groups[] = {9};
	struct record record;
	struct entry begun;
	char name[64];

	make_record_of(9, false, &record);
	become_nobody();
	must(try_groups(rig, groups, 1) == -EACCES, "it can't lock");
	must(journal_begin(rig->journal, &record, &begun) == -EACCES, "it can't begin");
	must(journal_drop(rig->journal, &entry) == -EACCES, "it can't drop");
	must(journal_set_aside(rig->journal, &entry, name, sizeof(name)) == -EACCES,
	     "it can't set aside");
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
static bool mount_small(const char *folder)
{
	return unshare(CLONE_NEWNS) == 0 && mount("", "/", "", MS_REC | MS_PRIVATE, "") == 0 &&
	       mount("tmpfs", folder, "tmpfs", 0, "size=16k,nr_inodes=4") == 0;
}

static void fill(const struct rig *rig)
{
	struct statvfs status;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/filling", rig->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	must(fd >= 0 && fstatvfs(fd, &status) == 0, "it can be filled");
	must(fallocate(fd, 0, 0, (off_t)(status.f_bfree * status.f_bsize)) == 0, "it is filled");
	close(fd);
}

static void begin_in_a_full_one(struct rig *rig)
{
	struct record record;
	struct entry entry;
	char path[96];

	make_record_of(8, false, &record);
	must(mount_small(rig->folder), "a small file system");
	fill(rig);
	must(journal_begin(rig->journal, &record, &entry) == -ENOSPC, "it has no room");
	must(record.owner, "the record is as it was");
	snprintf(path, sizeof(path), "%s/.claim-8.new", rig->folder);
	must(access(path, F_OK) != 0, "nothing unfinished is left");
	snprintf(path, sizeof(path), "%s/claim-8.json", rig->folder);
	must(access(path, F_OK) != 0, "no record is left");
	record_release(&record);
}

enum { DEVICES = 8 }; /* the notes of so many fill several pages */

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
	must(mount_small(rig->folder), "a small file system");
	must(journal_begin(rig->journal, &record, &entry) == 0, "it begins");
	fill(rig);
	for (enum action action = ACTION_OVERRIDE; action <= ACTION_BIND; action++)
		must(journal_note(&entry, action, changes, DEVICES) == 0, "room for notes");
	must(journal_hold(&entry) == 0, "there is room for a mark");
	must(journal_let_go(&entry) == 0, "there is room for the other");
	must(journal_drop(rig->journal, &entry) == 0, "it is dropped");
	entry_close(&entry);
}

/* The root, a file and two locks are all the inodes that there are. */
static void lock_in_a_full_one(struct rig *rig)
{
	const int groups[] = {8, 9, 10}, two[] = {8, 9};

	must(mount_small(rig->folder), "a small file system");
	fill(rig);
	must(try_groups(rig, groups, 3) == -ENOSPC, "no room for the third lock");
	must(try_groups(rig, two, 2) == 0, "the others are let go");
}

static void use_a_read_only_one(struct rig *rig)
{
	const int groups[] = {8};
	struct record record;
	struct entry entry;

	make_record_of(8, false, &record);
	must(mount_small(rig->folder), "a small file system");
	must(mount("", rig->folder, "", MS_REMOUNT | MS_RDONLY, "") == 0, "it is read-only");
	must(try_groups(rig, groups, 1) == -EROFS, "it can't lock");
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

/* ---- owners ---- */

static void add_group(struct facts *facts, int id)
{
	struct group_facts *group;

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
	group->owner.kind = OWNER_NONE;
}

static void assert_owner(const struct facts *facts, int group, const char *name, long pid)
{
	const struct owner_facts *owner = &facts_group(facts, group)->owner;

	assert_int_equal(owner->kind, name ? OWNER_USER : OWNER_NONE);
	assert_int_equal(owner->pid, pid);
	if (name)
		assert_string_equal(owner->name, name);
	else
		assert_null(owner->name);
	assert_int_equal(owner->uid, name ? 1000 : -1);
}

static void marks_owners(struct rig *rig)
{
	struct facts facts = {0};
	struct entry entry;

	begin(rig, 8, false, &entry);
	write_record(rig, 9, true, RECORD_HELD);
	write_record(rig, 10, true, RECORD_HELD RECORD_ENDING);
	write_record(rig, 11, false, RECORD_HELD);
	write_record(rig, 13, true, RECORD_HELD);
	write_file(rig, "claim-12.json", "{");
	for (int id = 8; id <= 12; id++)
		add_group(&facts, id);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 4711);
	assert_owner(&facts, 9, "lab", 0);
	assert_owner(&facts, 10, NULL, 0);
	assert_owner(&facts, 11, NULL, 0);
	assert_owner(&facts, 12, NULL, 0);
	entry_close(&entry);
	facts_release(&facts);
}

static void marks_over_who_has_it_open(struct rig *rig)
{
	struct facts facts = {0};
	struct owner_facts *owner;

	write_record(rig, 8, true, RECORD_HELD);
	add_group(&facts, 8);
	owner = &facts_group(&facts, 8)->owner;
	owner->kind = OWNER_USER;
	owner->pid = 77;
	assert_int_equal(facts_set_string(&owner->name, "qemu"), 0);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 0);
	facts_release(&facts);
}

static void marks_nothing_without_a_folder(struct rig *rig)
{
	struct facts facts = {0};

	add_group(&facts, 8);
	move_to(rig, "none");
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, NULL, 0);
	write_file(rig, "none", "");
	assert_int_equal(journal_mark_owners(rig->journal, &facts), -ENOTDIR);
	facts_release(&facts);
}

/* ---- running ---- */

static const struct journal_case {
	const char *name;
	void (*run)(struct rig *rig);
} cases[] = {
	{"begin@whole-locked-private", begins_with_a_whole_record},
	{"begin@over-what-was-left", begins_over_what_was_left},
	{"hold@then-let-go", holds_and_lets_go},
	{"let-go@once-and-only-what-is-held", lets_go_once},
	{"drop@again-is-harmless", drops},
	{"note@what-was-done-only", notes_what_was_done},
	{"note@no-name-damages-the-record", notes_do_not_damage},
	{"lock@two-journals-etimedout", locks_exclude},
	{"lock@order-is-irrelevant", locks_in_any_order},
	{"lock@all-or-none", locks_all_or_none},
	{"lock@too-many-e2big", locks_as_many_as_a_claim_may_have},
	{"lock@ends-with-its-process", locks_end_with_their_process},
	{"lock@is-waited-for", locks_are_waited_for},
	{"lives@as-long-as-its-process", lives_as_long_as_its_process},
	{"lives@kept-outlives-its-process", kept_outlives_its_process},
	{"lives@kept-and-not-complete-does-not", kept_and_not_complete_does_not},
	{"lives@with-a-child-that-inherited-it", lives_with_a_child},
	{"lives@with-what-is-shared", lives_with_what_is_shared},
	{"entry-lock@held-ebusy", record_lock_excludes},
	{"entry-lock@gone-enoent", record_has_gone},
	{"entry-lock@read-only-eacces", record_can_only_be_read},
	{"read@damaged", damaged},
	{"read@larger-than-any-is-damaged", larger_than_any},
	{"read@other-boot", of_another_boot},
	{"read@in-the-order-of-groups", in_the_order_of_groups},
	{"set-aside@names-taken", set_aside},
	{"clean@unfinished-and-nobodys", cleans},
	{"folder@is-made", folder_is_made},
	{"folder@missing-enoent", folder_is_missing},
	{"folder@a-file-enotdir", folder_is_a_file},
	{"folder@read-only-eacces", folder_can_only_be_read},
	{"owners@of-living-claims", marks_owners},
	{"owners@over-who-has-it-open", marks_over_who_has_it_open},
	{"owners@none-without-a-folder", marks_nothing_without_a_folder},
};

/* They need a mount, which not every place where tests are run allows. */
static const struct journal_case mount_cases[] = {
	{"full@begin-enospc", no_room_for_a_record},
	{"full@notes-have-room", room_for_every_note},
	{"full@lock-enospc", no_room_for_a_lock},
	{"full@read-only-erofs", read_only},
};

static void run_case(void **state)
{
	const struct journal_case *which = *state;
	struct rig rig;

	set_up(&rig);
	which->run(&rig);
	tear_down(&rig);
}

static bool may_mount(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(mount_small("/tmp") ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

enum { CASES = COUNT(cases), MOUNT_CASES = COUNT(mount_cases) };

static struct CMUnitTest test_of(const struct journal_case *which)
{
	return (struct CMUnitTest) {.name = which->name,
				    .test_func = run_case,
				    .initial_state = (void *)(uintptr_t)which};
}

int main(void)
{
	size_t count = CASES + (may_mount() ? MOUNT_CASES : 0);
	struct CMUnitTest tests[CASES + MOUNT_CASES];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = test_of(&cases[i]);
	for (size_t i = 0; i < MOUNT_CASES; i++)
		tests[CASES + i] = test_of(&mount_cases[i]);
	return _cmocka_run_group_tests("journal", tests, count, NULL, NULL);
}
