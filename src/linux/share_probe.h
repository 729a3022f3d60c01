/* SPDX-License-Identifier: MIT */
/* Whether a share of 9p is mounted, wherever that is. */
#ifndef DMAOWN_LINUX_SHARE_PROBE_H
#define DMAOWN_LINUX_SHARE_PROBE_H

#include "answer.h"

/*
 * Asks the kernel, which mounts a share once: it is mounted for a moment, in no folder, by a
 * process of its own, which is ended if the share's server does not answer in `milliseconds`; then
 * that is not known (-ETIMEDOUT). Nothing is asked of the server if the share is mounted.
 */
struct answer share_is_taken(const char *tag, unsigned int milliseconds);

#endif
