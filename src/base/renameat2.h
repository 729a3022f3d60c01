/* SPDX-License-Identifier: MIT */
/* renameat2(2) where the C library has none yet (musl); everywhere else stdio.h has it
 * (_GNU_SOURCE). */
#ifndef DMAOWN_BASE_RENAMEAT2_H
#define DMAOWN_BASE_RENAMEAT2_H

#include <stdio.h>

#ifndef RENAME_NOREPLACE
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int renameat2(int from_folder, const char *from, int to_folder, const char *to,
			    unsigned int flags)
{
	return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
#endif

#endif
