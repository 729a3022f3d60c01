/* SPDX-License-Identifier: MIT */
/*
 * Machine files: a picture of a machine, as `dmaown snapshot` writes it and --machine reads it.
 *
 * The format is the document of facts_json.h. A file is read as a whole or not at all.
 */
#ifndef DMAOWN_MACHINE_MACHINE_FILE_H
#define DMAOWN_MACHINE_MACHINE_FILE_H

#include "facts.h"

#include <stddef.h>
#include <stdio.h>

/* Every machine is described in fewer bytes than this. */
#define MACHINE_FILE_LIMIT (256UL << 20)

/*
 * Parses the `length` bytes of a file called `name` into *out, which the caller releases; its
 * `machine` is `name`. -EINVAL: it is no machine file, and *why, which the caller frees, is one
 * line that says file, line and what was expected; -ENOMEM. *out is untouched on failure.
 */
int machine_file_parse(const char *bytes, size_t length, const char *name, struct facts *out,
		       char **why);

/* The same for what `file`, which stays open and the caller's, has left to read. Also -EFBIG: not
 * within the limit; -EIO and what else reading gives. *why is set for -EINVAL alone. */
int machine_file_read(FILE *file, const char *name, struct facts *out, char **why);

/* Writes a machine file and flushes it. -ENOMEM; -EIO, -ENOSPC and what else writing gives: `file`
 * holds a part. */
int machine_file_write(const struct facts *facts, FILE *file);

#endif
