/* SPDX-License-Identifier: MIT */
/* The folders and files of a journal: opened only if they can be believed, and locked. */
#ifndef DMAOWN_HANDOVER_JOURNAL_FILES_H
#define DMAOWN_HANDOVER_JOURNAL_FILES_H

#include "answer.h"
#include "journal.h"

#include <sys/stat.h>

struct journal {
	int root;
	char *state, *claims, *around_locks, *locks;    /* below the root */
	char *shown_state, *shown_claims, *shown_locks; /* as people write them */
	char *boot;                                     /* NULL: not known */
};

/* 0, or -EUCLEAN: it is neither ours nor root's, or has one of the forbidden permissions. */
int believe_folder(int fd, mode_t forbidden);

/* The same of a file, which must be a regular one with one name. Stores its state. -ENOENT: it has
 * no name any more. */
int believe_file(int fd, struct stat *status);

/* Open the folders, which the caller closes; the first makes it where it is not there. */
int make_claims_folder(const struct journal *journal);
int open_claims_folder(const struct journal *journal);
int make_locks_folder(const struct journal *journal);

/* The folder that the entry's file is in, which the caller closes. */
int open_folder_of(const struct journal *journal, const struct entry *entry);

/* Locks byte `at` of a file for as long as its open description lasts; F_UNLCK: gives it back.
 * -EBUSY: another has it. */
int set_byte_lock(int fd, short type, off_t at);

/* The same of the whole file. */
int set_file_lock(int fd, short type);

/* Whether a name begins and ends like that, and fits into an entry. */
bool has_form(const char *name, const char *begin, const char *end);

/* Opens and reads the file that the first entry names. -ENOENT: there is none. Undone by
 * entry_close(). */
int open_entry(const struct journal *journal, int folder, const struct entry *named,
	       struct entry *out);

/* Whether the file of the entry is still what has its name. */
struct answer entry_has_its_name(int folder, const struct entry *entry);

#endif
