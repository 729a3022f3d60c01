/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "journal.h"
#include "array.h"
#include "clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_PAUSE = 1, /* milliseconds between two looks at a lock, doubled each time */
	LONGEST_PAUSE = 50,

	NOTE_SIZE = 320, /* one line: an address is a file's name */
	RECORD_LIMIT = 16 << 20,
};

struct journal {
	char *folder, *boot;
};

int journal_open(const char *folder, const char *boot, struct journal **out)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return -ENOMEM;
	journal->folder = strdup(folder);
	journal->boot = strdup(boot);
	if (!journal->folder || !journal->boot) {
		journal_close(journal);
		return -ENOMEM;
	}
	*out = journal;
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	free(journal->folder);
	free(journal->boot);
	free(journal);
}

const char *journal_folder(const struct journal *journal)
{
	return journal->folder;
}

const char *journal_boot(const struct journal *journal)
{
	return journal->boot;
}

/* Returns a descriptor of the folder, which the caller closes. */
static int open_folder(const struct journal *journal)
{
	int fd = open(journal->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_folder(const struct journal *journal)
{
	if (mkdir(journal->folder, 0755) != 0 && errno != EEXIST)
		return -errno;
	return open_folder(journal);
}

/* ---- locks ---- */

/* A lock of the whole file, which belongs to its open description: a child has it too. */
static int set_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static int try_lock(int fd)
{
	return set_lock(fd, F_WRLCK);
}

static int wait_for_lock(int fd, long end)
{
	long pause = FIRST_PAUSE;
	int err;

	while ((err = try_lock(fd)) == -EBUSY && clock_now() < end) {
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
	return err == -EBUSY ? -ETIMEDOUT : err;
}

static int lock_group(int folder, int group, long end, int *out)
{
	char name[32];
	int fd, err;

	snprintf(name, sizeof(name), "group-%d.lock", group);
	fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = wait_for_lock(fd, end);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

static int compare_ids(const void *first, const void *second)
{
	const int *a = first, *b = second;

	return (*a > *b) - (*a < *b);
}

/* Copies the groups ascending, each once, and stores how many they are. */
static size_t sort_groups(const int *groups, size_t count, int *sorted)
{
	size_t unique = 0;

	memcpy(sorted, groups, count * sizeof(*groups));
	qsort(sorted, count, sizeof(*sorted), compare_ids);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[unique++] = sorted[i];
	}
	return unique;
}

int journal_lock(struct journal *journal, const int *groups, size_t count,
		 unsigned int milliseconds, struct group_locks *out)
{
	long end = clock_now() + milliseconds;
	int sorted[RECORD_GROUPS];
	int folder, err = 0;

	if (count > RECORD_GROUPS)
		return -E2BIG;
	folder = make_folder(journal);
	if (folder < 0)
		return folder;
	count = sort_groups(groups, count, sorted);
	out->count = 0;
	while (!err && out->count < count) {
		err = lock_group(folder, sorted[out->count], end, &out->fds[out->count]);
		out->count += !err;
	}
	close(folder);
	if (err)
		journal_unlock(out);
	return err;
}

void journal_unlock(struct group_locks *locks)
{
	for (size_t i = 0; i < locks->count; i++)
		close(locks->fds[i]);
	locks->count = 0;
}

/* ---- writing ---- */

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
	off_t size = (off_t)(length + (3 * record->device_count + 1) * NOTE_SIZE);

	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) == 0 || errno == EOPNOTSUPP)
		return 0;
	return -errno;
}

static int write_record(int fd, const struct record *record)
{
	char *text;
	int err = record_print(record, &text);

	if (err)
		return err;
	err = try_lock(fd);
	if (!err)
		err = make_room(fd, strlen(text), record);
	if (!err)
		err = write_all(fd, text, strlen(text));
	if (!err && fsync(fd) != 0)
		err = -errno;
	free(text);
	return err;
}

