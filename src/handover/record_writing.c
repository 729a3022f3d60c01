/* SPDX-License-Identifier: MIT */
/* Records on disk: begun, added to, removed and set aside. */
#define _GNU_SOURCE
#include "journal_files.h"
#include "renameat2.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	NOTE_SIZE = 320, /* one line: an address is a file's name */
	MOST_RECORDS = 1000,
};

/* ---- beginning ---- */

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

/* So that no note fails for want of room, where the file system can promise that. */
static int make_room(int fd, size_t length, const struct record *record)
{
	off_t size = (off_t)(length + (4 * record->device_count + 2) * NOTE_SIZE);

	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0 || errno == EOPNOTSUPP)
		return 0;
	return -errno;
}

static int write_record(int fd, const struct record *record, long long *length)
{
	char *text;
	int err = record_print(record, &text);

	if (err)
		return err;
	*length = (long long)strlen(text);
	err = set_file_lock(fd, F_WRLCK);
	if (!err)
		err = make_room(fd, strlen(text), record);
	if (!err)
		err = write_all(fd, text, strlen(text));
	if (!err && fsync(fd) != 0)
		err = -errno;
	free(text);
	return err;
}

/* The group is locked: what has the name was left by a writer that was killed. */
static int create_unfinished(int folder, const char *name)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW };
	int fd = openat(folder, name, FLAGS, 0600);

	if (fd < 0 && errno == EEXIST && unlinkat(folder, name, 0) == 0)
		fd = openat(folder, name, FLAGS, 0600);
	return fd < 0 ? -errno : fd;
}

/* Gives the file the first free name of its group's. A record that has its name already is of
 * devices that are in the group no more. */
static int give_name(int folder, const char *unfinished, int group, struct entry *entry)
{
	int err = -EEXIST;

	for (int i = 1; err == -EEXIST && i < MOST_RECORDS; i++) {
		if (i == 1)
			snprintf(entry->name, sizeof(entry->name), "claim-%d.json", group);
		else
			snprintf(entry->name, sizeof(entry->name), "claim-%d.%d.json", group, i);
		err = renameat2(folder, unfinished, folder, entry->name, RENAME_NOREPLACE) ? -errno
											   : 0;
	}
	return err;
}

static int create_record(int folder, const struct record *record, struct entry *entry)
{
	char unfinished[sizeof(entry->name)];
	int fd, err;

	snprintf(unfinished, sizeof(unfinished), ".claim-%d.new", record->groups[0].id);
	fd = create_unfinished(folder, unfinished);
	if (fd < 0)
		return fd;
	err = write_record(fd, record, &entry->length);
	if (!err)
		err = give_name(folder, unfinished, record->groups[0].id, entry);
	if (err)
		goto remove;
	if (fsync(folder) != 0) {
		err = -errno;
		unlinkat(folder, entry->name, 0);
		goto close;
	}
	entry->fd = fd;
	return 0;

remove:
	unlinkat(folder, unfinished, 0);
close:
	close(fd);
	return err;
}

int journal_begin(struct journal *journal, struct record *record, struct entry *out)
{
	struct entry entry = {.fd = -1, .state = ENTRY_GOOD};
	int folder, err;

	if (!journal->boot)
		return -ENOKEY;
	folder = make_claims_folder(journal);
	if (folder < 0)
		return folder;
	err = create_record(folder, record, &entry);
	close(folder);
	if (err)
		return err;
	*out = entry;
	out->record = *record;
	*record = (struct record) {0};
	return 0;
}

/* ---- notes ---- */

/* A line that could not be written whole is cut off, so that the next does not hang on to it. */
static int add_line(struct entry *entry, const char *line)
{
	size_t length = strlen(line);
	int err = write_all(entry->fd, line, length);

	if (err && ftruncate(entry->fd, entry->length) != 0)
		return err;
	if (!err)
		entry->length += (long long)length;
	return err;
}

/* Whether the name fits into a note and stands in JSON as it is. */
static bool is_plain(const char *name)
{
	size_t length = 0;

	for (; name[length]; length++) {
		if ((unsigned char)name[length] < ' ' || strchr("\"\\", name[length]))
			return false;
	}
	return length <= NAME_MAX;
}

/* Notes need no memory, and nobody is misled by one that is missing: of a name that would have to
 * be escaped there is none. */
int journal_note(struct entry *entry, enum action action, const struct change *changes,
		 size_t count)
{
	char line[NOTE_SIZE];
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		if (changes[i].result || !is_plain(changes[i].device))
			continue;
		snprintf(line, sizeof(line), "{\"done\":\"%s\",\"device\":\"%s\"}\n",
			 action_name(action), changes[i].device);
		err = add_line(entry, line);
	}
	return err;
}

static int add_mark(struct entry *entry, const char *mark)
{
	int err = add_line(entry, mark);

	return !err && fdatasync(entry->fd) != 0 ? -errno : err;
}

