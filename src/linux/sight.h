/* SPDX-License-Identifier: MIT */
/*
 * What of the running host we can't see from where we are: in a container, or with /proc mounted so
 * that it hides something, a survey finds nothing and proves nothing.
 */
#ifndef DMAOWN_LINUX_SIGHT_H
#define DMAOWN_LINUX_SIGHT_H

/*
 * Shows each blind spot of a running system in words ("processes outside of this pid namespace")
 * with the -errno of it, until `visit` gives something else than 0, which is then the result. What
 * can't be found out for lack of permission is left to whoever looks at processes: they can't be
 * looked at either.
 */
int for_each_blind_spot(int root, int (*visit)(void *context, const char *about, int err),
			void *context);

#endif
