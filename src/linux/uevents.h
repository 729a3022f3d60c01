/* SPDX-License-Identifier: MIT */
/* The kernel's uevents, as netlink has them: which device something has happened to. */
#ifndef DMAOWN_LINUX_UEVENTS_H
#define DMAOWN_LINUX_UEVENTS_H

#include <limits.h>
#include <stddef.h>

struct uevent {
	char syspath[PATH_MAX]; /* the device's folder: /sys/devices/... */
	char subsystem[32];
};

/*
 * A socket, close-on-exec and not blocking, that is readable while there are uevents of the kernel.
 * The caller closes it. -errno: what socket(2) and bind(2) say.
 */
int uevents_open(void);

/*
 * The next uevent of a device in *out. -EAGAIN: there are no more now. -ENOBUFS: some were lost
 * or can't be read, and more may follow. Other errnos: what recvmsg(2) says. *out is what it was on
 * failure.
 */
int uevents_next(int socket, struct uevent *out);

/*
 * Reads a message of the kernel's: "ACTION@DEVPATH", then "NAME=VALUE", each ended by a NUL.
 * -EINVAL: it is no such message, or of no device; *out is then what it was.
 */
int uevent_parse(const char *message, size_t size, struct uevent *out);

#endif
