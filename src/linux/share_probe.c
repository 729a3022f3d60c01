/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "share_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns 0 or the errno; makes system calls and nothing else, for it runs in a child of a program
 * that may have threads. */
static int try_mount(const char *tag)
{
	int kind = fsopen("9p", FSOPEN_CLOEXEC);

	if (kind < 0 || fsconfig(kind, FSCONFIG_SET_STRING, "source", tag, 0) != 0 ||
	    fsconfig(kind, FSCONFIG_SET_STRING, "trans", "virtio", 0) != 0 ||
	    fsconfig(kind, FSCONFIG_SET_STRING, "version", "9p2000.L", 0) != 0 ||
	    fsconfig(kind, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return errno;
	return 0;
}

/* Tells the errno through the pipe, and keeps nothing else that somebody could wait for. */
_Noreturn static void probe(const char *tag, int pipe)
{
	int error;

	if (pipe > 0)
		close_range(0, (unsigned int)pipe - 1, 0);
	close_range((unsigned int)pipe + 1, ~0U, 0);
	error = try_mount(tag);
	if (write(pipe, &error, sizeof(error)) != sizeof(error))
		_exit(1);
	_exit(0);
}

/* Waits for the process, and ends it if it is late; one that does not end is left alone. */
static int await(pid_t pid, int pipe, unsigned int milliseconds)
{
	struct pollfd end = {.fd = pipe, .events = POLLIN};
	int error;

	if (poll(&end, 1, (int)milliseconds) == 1 &&
	    read(pipe, &error, sizeof(error)) == sizeof(error)) {
		waitpid(pid, NULL, 0);
		return -error;
	}
	kill(pid, SIGKILL);
	poll(&end, 1, 100);
	waitpid(pid, NULL, WNOHANG);
	return -ETIMEDOUT;
}

struct answer share_is_taken(const char *tag, unsigned int milliseconds)
{
	int pipe[2], err;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) != 0)
		return answer_hidden(-errno);
	pid = fork();
	if (pid == 0)
		probe(tag, pipe[1]);
	err = pid < 0 ? -errno : 0;
	close(pipe[1]);
	if (!err)
		err = await(pid, pipe[0], milliseconds);
	close(pipe[0]);
	if (!err || err == -EBUSY)
		return answer_of(err == -EBUSY);
	return answer_hidden(err);
}
