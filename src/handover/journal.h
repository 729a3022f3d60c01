/* SPDX-License-Identifier: MIT */
/*
 * The journal: a folder with one record for each claim, and a lock for each group.
 *
 *	claim-8.json    the record of the claim whose first group is 8
 *	group-8.lock    held by who is changing group 8's drivers, for as long as it takes
 *
 * A record's file is locked (an open file description lock) by those who stand behind its claim:
 * the process that made it and the command that it runs, each through a descriptor of its own. A
 * record that can be locked by another has nobody behind it. Records are whole from the moment that
 * they have their name, and on disk before anything is changed; they go when everything is put
 * back.
 *
 * Records and locks are their maker's alone: whoever could open one could stand behind it.
 *
 * Order of locks: groups, ascending, then a record. Lock files are never removed: a lock on a file
 * without a name excludes nobody.
 */
#ifndef DMAOWN_HANDOVER_JOURNAL_H
#define DMAOWN_HANDOVER_JOURNAL_H

#include "record.h"

struct journal;

enum entry_state {
	ENTRY_GOOD,
	ENTRY_DAMAGED,    /* the file is not a record: nothing is known of its claim */
	ENTRY_OTHER_BOOT, /* the kernel has forgotten what it tells of */
};

/* A record with its file. */
struct entry {
	char name[32]; /* in the folder */
	int fd;        /* -1: it is a link, and so damaged */
	enum entry_state state;
	struct record record; /* empty if damaged */
};

struct entries {
	struct entry *all;
	size_t count;
};

/* Locked groups. Room for all that a claim may have, so that its end needs no memory. */
struct group_locks {
	int fds[RECORD_GROUPS];
	size_t count;
};

/* Names a journal; the folder need not exist, and its path is copied. `boot` tells this boot of the
 * machine from any other. -ENOMEM. Undone by journal_close(). */
int journal_open(const char *folder, const char *boot, struct journal **out);
void journal_close(struct journal *journal);

const char *journal_folder(const struct journal *journal);
const char *journal_boot(const struct journal *journal);

/*
 * Locks the groups, in whatever order they are given, waiting no longer than that for others.
 * Makes the folder if it is not there. -E2BIG: more than RECORD_GROUPS; -ETIMEDOUT: another is
 * changing one of them; -EACCES, -EROFS, -ENOSPC and what else making files gives. Undone by
 * journal_unlock().
 */
int journal_lock(struct journal *journal, const int *groups, size_t count,
		 unsigned int milliseconds, struct group_locks *out);
void journal_unlock(struct group_locks *locks);

/*
 * Writes the record, with room for all that will be noted, and stores its entry, which is locked.
 * The groups must be locked, and no record has them. -ENOSPC, -EROFS and what else writing
 * gives: nothing is left. On success the record has moved into the entry.
 */
int journal_begin(struct journal *journal, struct record *record, struct entry *out);

/* Notes which of the changes were made. */
int journal_note(struct entry *entry, enum action action, const struct change *changes,
		 size_t count);

/* Notes that the claim is complete, and that its end has begun. */
int journal_hold(struct entry *entry);
int journal_let_go(struct entry *entry);

/* Removes the record's file. Its lock goes with entry_close(). */
int journal_drop(struct journal *journal, const struct entry *entry);

/* Gives the file a name that no record has, and stores it. */
int journal_set_aside(struct journal *journal, const struct entry *entry, char *name, size_t size);

/* Removes what writers that were killed left unfinished: it was never a record. */
void journal_clean(struct journal *journal);

/* Reads every record, in the order of their names; none without a folder. Each is open, and not
 * locked. Undone by entries_release(). */
int journal_read(struct journal *journal, struct entries *out);
void entries_release(struct entries *entries);

/* Takes the lock of a record. -EBUSY: somebody stands behind it; -ENOENT: it has gone meanwhile;
 * -EACCES: it can't be written. */
int entry_lock(struct entry *entry);

/*
 * Stores a descriptor that stands behind the record as the entry does, whose lock is ours, and goes
 * on to do so when the entry is closed; but nothing can be written through it: a command that must
 * not say what is put back may have it. The caller closes it. What open(2) and fcntl(2) give.
 */
int entry_share(const struct entry *entry, int *out);

/* Whether somebody else stands behind the record. */
bool entry_is_held(const struct entry *entry);

/* Whether the claim is to last: somebody else stands behind it, or it is kept and complete. */
bool entry_lives(const struct entry *entry);

/* Closes the file, and with it our share of the lock, and frees the record. */
void entry_close(struct entry *entry);

/* Makes the owners of living claims the owners of their groups, whoever has these open: by that
 * name they are released. -ENOMEM, and what reading the journal gives: some may be marked. */
int journal_mark_owners(struct journal *journal, struct facts *facts);

/* Says of the groups that nobody is seen to have that their owners are not known, since the records
 * could not be read. */
void journal_hide_owners(struct facts *facts, int err);

#endif
