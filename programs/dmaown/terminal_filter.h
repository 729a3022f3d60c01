/* SPDX-License-Identifier: MIT */
/* What a process must not do with a terminal that it shares with us. */
#ifndef DMAOWN_DMAOWN_TERMINAL_FILTER_H
#define DMAOWN_DMAOWN_TERMINAL_FILTER_H

/*
 * Denies this process and all that it starts, by EPERM, the ioctls that type into a terminal
 * (TIOCSTI, TIOCLINUX): what they type is read by the shell of whoever ran us. Needs no_new_privs
 * or CAP_SYS_ADMIN. -EOPNOTSUPP: it is not known how on this architecture; else what seccomp(2)
 * gives.
 */
int filter_terminal(void);

#endif
