/* SPDX-License-Identifier: MIT */
/* The locks of a journal: those of groups, which one process has at a time, and those of records,
 * by which who stands behind a claim is seen from elsewhere. */
#define _GNU_SOURCE
#include "journal_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE = 10000 };

/* ---- locks of groups ---- */

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

/* ---- who stands behind a claim ---- */

static void assert_seen(struct rig *rig, bool held, bool lives)
{
	struct entries entries;

	read_one(rig, &entries);
	assert_true(answer_is_yes(entry_is_held(&entries.all[0])) == held);
	assert_true(entry_lives(&entries.all[0]) == lives);
	entries_release(&entries);
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

/* ---- running ---- */

static const struct journal_case cases[] = {
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
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "journal-locks");
}
