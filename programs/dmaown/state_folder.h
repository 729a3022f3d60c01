/* SPDX-License-Identifier: MIT */
/* Whether the journal of a claim could be kept in the state folder. */
#ifndef DMAOWN_DMAOWN_STATE_FOLDER_H
#define DMAOWN_DMAOWN_STATE_FOLDER_H

#include "diagnosis.h"

/*
 * Adds a remark about the folder of the journal. If the folder is not there yet, it judges the
 * folder above it, in which it would be made. Changes nothing. -ENOMEM: nothing was added.
 */
int diagnose_state_folder(struct diagnosis *diagnosis, const char *path);

#endif
