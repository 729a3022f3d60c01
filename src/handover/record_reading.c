/* SPDX-License-Identifier: MIT */
/* Records as they are found: whose they are, what they say, and whether anybody stands behind. */
#define _GNU_SOURCE
#include "array.h"
#include "journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_LIMIT = 16 << 20 };

const char *entry_state_words(const struct entry *entry)
{
	static const char *const words[] = {
		[ENTRY_GOOD] = "is a record",
		[ENTRY_DAMAGED] = "is damaged (dmaown recover sets it aside)",
		[ENTRY_NOT_OURS] =
			"is not root's own file: owner, mode, type or links (dmaown recover sets "
			"it aside)",
		[ENTRY_OTHER_BOOT] = "is from another boot (dmaown recover drops it)",
		[ENTRY_BOOT_NOT_KNOWN] = "is of a boot that can't be compared with this one "
					 "(/proc/sys/kernel/random/boot_id must be readable)",
	};

	return words[entry->state];
}

/* ---- one file ---- */

/* The file's text, which the caller frees. -EINVAL: it is larger than any record. */
static int read_text(int fd, const struct stat *status, char **out, size_t *length)
{
	size_t size = (size_t)status->st_size, got = 0;
	ssize_t now = 1;
	char *text;

	if (status->st_size > RECORD_LIMIT)
		return -EINVAL;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	while (got < size && now > 0) {
		now = pread(fd, text + got, size - got, (off_t)got);
		got += now > 0 ? (size_t)now : 0;
	}
	if (now < 0) {
		free(text);
		return -errno;
	}
	*out = text;
	*length = got;
	return 0;
}

static enum entry_state boot_state(const struct journal *journal, const struct record *record)
{
	if (!journal->boot)
		return ENTRY_BOOT_NOT_KNOWN;
	return strcmp(record->boot, journal->boot) == 0 ? ENTRY_GOOD : ENTRY_OTHER_BOOT;
}

/* A record has its name from its first group: a copy of it under another name, which nobody has
 * locked, is not taken for an abandoned claim. */
static bool is_so_named(const struct entry *entry)
{
	return strtol(entry->name + strlen("claim-"), NULL, 10) == entry->record.groups[0].id;
}

/* Reads what the entry's descriptor is of. */
static int read_entry(const struct journal *journal, struct entry *entry)
{
	struct stat status;
	size_t length = 0;
	char *text = NULL;
	int err = believe_file(entry->fd, &status);

	if (err == -EUCLEAN) {
		entry->state = ENTRY_NOT_OURS;
		return 0;
	}
	if (!err)
		err = read_text(entry->fd, &status, &text, &length);
	if (!err)
		err = record_parse(text, length, &entry->record);
	if (!err && !is_so_named(entry)) {
		record_release(&entry->record);
		err = -EINVAL;
	}
	entry->length = (long long)length;
	free(text);
	if (err == -EINVAL) {
		entry->state = ENTRY_DAMAGED;
		return 0;
	}
	if (!err)
		entry->state = boot_state(journal, &entry->record);
	return err;
}

/* Opening a file that is none of ours must not wait, and do nothing to it. */
static int open_record(int folder, const char *name)
{
	enum { FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };
	int fd = openat(folder, name, O_RDWR | O_APPEND | FLAGS);

	if (fd < 0 && errno != ENOENT && errno != ELOOP)
		fd = openat(folder, name, O_RDONLY | FLAGS);
	return fd < 0 ? -errno : fd;
}

/* Links, sockets and devices without a driver: nothing of what we make is such a thing. */
static bool is_no_file(int err)
{
	return err == -ELOOP || err == -ENXIO || err == -ENODEV;
}

int open_entry(const struct journal *journal, int folder, const struct entry *named,
	       struct entry *out)
{
	struct entry entry = {.fd = open_record(folder, named->name),
			      .old_folder = named->old_folder};
	int err = 0;

	memcpy(entry.name, named->name, sizeof(entry.name));
	if (entry.fd < 0 && !is_no_file(entry.fd))
		return entry.fd;
	if (entry.fd < 0) {
		entry.fd = -1;
		entry.state = ENTRY_NOT_OURS;
	} else {
		err = read_entry(journal, &entry);
	}
	if (err)
		entry_close(&entry);
	else
		*out = entry;
	return err;
}

int entry_enter(const struct journal *journal, struct entry *entry)
{
	int folder = open_folder_of(journal, entry);
	struct entry again = {.fd = -1};
	struct answer there;
	struct stat status;
	int err = 0;

	if (folder < 0)
		return folder == -ENOENT ? -EUCLEAN : folder; /* the file is somewhere else */
	there = entry_has_its_name(folder, entry);
	close(folder);
	if (!answer_is_yes(there))
		return answer_is_no(there) ? -ENOENT : answer_error(there);
	if (believe_file(entry->fd, &status) != 0)
		return -EUCLEAN;
	if (status.st_size == entry->length)
		return 0;
	again.fd = entry->fd;
	memcpy(again.name, entry->name, sizeof(again.name));
	err = read_entry(journal, &again);
	if (!err && again.state != ENTRY_GOOD)
		err = -EUCLEAN;
	if (err) {
		record_release(&again.record);
		return err;
	}
	record_release(&entry->record);
	entry->record = again.record;
	entry->length = again.length;
	return 0;
}

