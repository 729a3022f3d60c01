/* SPDX-License-Identifier: MIT */
#include "child_signals.h"
#include "array.h"

#include <signal.h>
#include <stddef.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

void make_forwarded_set(const struct found_signals *found, sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < COUNT(forwarded); i++) {
		if (forwarded[i] != SIGHUP || !sigismember(&found->ignored, SIGHUP))
			sigaddset(set, forwarded[i]);
	}
}

void hold_signals(const struct found_signals *found)
{
	sigset_t set;

	make_forwarded_set(found, &set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool signals_pending(void *context)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	for (size_t i = 0; i < COUNT(ending); i++) {
		if (sigismember(&pending, ending[i]) == 1)
			return true;
	}
	return false;
}