/* What a killed writer left under the first name is overwritten: the group is locked. */
static int create_record(int folder, const struct record *record, struct entry *entry)
{
	char unfinished[sizeof(entry->name)];
	int fd, err;

	snprintf(unfinished, sizeof(unfinished), ".claim-%d.new", record->groups[0].id);
	fd = openat(folder, unfinished,
		    O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	err = write_record(fd, record);
	if (err)
		goto remove;
	snprintf(entry->name, sizeof(entry->name), "claim-%d.json", record->groups[0].id);
	if (renameat(folder, unfinished, folder, entry->name) != 0) {
		err = -errno;
		goto remove;
	}
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
	int folder = open_folder(journal);
	int err;

	if (folder < 0)
		return folder;
	err = create_record(folder, record, out);
	close(folder);
	if (err)
		return err;
	out->state = ENTRY_GOOD;
	out->record = *record;
	*record = (struct record) {0};
	return 0;
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
		err = write_all(entry->fd, line, strlen(line));
	}
	return err;
}

static int write_mark(struct entry *entry, const char *mark)
{
	int err = write_all(entry->fd, mark, strlen(mark));

	return !err && fdatasync(entry->fd) != 0 ? -errno : err;
}

int journal_hold(struct entry *entry)
{
	int err = write_mark(entry, RECORD_HELD);

	entry->record.held = !err;
	return err;
}

int journal_let_go(struct entry *entry)
{
	int err = entry->record.held ? write_mark(entry, RECORD_ENDING) : 0;

	if (!err)
		entry->record.held = false;
	return err;
}

int journal_drop(struct journal *journal, const struct entry *entry)
{
	int folder = open_folder(journal);
	int err = 0;

	if (folder < 0)
		return folder;
	if (unlinkat(folder, entry->name, 0) != 0 && errno != ENOENT)
		err = -errno;
	close(folder);
	return err;
}

int journal_set_aside(struct journal *journal, const struct entry *entry, char *name, size_t size)
{
	int folder = open_folder(journal), err = -EEXIST;

	if (folder < 0)
		return folder;
	for (unsigned int i = 1; err == -EEXIST && i < 1000; i++) {
		snprintf(name, size, "%s.aside-%u", entry->name, i);
		err = renameat2(folder, entry->name, folder, name, RENAME_NOREPLACE) ? -errno : 0;
	}
	close(folder);
	return err;
}

/* ---- reading ---- */

static bool has_form(const char *name, const char *begin, const char *end)
{
	size_t length = strlen(name), first = strlen(begin), last = strlen(end);

	return length > first + last && length < sizeof(((struct entry *)0)->name) &&
	       strncmp(name, begin, first) == 0 && strcmp(name + length - last, end) == 0;
}

static bool is_record(const char *name)
{
	return has_form(name, "claim-", ".json");
}

/* The file's text, which the caller frees. -EINVAL: it is larger than any record, or no file. */
static int read_text(int fd, char **out, size_t *length)
{
	struct stat status;
	ssize_t got;
	char *text;

	if (fstat(fd, &status) != 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size > RECORD_LIMIT)
		return -EINVAL;
	text = malloc((size_t)status.st_size + 1);
	if (!text)
		return -ENOMEM;
	got = pread(fd, text, (size_t)status.st_size, 0);
	if (got < 0) {
		free(text);
		return -errno;
	}
	*out = text;
	*length = (size_t)got;
	return 0;
}

static int read_entry(const struct journal *journal, struct entry *entry)
{
	size_t length = 0;
	char *text = NULL;
	int err = read_text(entry->fd, &text, &length);

	if (!err)
		err = record_parse(text, length, &entry->record);
	free(text);
	if (err == -EINVAL) {
		entry->state = ENTRY_DAMAGED;
		return 0;
	}
	if (!err && strcmp(entry->record.boot, journal->boot) != 0)
		entry->state = ENTRY_OTHER_BOOT;
	return err;
}

/* Who may not write the journal may read it. */
static int open_entry(const struct journal *journal, int folder, const char *name,
		      struct entry *out)
{
	struct entry entry = {
		.fd = openat(folder, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW)};
	int err;

	if (entry.fd < 0)
		entry.fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (entry.fd < 0 && errno != ELOOP)
		return -errno;
	strcpy(entry.name, name);
	if (entry.fd < 0)
		entry.state = ENTRY_DAMAGED; /* a link, which nobody of us has made */
	err = entry.fd < 0 ? 0 : read_entry(journal, &entry);
	if (err)
		close(entry.fd);
	else
		*out = entry;
	return err;
}

