/* SPDX-License-Identifier: MIT */
/* Whether the journal of a claim could be kept in the state folder. */
#ifndef DMAOWN_DMAOWN_STATE_FOLDER_H
#define DMAOWN_DMAOWN_STATE_FOLDER_H

#include "diagnosis.h"

/* The path of the state folder: DMAOWN_RUNTIME_DIR of the environment, or /run/dmaown. */
const char *state_folder(void);

/*
 * Adds a finding about the folder, which need not be there yet: then it is the one above it, in
 * which it would be made, that counts. Nothing is changed. -ENOMEM: nothing was added.
 */
int diagnose_state_folder(struct diagnosis *diagnosis, const char *path);

#endif
