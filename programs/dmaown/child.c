/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "child.h"
#include "child_environment.h"
#include "child_report.h"
#include "complain.h"
#include "find_command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTHING_CLAIMED " (nothing was claimed)"

/* Milliseconds: a file system of the user's may never answer. */
enum { TRY_PATIENCE = 30000 };

/* In a child, which becomes the user and does all but execute the command. */
_Noreturn static void try_command(const struct child *child, char **environment, int socket)
{
	size_t step;
	int err = become(&child->becoming, -1, &step);

	if (err)
		end_with(socket, step, err);
	environ = environment;
	end_with(socket, STEP_COMMAND, find_command_file(child->arguments[0]));
}

/* A file system that does not answer can't be waited for: the child is then left alone. */
static int await_try(pid_t pid, int socket, struct report *report)
{
	struct pollfd answer = {.fd = socket, .events = POLLIN};
	int ready;

	do
		ready = poll(&answer, 1, TRY_PATIENCE);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0) {
		kill(pid, SIGKILL);
		return ready < 0 ? -errno : -ETIMEDOUT;
	}
	ready = recv(socket, report, sizeof(*report), 0) == sizeof(*report) ? 0 : -EINTR;
	waitpid(pid, NULL, 0);
	return ready;
}

static int try_in_child(const struct child *child, char **environment, struct report *report)
{
	int sockets[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return -errno;
	pid = fork();
	err = pid < 0 ? -errno : 0;
	if (pid == 0)
		try_command(child, environment, sockets[1]);
	close(sockets[1]);
	if (!err)
		err = await_try(pid, sockets[0], report);
	close(sockets[0]);
	return err;
}

/* With our own rights nobody has to be asked. */
static int look_for_command(const struct child *child)
{
	struct report report = {.step = STEP_COMMAND};
	char **environment;
	int err;

	if (!child->becoming.user) {
		report.err = find_command_file(child->arguments[0]);
		return report.err ? explain_report(child, &report, NOTHING_CLAIMED) : EXIT_DONE;
	}
	err = environment_make(child->becoming.user, NULL, &environment);
	if (!err) {
		err = try_in_child(child, environment, &report);
		environment_release(environment);
	}
	if (err)
		return complain(EXIT_OWN_FAILURE, child->arguments[0],
				"dmaown can't tell whether %s may execute it: %s" NOTHING_CLAIMED,
				child->becoming.user->name, strerror(-err));
	return report.err ? explain_report(child, &report, NOTHING_CLAIMED) : EXIT_DONE;
}

static int make_terminal(struct child *child)
{
	int err = terminal_make(&child->terminal);

	if (!err && child->becoming.user)
		err = terminal_give(&child->terminal, child->becoming.user->uid);
	if (!err)
		return EXIT_DONE;
	return complain(EXIT_OWN_FAILURE, "--pty",
			"dmaown can't make a terminal: %s" NOTHING_CLAIMED, strerror(-err));
}

int child_make(const struct user *user, const struct child_options *options, char **arguments,
	       const struct found_signals *found, struct child *out)
{
	struct child child = {.arguments = arguments, .terminal = NO_TERMINAL, .found = found};
	int err = becoming_make(user, &options->becoming, &child.becoming), code;

	if (err)
		return complain(EXIT_OWN_FAILURE, arguments[0],
				"it can't be prepared: %s" NOTHING_CLAIMED, strerror(-err));
	code = look_for_command(&child);
	if (code == EXIT_DONE && options->pty)
		code = make_terminal(&child);
	if (code == EXIT_DONE)
		*out = child;
	else
		child_release(&child);
	return code;
}

void child_release(struct child *child)
{
	terminal_end(&child->terminal);
	becoming_release(&child->becoming);
}
