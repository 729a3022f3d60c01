/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "start.h"
#include "array.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

int start_descriptors(void)
{
	for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* It gets this number: those below are open by now. */
		if (open("/dev/null", O_RDWR) < 0)
			return -errno;
	}
	return 0;
}

static const struct {
	int number;
	void (*disposition)(int);
} ours[] = {
	{SIGCHLD, SIG_DFL}, {SIGHUP, SIG_DFL},  {SIGINT, SIG_DFL},  {SIGQUIT, SIG_DFL},
	{SIGTERM, SIG_DFL}, {SIGPIPE, SIG_IGN}, {SIGXFSZ, SIG_IGN},
};

enum { OURS = COUNT(ours) };

void start_signals(struct found_signals *found)
{
	sigset_t unblocked;

	sigemptyset(&found->ignored);
	sigemptyset(&unblocked);
	for (size_t i = 0; i < OURS; i++) {
		struct sigaction before;

		sigaction(ours[i].number, NULL, &before);
		sigaddset(&unblocked, ours[i].number);
		if (before.sa_handler == SIG_IGN)
			sigaddset(&found->ignored, ours[i].number);
		if (before.sa_handler != SIG_IGN || ours[i].number != SIGHUP)
			signal(ours[i].number, ours[i].disposition);
	}
	sigprocmask(SIG_UNBLOCK, &unblocked, &found->blocked);
}

void restore_signals(const struct found_signals *found)
{
	for (size_t i = 0; i < OURS; i++)
		signal(ours[i].number,
		       sigismember(&found->ignored, ours[i].number) == 1 ? SIG_IGN : SIG_DFL);
	sigprocmask(SIG_SETMASK, &found->blocked, NULL);
}
