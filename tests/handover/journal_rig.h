/* SPDX-License-Identifier: MIT */
/*
 * A journal in a folder of its own, with records of claims of one group each. Other processes are
 * forks that say through a pipe that they are there, and are killed.
 */
#ifndef DMAOWN_TESTS_HANDOVER_JOURNAL_RIG_H
#define DMAOWN_TESTS_HANDOVER_JOURNAL_RIG_H

#include "journal.h"
#include "rows.h"

#include <stdbool.h>
#include <sys/types.h>

enum { NOBODY = 65534, NAME_SIZE = 64 };

struct rig {
	char folder[64], claims[96], locks[96];
	int root, at; /* descriptors of the folder, and of that of the records */
	struct journal *journal;
};

/* A case of one of the tables: its rows, and how each is run. */
struct journal_case {
	const char *name;
	void (*run)(struct rig *rig);
};
void run_case(void **state);

/* Opens a journal whose state folder is that one below the rig's. */
struct journal *open_at(const struct rig *rig, const char *state, const char *boot);
/* Names a journal in a folder below the rig's. */
void move_to(struct rig *rig, const char *below);
void set_up(struct rig *rig);
void tear_down(struct rig *rig);

/* ---- files ---- */

/* Of a folder's names, in their order, each followed by a space: of that folder, of that of the
 * records, and of one below the rig's. */
void assert_names_in(int folder, const char *expected);
void assert_names(const struct rig *rig, const char *expected);
void assert_names_below(const struct rig *rig, const char *below, const char *expected);
void write_file(const struct rig *rig, const char *name, const char *text);
void assert_file(const struct rig *rig, const char *name, const char *expected);

/* ---- claims ---- */

/* The line of a claim of one group with one device; the caller frees. */
char *line_of(int group, bool kept, const char *boot);
void make_record_of(int group, bool kept, struct record *out);
/* Begins a claim, which must succeed. */
void begin(struct rig *rig, int group, bool kept, struct entry *out);
/* Writes the record of such a claim, and `tail` after its line, past the journal. */
void write_record(struct rig *rig, int group, bool kept, const char *tail);
/* Reads the journal, which has one record. */
void read_one(struct rig *rig, struct entries *out);
/* Tries to lock groups at once, and lets go. */
int try_groups(struct rig *rig, const int *groups, size_t count);
/* Sets an entry aside at once, and tells the name that it has then. */
int aside(struct rig *rig, struct entry *entry, char name[NAME_SIZE]);

/* ---- other processes ---- */

struct other {
	pid_t pid;
	int until; /* closed with us: it does not outlive a case that fails */
};

/* In the other process: what is not so ends it, and fails the case. */
void must(bool holds, const char *what);
/* Forks a process that does something, says that it has, and waits for its end. */
void other_begin(struct rig *rig, void (*run)(struct rig *rig), struct other *out);
void assert_killed(const struct other *other);
void other_kill(const struct other *other);
/* Has another process do something, and waits for it. */
void elsewhere(struct rig *rig, void (*run)(struct rig *rig));
/* Rights bind nobody but those who are not root. */
void become_nobody(void);
/* In the other process: begins the claim of group 8, and completes it. */
void begin_8(struct rig *rig);

#endif
