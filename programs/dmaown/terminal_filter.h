/* SPDX-License-Identifier: MIT */
/* What a process must not do with a terminal that it shares with us. */
#ifndef DMAOWN_DMAOWN_TERMINAL_FILTER_H
#define DMAOWN_DMAOWN_TERMINAL_FILTER_H

/*
 * Denies this process, and all that it starts, the ioctls that type into a terminal (TIOCSTI,
 * TIOCLINUX): they fail with EPERM. The shell of whoever ran us would read what they type. Needs
 * no_new_privs or CAP_SYS_ADMIN. -EOPNOTSUPP: there is no filter for this architecture; else what
 * seccomp(2) gives.
 */
int filter_terminal(void);

#endif
