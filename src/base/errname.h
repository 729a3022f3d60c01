/* SPDX-License-Identifier: MIT */
/* The names of errnos, as people and scenario files write them: EBUSY, EPERM. */
#ifndef DMAOWN_BASE_ERRNAME_H
#define DMAOWN_BASE_ERRNAME_H

/* "Try again when more drivers have bound": the kernel's number, which no libc header has. */
#ifndef EPROBE_DEFER
#define EPROBE_DEFER 517
#endif

/*
 * The name of an errno, given positive or negative; "0" for 0. EPROBE_DEFER, which user space never
 * sees, is known here because the simulated machine returns it. Never NULL: a number without a name
 * gives "E?". The string is static.
 */
const char *errno_name(int err);

/*
 * Finds the errno that `name` names and stores it, positive, in *err; "0" stores 0. -EINVAL when no
 * errno has that name; *err is then untouched.
 */
int errno_from_name(const char *name, int *err);

#endif
