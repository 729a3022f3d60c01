/* SPDX-License-Identifier: MIT */
/*
 * What kind of file a descriptor or a mapping leads to, without waiting for whoever serves its file
 * system.
 *
 * One statx(2) tells. It follows the link, so it asks for nothing and says that what is known
 * without asking will do (AT_STATX_DONT_SYNC), which FUSE answers without its server, and with a
 * mode of 0 where we are not among those whom the server serves. Some file systems ask their server
 * all the same (9p without a cache), and so do those that stand on them (overlay): there a worker
 * looks, and is waited for a while.
 */
#ifndef DMAOWN_LINUX_FILE_KINDS_H
#define DMAOWN_LINUX_FILE_KINDS_H

#include "answer.h"
#include "tables.h"

/* Milliseconds that one walk waits for workers in all. */
enum { PATIENCE_WITH_SERVERS = 4000 };

/* Whether the kernel below the root has a kind of file system where to look at a file may wait;
 * mounts don't tell, as what is open there can have been unmounted. */
struct answer looks_may_wait(int root);

/*
 * Stores mode, volume, inode and number of what a descriptor or a mapping leads to; a mode of 0: it
 * can be neither a node nor a file of sysfs. -EHOSTDOWN: a server did not answer, to this look or
 * to one before of the walk; -EAGAIN: there is no worker; else what looking gives: not known.
 */
int find_file_kind(const struct walk *walk, struct descriptor *descriptor);

#endif
