/* SPDX-License-Identifier: MIT */
/*
 * Interfaces of a network namespace, as rtnetlink tells them: a socket stays in the namespace in
 * which it was opened, wherever its thread goes.
 */
#ifndef DMAOWN_LINUX_LINKS_H
#define DMAOWN_LINUX_LINKS_H

/* Lives as long as the call that shows it. */
struct link {
	const char *name;
	const char *parent;  /* the device that it is of, by its name on its bus; NULL: none */
	int lower;           /* index of the interface that it stands on; 0: none */
	int lower_namespace; /* what this namespace calls that one's; -1: it is this one */
};

/* Returns a socket, close-on-exec, which the caller closes; else -errno of socket(2). */
int links_open(void);

/*
 * Shows each interface of the socket's namespace until `visit` gives something else than 0, which
 * is then the result; the socket is good for nothing more then. -EINTR: they changed meanwhile, and
 * one that was there all the time may not have been shown; -EPROTO: the answer is none; -EMSGSIZE,
 * and what the kernel answers.
 */
int links_for_each(int links, int (*visit)(void *context, const struct link *link), void *context);

/* Stores what the socket's namespace calls another, of which a descriptor is given; -1: it has no
 * name for it, and no link that refers to it. Results as above. */
int links_name_namespace(int links, int namespace, int *out);

#endif
