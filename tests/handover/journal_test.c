/* SPDX-License-Identifier: MIT */
/*
 * The journal in a folder of its own: what its files are at each point of a claim, who is seen to
 * stand behind it, from where, and what becomes of files that are no records.
 *
 * Other processes are forks that say through a pipe that they are there, and are killed.
 */
#define _GNU_SOURCE
#include "journal.h"
#include "rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
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

enum { NOBODY = 65534, PATIENCE = 10000 };

struct rig {
	char folder[64], claims[96], locks[96];
	int root, at; /* descriptors of the folder, and of that of the records */
	struct journal *journal;
};

/* Opens a journal whose state folder is that one below the rig's. */
static struct journal *open_at(const struct rig *rig, const char *state, const char *boot)
{
	const struct journal_place place = {.root = rig->root,
					    .name = rig->folder,
					    .state = state,
					    .locks = state,
					    .boot = boot};
	struct journal *journal;

	assert_int_equal(journal_open(&place, &journal), 0);
	return journal;
}

static void set_up(struct rig *rig)
{
	strcpy(rig->folder, "/tmp/dmaown-journal.XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	snprintf(rig->claims, sizeof(rig->claims), "%s/claims", rig->folder);
	snprintf(rig->locks, sizeof(rig->locks), "%s/locks", rig->folder);
	assert_int_equal(mkdir(rig->claims, 0700), 0);
	rig->root = open(rig->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rig->at = open(rig->claims, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(rig->at >= 0);
	rig->journal = open_at(rig, ".", "boot");
}

static int is_name(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Does with each name of a folder, in their order, what the caller says. */
static void for_names(int folder, void (*each)(const char *name, void *with), void *with)
{
	struct dirent **names;
	int count = scandirat(folder, ".", &names, is_name, alphasort);

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		each(names[i]->d_name, with);
		free(names[i]);
	}
	free(names);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	return remove(path);
}

static void tear_down(struct rig *rig)
{
	journal_close(rig->journal);
	fchmod(rig->at, 0700);
	close(rig->at);
	close(rig->root);
	nftw(rig->folder, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

/* ---- files ---- */

static void print_name(const char *name, void *out)
{
	fprintf(out, "%s ", name);
}

static void assert_names_in(int folder, const char *expected)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	for_names(folder, print_name, out);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_names(const struct rig *rig, const char *expected)
{
	assert_names_in(rig->at, expected);
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
			     "{\"dmaown-claim\":2,\"boot\":\"%s\",\"owner\":\"lab\",\"pid\":4711,"
			     "\"uid\":1000,\"user\":null,\"user_uid\":0,\"kept\":%s,"
			     "\"groups\":[{\"id\":%d,\"node\":null}],"
			     "\"devices\":[{\"address\":\"0000:02:%02d.0\",\"bus\":\"pci\","
			     "\"instance\":77,\"vendor\":null,\"device\":null,\"class\":null,"
			     "\"group\":%d,"
			     "\"driver\":null,\"driver_override\":null,\"managed_dma\":false,"
			     "\"treatment\":\"give\",\"to\":\"vfio-pci\"}]}\n",
			     boot, kept ? "true" : "false", group, group, group) > 0);
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
	assert_true(answer_is_yes(entry_is_held(&entries.all[0])) == held);
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

static void assert_names_below(const struct rig *rig, const char *below, const char *expected)
{
	int folder = openat(rig->root, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(folder >= 0);
	assert_names_in(folder, expected);
	close(folder);
}

static void locks_exclude(struct rig *rig)
{
	const int groups[] = {8}, other[] = {9};
	struct rig second = *rig;
	struct group_locks locks;

	second.journal = open_at(rig, ".", "boot");
	assert_int_equal(journal_lock(rig->journal, groups, 1, 0, &locks), 0);
	assert_int_equal(try_groups(&second, groups, 1), -ETIMEDOUT);
	assert_int_equal(try_groups(&second, other, 1), 0);
	journal_unlock(&locks);
	assert_int_equal(try_groups(&second, groups, 1), 0);
	assert_names_below(rig, "locks", "group-8.lock group-9.lock ");
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

/* A worker whose process was killed goes on with its change, and is waited for. */
static void waits_for_workers(struct rig *rig)
{
	struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
	const int groups[] = {8};
	int worker;

	assert_int_equal(try_groups(rig, groups, 1), 0);
	worker = openat(rig->root, "locks/group-8.lock", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fcntl(worker, F_OFD_SETLK, &shared), 0);
	assert_int_equal(try_groups(rig, groups, 1), -EINPROGRESS);
	close(worker);
	assert_int_equal(try_groups(rig, groups, 1), 0);
}

/* And its own workers are not kept from theirs. */
static void lets_its_own_workers(struct rig *rig)
{
	struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
	const int groups[] = {8};
	struct group_locks locks;
	int worker;

	assert_int_equal(journal_lock(rig->journal, groups, 1, 0, &locks), 0);
	worker = openat(rig->root, "locks/group-8.lock", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fcntl(worker, F_OFD_SETLK, &shared), 0);
	close(worker);
	journal_unlock(&locks);
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
	assert_true(answer_is_no(entry_is_held(&entries.all[0])));
	assert_seen(rig, true, true);
	entries_release(&entries);
	assert_seen(rig, false, false);
}

/* Nobody is taken to have left it because he could not be asked for. */
static void record_lock_not_known(struct rig *rig)
{
	const struct entry unasked = {.fd = -1, .state = ENTRY_GOOD};
	struct answer held = entry_is_held(&unasked);

	assert_int_equal(held.known, KNOWN_NOT);
	assert_int_equal(answer_error(held), -EBADF);
	assert_true(entry_lives(&unasked));
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
	must(journal_read(rig->journal, &entries) == -EACCES, "it can't be read");
}

static void record_is_roots_alone(struct rig *rig)
{
	write_record(rig, 8, false, "");
	assert_int_equal(fchmod(rig->root, 0755), 0);
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

/* Nobody has the copy locked: its claim must not be taken for one that nobody stands behind. */
static void copied(struct rig *rig)
{
	write_record(rig, 8, false, "");
	assert_int_equal(renameat(rig->at, "claim-8.json", rig->at, "claim-9.json"), 0);
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

enum { NAME_SIZE = 64 };

static int aside(struct rig *rig, struct entry *entry, char name[NAME_SIZE])
{
	return journal_set_aside(rig->journal, entry, 0, name, NAME_SIZE);
}

static void set_aside(struct rig *rig)
{
	struct entries entries;
	char name[64];

	write_file(rig, "claim-8.json", "first\n");
	write_file(rig, "claim-8.json.aside-1", "older\n");
	write_file(rig, "claim-8.json.aside-2-boot", "older\n");
	read_one(rig, &entries);
	assert_int_equal(aside(rig, &entries.all[0], name), 0);
	assert_string_equal(name, "claim-8.json.aside-1-boot");
	write_file(rig, "claim-8.json", "second\n");
	entries_release(&entries);
	read_one(rig, &entries);
	assert_int_equal(aside(rig, &entries.all[0], name), 0);
	assert_string_equal(name, "claim-8.json.aside-3-boot");
	assert_names(rig, "claim-8.json.aside-1 claim-8.json.aside-1-boot "
			  "claim-8.json.aside-2-boot claim-8.json.aside-3-boot ");
	assert_file(rig, "claim-8.json.aside-1", "older\n");
	assert_file(rig, "claim-8.json.aside-1-boot", "first\n");
	assert_int_equal(aside(rig, &entries.all[0], name), -ENOENT);
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
	journal_clean(rig->journal);
	assert_names(rig, ".claim-9.new .other.new claim-7.json ");
	entry_close(&entry);
	journal_clean(rig->journal);
	assert_names(rig, ".other.new claim-7.json ");
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

/* ---- whom to believe ---- */

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

static void locks_of_others(struct rig *rig)
{
	const int groups[] = {8};

	assert_int_equal(try_groups(rig, groups, 1), 0);
	assert_int_equal(fchmodat(rig->root, "locks/group-8.lock", 0644, 0), 0);
	assert_int_equal(try_groups(rig, groups, 1), -EUCLEAN);
	assert_int_equal(unlinkat(rig->root, "locks/group-8.lock", 0), 0);
	assert_int_equal(symlinkat("/dev/null", rig->root, "locks/group-8.lock"), 0);
	assert_int_equal(try_groups(rig, groups, 1), -EUCLEAN);
}

/* ---- boots ---- */

static void of_a_boot_that_is_not_known(struct rig *rig)
{
	struct record record;
	struct entry entry;

	journal_close(rig->journal);
	rig->journal = open_at(rig, ".", NULL);
	write_record(rig, 8, true, RECORD_HELD);
	assert_state(rig, ENTRY_BOOT_NOT_KNOWN);
	make_record_of(9, false, &record);
	assert_int_equal(journal_begin(rig->journal, &record, &entry), -ENOKEY);
	record_release(&record);
}

static void forgets_what_is_of_another_boot(struct rig *rig)
{
	char *line = line_of(8, true, "before");
	struct entries entries;

	write_file(rig, "claim-8.json", line);
	read_one(rig, &entries);
	assert_int_equal(journal_forget(rig->journal, &entries.all[0], 0), 0);
	assert_names(rig, "");
	entries_release(&entries);
	free(line);
}

/* What was judged is judged again under the lock: it may be a record by then. */
static void a_record_is_not_set_aside(struct rig *rig)
{
	struct entries entries;
	char name[NAME_SIZE];

	write_file(rig, "claim-8.json", "rubbish\n");
	read_one(rig, &entries);
	write_record(rig, 8, true, RECORD_HELD);
	assert_int_equal(aside(rig, &entries.all[0], name), -ENOENT);
	assert_names(rig, "claim-8.json ");
	entries_release(&entries);
}

static void of_an_older_version(struct rig *rig)
{
	static const char line[] =
		"{\"dmaown-claim\":1,\"boot\":\"boot\",\"owner\":\"lab\",\"pid\":1,\"uid\":0,"
		"\"kept\":true,\"groups\":[{\"id\":8,\"node\":null}],\"devices\":["
		"{\"address\":\"a\",\"group\":8,\"managed_dma\":false,\"treatment\":\"give\","
		"\"to\":\"vfio-pci\"}]}\n" RECORD_HELD;
	int fd = openat(rig->root, "claim-8.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct entries entries;

	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	close(fd);
	read_one(rig, &entries);
	assert_int_equal(entries.all[0].state, ENTRY_GOOD);
	assert_true(entry_lives(&entries.all[0]));
	assert_int_equal(entries.all[0].record.devices[0].instance, 0);
	assert_int_equal(entry_enter(rig->journal, &entries.all[0]), 0);
	assert_int_equal(journal_drop(rig->journal, &entries.all[0]), 0);
	assert_names_in(rig->root, "claims ");
	entries_release(&entries);
}

/* A folder that somebody has moved has the records all the same. */
static void folder_has_gone(struct rig *rig)
{
	struct entries entries;
	char name[NAME_SIZE];

	write_record(rig, 8, true, RECORD_HELD);
	write_file(rig, "claim-9.json", "damaged");
	assert_int_equal(journal_read(rig->journal, &entries), 0);
	assert_int_equal(renameat(rig->root, "claims", rig->root, "moved"), 0);
	assert_int_equal(entry_enter(rig->journal, &entries.all[0]), -EUCLEAN);
	assert_int_equal(aside(rig, &entries.all[1], name), -EUCLEAN);
	assert_int_equal(renameat(rig->root, "moved", rig->root, "claims"), 0);
	assert_int_equal(entry_enter(rig->journal, &entries.all[0]), 0);
	entries_release(&entries);
}

static void enters_what_it_says_now(struct rig *rig)
{
	struct entries entries;
	struct entry entry;

	begin(rig, 8, true, &entry);
	read_one(rig, &entries);
	assert_int_equal(journal_hold(&entry), 0);
	assert_int_equal(journal_note_lost(&entry, 0), 0);
	assert_false(entries.all[0].record.held);
	assert_int_equal(entry_enter(rig->journal, &entries.all[0]), 0);
	assert_true(entries.all[0].record.held);
	assert_true(entries.all[0].record.devices[0].lost);
	assert_int_equal(journal_drop(rig->journal, &entry), 0);
	entry_close(&entry);
	begin(rig, 8, true, &entry);
	assert_int_equal(entry_enter(rig->journal, &entries.all[0]), -ENOENT);
	assert_int_equal(journal_drop(rig->journal, &entries.all[0]), 0);
	assert_names(rig, "claim-8.json ");
	entries_release(&entries);
	entry_close(&entry);
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

/* Names a journal in a folder below the rig's. */
static void move_to(struct rig *rig, const char *below)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", rig->folder, below);
	journal_close(rig->journal);
	rig->journal = open_at(rig, below, "boot");
	assert_string_equal(journal_state_folder(rig->journal), path);
	strcat(path, "/claims");
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

/* ---- owners ---- */

enum { INSTANCE = 77 };

/* A group with one device, which is on the driver that claims give it with. */
static struct device_facts *add_group(struct facts *facts, int id)
{
	struct device_facts *device;
	struct group_facts *group;
	char address[32];

	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = id;
	group->owner.kind = OWNER_NONE;
	assert_int_equal(facts_add_device(facts, &device), 0);
	snprintf(address, sizeof(address), "0000:02:%02d.0", id);
	assert_int_equal(facts_set_string(&device->address, address), 0);
	assert_int_equal(facts_set_string(&device->driver, "vfio-pci"), 0);
	device->group = id;
	device->instance = INSTANCE;
	return device;
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

static void assert_nobody_knows(const struct facts *facts, int group, int err)
{
	const struct owner_facts *owner = &facts_group(facts, group)->owner;

	assert_int_equal(owner->kind, OWNER_NOT_KNOWN);
	assert_int_equal(owner->hidden_by, err);
}

/* In the root there is, and /proc with it. */
static void move_to_root(struct rig *rig)
{
	struct journal_place place = {.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
				      .name = "",
				      .state = rig->folder,
				      .locks = rig->folder,
				      .boot = "boot"};

	journal_close(rig->journal);
	assert_int_equal(journal_open(&place, &rig->journal), 0);
	assert_string_equal(journal_folder(rig->journal), rig->claims);
	close(place.root);
}

/* Who stands behind a claim is looked for, and is not who made it. */
static void marks_owners(struct rig *rig)
{
	struct facts facts = {0};
	struct other other;

	move_to_root(rig);
	other_begin(rig, begin_8, &other);
	write_record(rig, 9, true, RECORD_HELD);
	write_record(rig, 10, true, RECORD_HELD RECORD_ENDING);
	write_record(rig, 11, false, RECORD_HELD);
	write_record(rig, 13, true, RECORD_HELD);
	for (int id = 8; id <= 12; id++)
		add_group(&facts, id);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", other.pid);
	assert_owner(&facts, 9, "lab", 0);
	assert_owner(&facts, 10, NULL, 0);
	assert_owner(&facts, 11, NULL, 0);
	assert_owner(&facts, 12, NULL, 0);
	other_kill(&other);
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
	owner->pid = 4712;
	assert_int_equal(facts_set_string(&owner->name, "qemu"), 0);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 0);
	facts_release(&facts);
}

/* By what the device is: another one may have its address, and another group its number. */
static void marks_by_device(struct rig *rig)
{
	struct facts facts = {0};

	for (int id = 8; id <= 11; id++)
		write_record(rig, id, true, RECORD_HELD);
	write_record(rig, 12, true, RECORD_HELD "{\"lost\":0}\n");
	add_group(&facts, 8)->instance = INSTANCE + 1;
	assert_int_equal(facts_set_string(&add_group(&facts, 9)->driver, "e1000e"), 0);
	add_group(&facts, 10)->group = 14;
	add_group(&facts, 11)->instance = 0;
	add_group(&facts, 12);
	add_group(&facts, 14);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, NULL, 0);
	assert_owner(&facts, 9, NULL, 0);
	assert_owner(&facts, 10, NULL, 0);
	assert_owner(&facts, 11, "lab", 0);
	assert_owner(&facts, 12, NULL, 0);
	assert_owner(&facts, 14, "lab", 0);
	facts_release(&facts);
}

/* It may be about any group. */
static void damage_hides_owners(struct rig *rig)
{
	struct facts facts = {0};

	write_record(rig, 8, true, RECORD_HELD);
	write_file(rig, "claim-12.json", "{");
	add_group(&facts, 8);
	add_group(&facts, 9);
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, "lab", 0);
	assert_nobody_knows(&facts, 9, -EUCLEAN);
	facts_release(&facts);
}

static void marks_nothing_without_a_folder(struct rig *rig)
{
	struct facts facts = {0};
	int file;

	add_group(&facts, 8);
	move_to(rig, "none");
	assert_int_equal(journal_mark_owners(rig->journal, &facts), 0);
	assert_owner(&facts, 8, NULL, 0);
	file = openat(rig->root, "none", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	close(file);
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
	{"lock@a-change-under-way-einprogress", waits_for_workers},
	{"lock@its-own-changes", lets_its_own_workers},
	{"lock@of-others-euclean", locks_of_others},
	{"lock@ends-with-its-process", locks_end_with_their_process},
	{"lock@is-waited-for", locks_are_waited_for},
	{"lives@as-long-as-its-process", lives_as_long_as_its_process},
	{"lives@kept-outlives-its-process", kept_outlives_its_process},
	{"lives@kept-and-not-complete-does-not", kept_and_not_complete_does_not},
	{"lives@with-a-child-that-inherited-it", lives_with_a_child},
	{"lives@with-what-is-shared", lives_with_what_is_shared},
	{"entry-lock@held-ebusy", record_lock_excludes},
	{"held@not-known", record_lock_not_known},
	{"entry-lock@gone-enoent", record_has_gone},
	{"read@as-nobody-eacces", record_is_roots_alone},
	{"read@damaged", damaged},
	{"damaged@under-anothers-name", copied},
	{"read@larger-than-any-is-damaged", larger_than_any},
	{"read@other-boot", of_another_boot},
	{"read@files-of-others", files_of_others},
	{"read@boot-not-known", of_a_boot_that_is_not_known},
	{"read@older-version", of_an_older_version},
	{"read@in-the-order-of-groups", in_the_order_of_groups},
	{"enter@folder-moved-euclean", folder_has_gone},
	{"enter@what-it-says-now", enters_what_it_says_now},
	{"forget@other-boot", forgets_what_is_of_another_boot},
	{"set-aside@a-record-by-now-enoent", a_record_is_not_set_aside},
	{"folder@of-others-euclean", folders_of_others},
	{"set-aside@names-taken", set_aside},
	{"clean@unfinished-and-nobodys", cleans},
	{"folder@is-made", folder_is_made},
	{"folder@missing-enoent", folder_is_missing},
	{"folder@a-file-enotdir", folder_is_a_file},
	{"folder@read-only-eacces", folder_can_only_be_read},
	{"owners@of-living-claims", marks_owners},
	{"owners@over-who-has-it-open", marks_over_who_has_it_open},
	{"owners@by-device-not-by-number", marks_by_device},
	{"owners@damage-hides-the-others", damage_hides_owners},
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
	struct rig rig = {.folder = "/tmp"};
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(mount_small(&rig, "/tmp") ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	if (may_mount())
		ADD_ROWS(&suite, mount_cases, run_case);
	return suite_run(&suite, "journal");
}
