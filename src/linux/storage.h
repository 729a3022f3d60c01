/* SPDX-License-Identifier: MIT */
/*
 * What uses blocks: the parts of the survey that uses_storage.c makes, in the order in which they
 * lean on each other.
 *
 * A *place* is where a file system or swap on a block is used: a mount in any view, or the swap. A
 * *set* is a file system on several blocks: btrfs, bcachefs. A *tie* is a user of a block that is
 * not among its holders: a loop, an export. The *stack* on a block is all that stands on it.
 */
#ifndef DMAOWN_LINUX_STORAGE_H
#define DMAOWN_LINUX_STORAGE_H

#include "blocks.h"
#include "mounts.h"
#include "own_nodes.h"
#include "uses.h"

enum { SET_NAME = 96, REASON_SIZE = 640 };

/* A mount, or swap. By which block it is known: its number; a name; or its set. A mounted share is
 * a place of no block. */
struct place {
	const struct mount *mount; /* NULL: swap */
	dev_t number;
	char *block; /* owned; NULL: not named */
	char *set;   /* owned; NULL: of one block */
	bool vital;  /* the machine stands on it */
};

struct places {
	struct place *all;
	size_t count;
	int hidden; /* the -errno that hid some */
	bool read;
};

struct tie {
	char below[BLOCK_NAME];
	char above[BLOCK_NAME]; /* a block; "": none */
	char *words;            /* owned; NULL: that block says all */
};

struct ties {
	struct tie *all;
	size_t count;
	int hidden; /* the -errno that hid what some are of: that may be any block */
	bool read;
};

/*
 * Where the root file system is. ROOT_SOMEWHERE: on something that is not told, so any use may be
 * of its disk. ROOT_UNSEEN: on blocks that it holds without a trace (ZFS, layers of an overlay that
 * are mounted nowhere any more), so any block may be its that is held and nobody knows what for.
 */
enum root_place { ROOT_TOLD, ROOT_UNSEEN, ROOT_SOMEWHERE };

struct storage {
	const struct survey *survey;
	struct own_nodes nodes;
	int config; /* the folder of configfs; -1: not open */
	struct places places;
	struct ties ties;
	enum root_place root;
};

/* Reads mounts and swaps, and which of them the machine stands on; the first time only. Swaps that
 * can't be read are noted in places.hidden. -ENOMEM, and what else looking gives. */
int read_places(struct storage *storage);

/* Marks the places that the machine stands on, and says in storage->root how well that is known. */
int find_root_place(struct storage *storage);

/* Stores the set that a block is in, "" for none: "btrfs 0a1b...". */
int find_set(const struct survey *survey, const char *block, char *set, size_t size);

/* Adds a tie, with copies of the words. -ENOMEM. */
int add_tie(struct storage *storage, const char *below, const char *above, const char *words);

/* Adds a tie to what a path names, if that is a block; if that can't be told, it is hidden.
 * -ENOMEM. */
int tie_to_path(struct storage *storage, const char *path, const char *above, const char *words);

/* Notes why it can't be told what something is tied to, unless that is 0. -ENOMEM, if that is why.
 */
int hide_ties(struct storage *storage, int err);

/* Each adds the ties of its kind: loops and compressed memory, exports. What can't be told is noted
 * in ties.hidden. -ENOMEM. */
int tie_loops(struct storage *storage);
int tie_exports(struct storage *storage);

/* Adds a use to each controller that is exported as a whole. -ENOMEM, and what else looking gives:
 * it is not known which are. */
int find_exported_controllers(struct storage *storage);

/* What stands on a block. */
struct burden {
	char words[REASON_SIZE]; /* "mounted on / through dm-0 (vg-root), and 1 more"; "": nothing
				  */
	bool unseen;             /* something may have a block of the stack that leaves no trace */
	bool vital;
};

/* Whether somebody has the block for himself, as block_is_taken(); of a recorded system that is not
 * known, for no errno. */
struct answer ask_for_block(struct storage *storage, const char *block);

/*
 * Looks at what stands on a block. If it is `free`, nobody has it for himself, and what would is
 * not looked for. -ELOOP: there is more above than is looked at; *out has the rest. -ENOMEM, and
 * what else looking gives: *out has what was found before.
 */
int find_stack(struct storage *storage, const char *block, bool free, struct burden *out);

/* Adds a use to each device whose share is mounted. -ENOMEM, and what else looking gives: it is not
 * known which are. */
int find_shares(struct storage *storage);

void storage_release(struct storage *storage);

#endif
