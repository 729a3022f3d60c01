/* SPDX-License-Identifier: MIT */
/*
 * The journal: a folder with one record for each claim, and a lock for each group.
 *
 *	claims/claim-8.json    the record of the claim whose first group is 8
 *	locks/group-8.lock     locked by who is changing group 8's drivers, for as long as it takes
 *
 * A record's file is locked (an open file description lock) by those who stand behind its claim:
 * the process that made it and the command that it runs, each through a descriptor of its own. A
 * record that can be locked by another has nobody behind it. Records are whole from the moment that
 * they have their name, and on disk before anything is changed; they are only added to; and they go
 * when everything is put back.
 *
 * A group's lock has two bytes. The first is held, alone, by the process that changes the group.
 * The second is held by every worker that makes a change, together with others, and so for as long
 * as a change is under way whose process was killed. Whoever takes the first waits for the second
 * to be free.
 *
 * Records and locks are their maker's alone: whoever could open one could stand behind it. So a
 * folder or a file is believed only if it is ours or root's, nobody else may write to it (claims,
 * locks and records: nor read it), and it has one name.
 *
 * What is done to a record is done with its groups locked and after enter_record() has seen that it
 * is still there and what it says.
 *
 * Order of locks: groups, ascending, then a record. Lock files are never removed: a lock on a file
 * without a name excludes nobody.
 */
#ifndef DMAOWN_HANDOVER_JOURNAL_H
#define DMAOWN_HANDOVER_JOURNAL_H

#include "record.h"

struct journal;

/* Where a journal is. All is borrowed and copied, the root too. */
struct journal_place {
	int root;           /* what no path leads out of (inside.h) */
	const char *name;   /* what the root is called in messages: "" for "/" */
	const char *state;  /* below it: the folder in which claims/ is */
	const char *locks;  /* below it: the folder in which locks/ is */
	const char *boot;   /* tells this boot of the machine from any other; NULL: not known */
	int boot_hidden_by; /* the -errno that hid it */
};

enum entry_state {
	ENTRY_GOOD,
	ENTRY_DAMAGED,        /* the file is not a record: nothing is known of its claim */
	ENTRY_NOT_OURS,       /* anybody may have written it, or it has another name elsewhere */
	ENTRY_OTHER_BOOT,     /* the kernel has forgotten what it tells of */
	ENTRY_BOOT_NOT_KNOWN, /* it can't be told whether the kernel has */
};

/* A record with its file. */
struct entry {
	char name[32];   /* in its folder */
	bool old_folder; /* which is the state folder itself, where older versions put it */
	int fd;          /* -1: it could not be opened as a record is, and so is not ours */
	enum entry_state state;
	struct record record; /* empty if damaged */
	long long length;     /* of what was read */
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

/* Opens a journal, whose folders need not exist. -ENOMEM, -EMFILE. Undone by journal_close(). */
int journal_open(const struct journal_place *place, struct journal **out);
void journal_close(struct journal *journal);

/* The paths of the folder of records, of the one around it, and of the one around the locks, as
 * people write them. */
const char *journal_folder(const struct journal *journal);
const char *journal_state_folder(const struct journal *journal);
const char *journal_locks_folder(const struct journal *journal);

/* Opens the state folder, if it can be believed, which the caller closes. -ENOENT: there is none;
 * -EUCLEAN: others may write to it. */
int journal_open_state(const struct journal *journal);

/* What tells this boot from others; NULL: not known. */
const char *journal_boot(const struct journal *journal);

/* Writes the path, below the machine's root, of the group's lock, for struct change. It is cut off
 * where it does not fit, and then nobody's. */
void journal_guard(const struct journal *journal, int group, char *out, size_t size);

/*
 * Locks the groups, in whatever order they are given, waiting no longer than that for others.
 * Makes the folder if it is not there. -E2BIG: more than RECORD_GROUPS; -ETIMEDOUT: another is
 * changing one of them; -EINPROGRESS: a process that was killed had begun a change, which has not
 * ended; -ENOLCK: the folder around that of the locks is not there, which is not to be taken for a
 * record that has gone; -EUCLEAN: the folder or a lock is not ours alone; -EACCES, -EROFS, -ENOSPC
 * and what else making files gives. Undone by journal_unlock().
 */
int journal_lock(struct journal *journal, const int *groups, size_t count,
		 unsigned int milliseconds, struct group_locks *out);
void journal_unlock(struct group_locks *locks);

/*
 * Writes the record, with room for all that will be noted, and stores its entry, which is locked.
 * The groups must be locked. -ENOKEY: this boot can't be told from others; -EUCLEAN: the folder is
 * not ours alone; -ENOSPC, -EROFS and what else writing gives: nothing is left. On success the
 * record has moved into the entry.
 */
int journal_begin(struct journal *journal, struct record *record, struct entry *out);

/* Notes which of the changes were made. */
int journal_note(struct entry *entry, enum action action, const struct change *changes,
		 size_t count);

/* Notes that the claim is complete, and that its end has begun. */
int journal_hold(struct entry *entry);
int journal_let_go(struct entry *entry);

/* Notes that the record's device at `place` is another claim's from now on. */
int journal_note_lost(struct entry *entry, size_t place);

/* Removes the record's file, with its groups locked. Its lock goes with entry_close(). */
int journal_drop(struct journal *journal, const struct entry *entry);

/*
 * Gives a file that is no record, or not ours, a name that no record has, and stores it. Locks the
 * group of its name meanwhile: -ETIMEDOUT, -EINPROGRESS as journal_lock(); -EBUSY: somebody has the
 * file locked; -ENOENT: it has gone, or it is a record by now.
 */
int journal_set_aside(struct journal *journal, struct entry *entry, unsigned int milliseconds,
		      char *name, size_t size);

/* Removes a record of another boot; locks and answers as journal_set_aside(). */
int journal_forget(struct journal *journal, struct entry *entry, unsigned int milliseconds);

/* Shows the names of the files that were set aside, by this boot as far as is known. What reading
 * the folder gives. */
int journal_for_each_aside(struct journal *journal, void (*show)(void *context, const char *name),
			   void *context);

/* Removes what writers that were killed left unfinished: it was never a record. */
void journal_clean(struct journal *journal);

/* Reads every record, in the order of their names; none without a folder. Each is open, and not
 * locked. -EUCLEAN: the folder is not ours alone. Undone by entries_release(). */
int journal_read(struct journal *journal, struct entries *out);
void entries_release(struct entries *entries);

/* What is wrong with a record that is not ENTRY_GOOD, and what to do, in words. */
const char *entry_state_words(const struct entry *entry);

/*
 * Makes sure, with the record's groups locked, that the file is still the record of that name, and
 * that what was read is what it says; else reads it again. -ENOENT: it has gone; -EUCLEAN: it is
 * no record of this boot any more; -ENOMEM and what reading gives.
 */
int entry_enter(const struct journal *journal, struct entry *entry);

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
struct answer entry_is_held(const struct entry *entry);

/* Whether the claim is to last: it is kept and complete, or somebody else stands behind it, or that
 * is not known. */
bool entry_lives(const struct entry *entry);

/* Closes the file, and with it our share of the lock, and frees the record. */
void entry_close(struct entry *entry);

/*
 * Makes the owners of living claims the owners of the groups of those of their devices that they
 * still have, whoever has these open: by that name they are released. -ENOMEM, and what reading the
 * journal gives: some may be marked.
 */
int journal_mark_owners(struct journal *journal, struct facts *facts);

/* Says of the groups that nobody is seen to have that their owners are not known, since the records
 * could not be read. */
void journal_hide_owners(struct facts *facts, int err);

#endif
