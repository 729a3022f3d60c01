/* SPDX-License-Identifier: MIT */
/*
 * Changes to devices and groups: each is one write to sysfs, which the kernel answers when the
 * driver has ended, and which workers make, so that a driver that never ends hangs nobody.
 */
#ifndef DMAOWN_LINUX_CHANGES_H
#define DMAOWN_LINUX_CHANGES_H

#include "machine.h"

/* Contracts of the operations of machine.h. -ETIMEDOUT: the write did not end in a minute, and goes
 * on by itself; -EAGAIN: there is no worker for it. */
int host_set_override(struct machine *machine, const char *device, const char *driver);
int host_unbind(struct machine *machine, const char *device);
int host_bind(struct machine *machine, const char *device, const char *driver);
int host_probe(struct machine *machine, const char *device);
int host_remove(struct machine *machine, const char *device);
int host_rescan(struct machine *machine);
int host_set_type(struct machine *machine, int group, const char *type);
void host_change_all(struct machine *machine, struct change *changes, size_t count,
		     unsigned int milliseconds);

#endif