/* ---- all of them ---- */

static int add_entry(const struct journal *journal, int folder, const struct entry *named,
		     struct entries *entries)
{
	struct entry *more = array_with_room(entries->all, entries->count, sizeof(*more));
	int err;

	if (!more)
		return -ENOMEM;
	entries->all = more;
	err = open_entry(journal, folder, named, &more[entries->count]);
	entries->count += !err;
	return err == -ENOENT ? 0 : err;
}

static int compare_entries(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;

	return strverscmp(a->name, b->name);
}

/* Shows the names of a folder, whose descriptor it takes over. */
static int for_each_name(int fd, int (*show)(void *context, int folder, const char *name),
			 void *context)
{
	DIR *folder = fdopendir(fd);
	struct dirent *found;
	int err = 0;

	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (errno = 0, found = readdir(folder)))
		err = show(context, dirfd(folder), found->d_name);
	if (!err && !found && errno)
		err = -errno;
	closedir(folder);
	return err;
}

struct reading {
	struct journal *journal;
	struct entries entries;
	bool old_folder;
};

static int take_name(void *context, int folder, const char *name)
{
	struct reading *reading = context;
	struct entry named = {.fd = -1, .old_folder = reading->old_folder};

	if (!has_form(name, "claim-", ".json"))
		return 0;
	strcpy(named.name, name);
	return add_entry(reading->journal, folder, &named, &reading->entries);
}

static int read_folder(struct reading *reading, int fd)
{
	if (fd == -ENOENT)
		return 0;
	return fd < 0 ? fd : for_each_name(fd, take_name, reading);
}

int journal_read(struct journal *journal, struct entries *out)
{
	struct reading reading = {.journal = journal};
	int err = read_folder(&reading, open_claims_folder(journal));

	reading.old_folder = true;
	if (!err)
		err = read_folder(&reading, journal_open_state(journal));
	if (err) {
		entries_release(&reading.entries);
		return err;
	}
	if (reading.entries.count > 1)
		qsort(reading.entries.all, reading.entries.count, sizeof(*reading.entries.all),
		      compare_entries);
	*out = reading.entries;
	return 0;
}

void entries_release(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		entry_close(&entries->all[i]);
	free(entries->all);
	*entries = (struct entries) {0};
}

/* ---- what was set aside ---- */

struct asides {
	const struct journal *journal;
	void (*show)(void *context, const char *name);
	void *context;
};

/* Names of older versions do not tell the boot. */
static bool is_of_other_boot(const struct journal *journal, const char *number)
{
	const char *boot = strchr(number, '-');

	return boot && journal->boot && strstr(journal->boot, boot + 1) != journal->boot;
}

static int show_aside(void *context, int folder, const char *name)
{
	static const char mark[] = ".json.aside-";
	const struct asides *asides = context;
	const char *at = strstr(name, mark);

	if (strncmp(name, "claim-", strlen("claim-")) == 0 && at &&
	    !is_of_other_boot(asides->journal, at + strlen(mark)))
		asides->show(asides->context, name);
	return 0;
}

int journal_for_each_aside(struct journal *journal, void (*show)(void *context, const char *name),
			   void *context)
{
	struct asides asides = {.journal = journal, .show = show, .context = context};
	int claims = open_claims_folder(journal), state = journal_open_state(journal), err = 0;

	if (claims >= 0)
		err = for_each_name(claims, show_aside, &asides);
	else if (claims != -ENOENT)
		err = claims;
	if (state < 0)
		return err || state == -ENOENT ? err : state;
	if (err)
		close(state);
	return err ? err : for_each_name(state, show_aside, &asides);
}

/* ---- who stands behind one ---- */

int entry_lock(struct entry *entry)
{
	struct stat status;
	int err = set_file_lock(entry->fd, F_WRLCK);

	if (err)
		return err == -EBADF ? -EACCES : err;
	if (fstat(entry->fd, &status) != 0)
		return -errno;
	return status.st_nlink == 0 ? -ENOENT : 0;
}

/* Of two locks for reading either keeps others from one for writing. */
int entry_share(const struct entry *entry, int *out)
{
	char path[32];
	int fd, err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", entry->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = set_file_lock(entry->fd, F_RDLCK);
	if (!err)
		err = set_file_lock(fd, F_RDLCK);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

struct answer entry_is_held(const struct entry *entry)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(entry->fd, F_OFD_GETLK, &lock) != 0)
		return answer_hidden(-errno);
	return answer_of(lock.l_type != F_UNLCK);
}

bool entry_lives(const struct entry *entry)
{
	if (entry->state != ENTRY_GOOD)
		return false;
	return (entry->record.kept && entry->record.held) || !answer_is_no(entry_is_held(entry));
}

void entry_close(struct entry *entry)
{
	if (entry->fd >= 0)
		close(entry->fd);
	record_release(&entry->record);
	entry->fd = -1;
}
