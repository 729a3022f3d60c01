/* SPDX-License-Identifier: MIT */
/*
 * The commands of a copy of dmaown, run in a made tree.
 *
 * The tree has a group whose device carries an interface and virtual functions (8), one that is
 * idle (9), one that another process has open (10), and a device without a group. Nothing of it is
 * a kernel's: what would succeed there can't be seen here, but in the guest.
 */

#ifndef DMAOWN_TESTS_PROGRAMS_COMMAND_RIG_H
#define DMAOWN_TESTS_PROGRAMS_COMMAND_RIG_H

#include "rows.h"
#include "tree.h"

#include <jansson.h>
#include <stdbool.h>

extern struct tree tree;

#define HOST "dmaown --sysroot . "
#define FOLDER "run/dmaown/claims/"
#define RECORD_FILE FOLDER "claim-9.json"

/* Runs shell text in the tree, in which dmaown is ours; what it prints is in `out` and `err` there.
 * Returns its exit code. */
int run(const char *text);
/* A file of the tree has that text, or none. */
void expect_text(const char *file, const char *expected);
/* The journal is empty, for a case to begin with. */
int empty_folder(void **state);
/* Records are their maker's alone. */
void record_text(const char *path, const char *text);

/* No device is other than at the beginning. */
void expect_devices_untouched(void);

/* What was printed. */
json_t *read_json(void);
/* The keys that scripts depend on, compared in whole so that none is lost. */
void expect_json(const char *expected);

/* Makes the tree, with the program in it, and runs the suite there. */
int run_commands(struct suite *suite, const char *name, const char *program);

#endif