int journal_hold(struct entry *entry)
{
	int err = add_mark(entry, RECORD_HELD);

	entry->record.held = !err;
	return err;
}

int journal_let_go(struct entry *entry)
{
	int err = entry->record.held ? add_mark(entry, RECORD_ENDING) : 0;

	if (!err)
		entry->record.held = false;
	return err;
}

/* By its place, which is a number whatever the device is called. */
int journal_note_lost(struct entry *entry, size_t place)
{
	char line[NOTE_SIZE];
	int err;

	snprintf(line, sizeof(line), "{\"lost\":%zu}\n", place);
	err = add_mark(entry, line);
	if (!err)
		record_lose(&entry->record, place);
	return err;
}

/* ---- going ---- */

int journal_drop(struct journal *journal, const struct entry *entry)
{
	int folder = open_folder_of(journal, entry);
	struct answer there;
	int err = 0;

	if (folder < 0)
		return folder;
	there = entry_has_its_name(folder, entry);
	if (answer_is_yes(there) && unlinkat(folder, entry->name, 0) != 0 && errno != ENOENT)
		err = -errno;
	else if (!answer_is_yes(there) && !answer_is_no(there))
		err = answer_error(there);
	close(folder);
	return err;
}

/* The number in the name of a file that can tell nothing else of its group. */
static int group_of_name(const char *name)
{
	long number = strtol(name + strlen("claim-"), NULL, 10);

	return number < 0 || number > INT_MAX ? 0 : (int)number;
}

/* Opens the file of that name anew and judges it again. */
static int judge_again(struct journal *journal, struct entry *entry)
{
	int folder = open_folder_of(journal, entry), err;
	struct entry again;

	if (folder < 0)
		return folder == -ENOENT ? -EUCLEAN : folder; /* the file is somewhere else */
	err = open_entry(journal, folder, entry, &again);
	close(folder);
	if (err)
		return err;
	if (again.state == entry->state && again.fd >= 0)
		err = set_file_lock(again.fd, F_WRLCK);
	if (again.state != entry->state)
		err = -ENOENT;
	if (err && err != -EBADF) {
		entry_close(&again);
		return err;
	}
	entry_close(entry);
	*entry = again;
	return 0;
}

/* Locks what such a file is moved under: whoever makes a record of that group waits meanwhile, and
 * what others have made of it before is seen. */
static int begin_judging(struct journal *journal, struct entry *entry, unsigned int milliseconds,
			 struct group_locks *locks)
{
	int group = group_of_name(entry->name);
	int err = journal_lock(journal, &group, 1, milliseconds, locks);

	if (err)
		return err;
	err = judge_again(journal, entry);
	if (err)
		journal_unlock(locks);
	return err;
}

/* A name tells when it was: boots are told apart by the beginning of their ids. */
static int move_aside(struct journal *journal, const struct entry *entry, char *name, size_t size)
{
	int folder = open_folder_of(journal, entry), err = -EEXIST;

	if (folder < 0)
		return folder;
	for (unsigned int i = 1; err == -EEXIST && i < MOST_RECORDS; i++) {
		snprintf(name, size, "%s.aside-%u%s%.8s", entry->name, i, journal->boot ? "-" : "",
			 journal->boot ? journal->boot : "");
		err = renameat2(folder, entry->name, folder, name, RENAME_NOREPLACE) ? -errno : 0;
	}
	close(folder);
	return err;
}

int journal_set_aside(struct journal *journal, struct entry *entry, unsigned int milliseconds,
		      char *name, size_t size)
{
	struct group_locks locks;
	int err = begin_judging(journal, entry, milliseconds, &locks);

	if (err)
		return err;
	err = move_aside(journal, entry, name, size);
	journal_unlock(&locks);
	return err;
}

int journal_forget(struct journal *journal, struct entry *entry, unsigned int milliseconds)
{
	struct group_locks locks;
	int err = begin_judging(journal, entry, milliseconds, &locks);

	if (err)
		return err;
	err = journal_drop(journal, entry);
	journal_unlock(&locks);
	return err;
}

/* ---- what killed writers left ---- */

/* Removes the file if nobody is writing it: who would has the group locked. */
static void remove_unfinished(struct journal *journal, int folder, const char *name)
{
	const int group = (int)strtol(name + strlen(".claim-"), NULL, 10);
	struct group_locks locks;
	struct stat status;
	int fd;

	if (journal_lock(journal, &group, 1, 0, &locks) != 0)
		return;
	fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		if (believe_file(fd, &status) != 0 || set_file_lock(fd, F_WRLCK) == 0)
			unlinkat(folder, name, 0);
		close(fd);
	}
	journal_unlock(&locks);
}

void journal_clean(struct journal *journal)
{
	int fd = open_claims_folder(journal);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((found = readdir(folder))) {
		if (has_form(found->d_name, ".claim-", ".new"))
			remove_unfinished(journal, fd, found->d_name);
	}
	closedir(folder);
}