static int add_entry(const struct journal *journal, int folder, const char *name,
		     struct entries *entries)
{
	struct entry *more = array_with_room(entries->all, entries->count, sizeof(*more));
	int err;

	if (!more)
		return -ENOMEM;
	entries->all = more;
	err = open_entry(journal, folder, name, &more[entries->count]);
	entries->count += !err;
	return err == -ENOENT ? 0 : err;
}

static int compare_entries(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;

	return strverscmp(a->name, b->name);
}

static int read_folder(const struct journal *journal, DIR *folder, struct entries *out)
{
	struct entries entries = {0};
	struct dirent *found;
	int err = 0;

	while (!err && (found = readdir(folder))) {
		if (is_record(found->d_name))
			err = add_entry(journal, dirfd(folder), found->d_name, &entries);
	}
	if (err) {
		entries_release(&entries);
		return err;
	}
	if (entries.count > 1)
		qsort(entries.all, entries.count, sizeof(*entries.all), compare_entries);
	*out = entries;
	return 0;
}

int journal_read(struct journal *journal, struct entries *out)
{
	int fd = open_folder(journal), err;
	DIR *folder;

	if (fd == -ENOENT) {
		*out = (struct entries) {0};
		return 0;
	}
	if (fd < 0)
		return fd;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	err = read_folder(journal, folder, out);
	closedir(folder);
	return err;
}

void entries_release(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		entry_close(&entries->all[i]);
	free(entries->all);
	*entries = (struct entries) {0};
}

/* Removes the file if nobody is writing it. */
static void remove_unfinished(int folder, const char *name)
{
	struct entry entry = {.fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};

	if (entry.fd < 0)
		return;
	if (!entry_is_held(&entry))
		unlinkat(folder, name, 0);
	close(entry.fd);
}

void journal_clean(struct journal *journal)
{
	int fd = open_folder(journal);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((found = readdir(folder))) {
		if (has_form(found->d_name, ".claim-", ".new"))
			remove_unfinished(fd, found->d_name);
	}
	closedir(folder);
}

int entry_lock(struct entry *entry)
{
	struct stat status;
	int err = try_lock(entry->fd);

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
	err = set_lock(entry->fd, F_RDLCK);
	if (!err)
		err = set_lock(fd, F_RDLCK);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

bool entry_is_held(const struct entry *entry)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(entry->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool entry_lives(const struct entry *entry)
{
	if (entry->state != ENTRY_GOOD)
		return false;
	return (entry->record.kept && entry->record.held) || entry_is_held(entry);
}

void entry_close(struct entry *entry)
{
	if (entry->fd >= 0)
		close(entry->fd);
	record_release(&entry->record);
	entry->fd = -1;
}

static int mark_owner(const struct record *record, struct facts *facts)
{
	for (size_t i = 0; i < record->group_count; i++) {
		struct group_facts *group = facts_group(facts, record->groups[i].id);
		int err;

		if (!group)
			continue;
		err = facts_set_string(&group->owner.name, record->owner);
		if (err)
			return err;
		group->owner.kind = OWNER_USER;
		group->owner.pid = record->kept ? 0 : record->pid;
		group->owner.uid = record->uid;
	}
	return 0;
}

int journal_mark_owners(struct journal *journal, struct facts *facts)
{
	struct entries entries;
	int err = journal_read(journal, &entries);

	if (err)
		return err;
	for (size_t i = 0; i < entries.count && !err; i++) {
		if (entry_lives(&entries.all[i]))
			err = mark_owner(&entries.all[i].record, facts);
	}
	entries_release(&entries);
	return err;
}

void journal_hide_owners(struct facts *facts, int err)
{
	for (size_t i = 0; i < facts->group_count; i++) {
		struct owner_facts *owner = &facts->groups[i].owner;

		if (owner->kind == OWNER_NONE)
			*owner = (struct owner_facts) {
				.kind = OWNER_NOT_KNOWN, .hidden_by = err, .uid = -1};
	}
}
