/* SPDX-License-Identifier: MIT */
/*
 * The Linux host as a machine: sysfs for devices, drivers and groups, VFIO for a user's claim.
 *
 * The kernel is the authority. Every operation is tried and the kernel's errno handed on; nothing
 * is answered from a copy of its state.
 */
#ifndef DMAOWN_LINUX_LINUX_MACHINE_H
#define DMAOWN_LINUX_LINUX_MACHINE_H

#include "machine.h"

/*
 * Opens the host whose root directory is `sysroot`, or the one we run on if it is NULL. All paths
 * (sys, dev, proc, lib/modules, usr/share/misc/pci.ids) lie below that directory, symbolic links
 * included, so that a recorded or generated tree can stand for a host; of such a tree only sys is
 * needed. *out is ended with machine_close(). -ENOENT, -ENOTDIR, -EACCES: no such directory;
 * -ENOMEM.
 */
int linux_machine_open(const char *sysroot, struct machine **out);

#endif
