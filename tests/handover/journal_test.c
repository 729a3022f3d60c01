/* SPDX-License-Identifier: MIT */
/* What the files of a journal are at each point of a claim, and what becomes of files that are no
 * records. */
#define _GNU_SOURCE
#include "journal_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- running ---- */

static const struct journal_case cases[] = {
	{"begin@whole-locked-private", begins_with_a_whole_record},
	{"begin@over-what-was-left", begins_over_what_was_left},
	{"hold@then-let-go", holds_and_lets_go},
	{"let-go@once-and-only-what-is-held", lets_go_once},
	{"drop@again-is-harmless", drops},
	{"note@what-was-done-only", notes_what_was_done},
	{"note@no-name-damages-the-record", notes_do_not_damage},
	{"read@damaged", damaged},
	{"damaged@under-anothers-name", copied},
	{"read@larger-than-any-is-damaged", larger_than_any},
	{"read@other-boot", of_another_boot},
	{"read@boot-not-known", of_a_boot_that_is_not_known},
	{"read@older-version", of_an_older_version},
	{"read@in-the-order-of-groups", in_the_order_of_groups},
	{"enter@folder-moved-euclean", folder_has_gone},
	{"enter@what-it-says-now", enters_what_it_says_now},
	{"forget@other-boot", forgets_what_is_of_another_boot},
	{"set-aside@a-record-by-now-enoent", a_record_is_not_set_aside},
	{"set-aside@names-taken", set_aside},
	{"clean@unfinished-and-nobodys", cleans},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, cases, run_case);
	return suite_run(&suite, "journal");
}
