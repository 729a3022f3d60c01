/* SPDX-License-Identifier: MIT */
/* A command's life. What it becomes is told by become.h. */
#define _GNU_SOURCE
#include "child.h"
#include "child_environment.h"
#include "clock.h"
#include "complain.h"
#include "find_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- signals ---- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int forwarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/* A hangup that is ignored ends neither us nor the command. */
static void make_set(const struct found_signals *found, sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(*forwarded); i++) {
		if (forwarded[i] != SIGHUP || !sigismember(&found->ignored, SIGHUP))
			sigaddset(set, forwarded[i]);
	}
}

void hold_signals(const struct found_signals *found)
{
	sigset_t set;

	make_set(found, &set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool signals_pending(void *context)
{
	sigset_t pending;

	if (sigpending(&pending) != 0)
		return false;
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		if (sigismember(&pending, ending[i]) == 1)
			return true;
	}
	return false;
}

/* ---- what a child says ---- */

/* What failed in it: a step of what it becomes, or one of these. */
struct report {
	size_t step;
	int err;
};

enum { STEP_TERMINAL = 1000, STEP_COMMAND };

_Noreturn static void end_with(int socket, size_t step, int err)
{
	const struct report report = {.step = step, .err = err};

	send(socket, &report, sizeof(report), MSG_NOSIGNAL);
	_exit(EXIT_OWN_FAILURE);
}

static int complain_report(const struct child *child, const struct report *report,
			   const char *remark)
{
	const struct user *user = child->becoming.user;
	const char *words = report->step == STEP_TERMINAL ? "it can't have a terminal of its own"
							  : become_words(report->step);

	if (!user)
		return complain(EXIT_OWN_FAILURE, child->arguments[0], "%s: %s%s", words,
				strerror(-report->err), remark);
	return complain(EXIT_OWN_FAILURE, child->arguments[0], "can't be run as %s: %s: %s%s",
			user->name, words, strerror(-report->err), remark);
}

static int explain(const struct child *child, const struct report *report, const char *remark)
{
	if (report->step == STEP_COMMAND)
		return complain_command(report->err, child->arguments[0], remark);
	return complain_report(child, report, remark);
}

/* ---- trying it ---- */

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
		return report.err ? explain(child, &report, NOTHING_CLAIMED) : EXIT_DONE;
	}
	err = environment_make(child->becoming.user, NULL, &environment);
	if (!err) {
		err = try_in_child(child, environment, &report);
		environment_release(environment);
	}
	if (err)
		return complain(EXIT_OWN_FAILURE, child->arguments[0],
				"it can't be known whether %s may execute it: %s" NOTHING_CLAIMED,
				child->becoming.user->name, strerror(-err));
	return report.err ? explain(child, &report, NOTHING_CLAIMED) : EXIT_DONE;
}

static int make_terminal(struct child *child)
{
	int err = terminal_make(&child->terminal);

	if (!err && child->becoming.user)
		err = terminal_give(&child->terminal, child->becoming.user->uid);
	if (!err)
		return EXIT_DONE;
	return complain(EXIT_OWN_FAILURE, "--pty", "no terminal can be had: %s" NOTHING_CLAIMED,
			strerror(-err));
}

int child_make(const struct user *user, const struct child_options *options, char **arguments,
	       const struct found_signals *found, struct child *out)
{
	struct child child = {.arguments = arguments, .terminal = NO_TERMINAL, .found = found};
	int err = becoming_make(user, &options->becoming, &child.becoming), code;

	if (err)
		return complain(EXIT_OWN_FAILURE, arguments[0],
				"what it has to be is not known: %s" NOTHING_CLAIMED,
				strerror(-err));
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

/* ---- its life ---- */

struct life {
	struct child *child;
	bool has_own_terminal; /* so that ours sends it nothing */
	pid_t pid;
	int pidfd;
	int signals;          /* a signalfd */
	int socket;           /* on which it says what failed; -1: it has become the command */
	struct report report; /* without an errno: nothing has failed */
};

/* In the child, once the parent is ready: executes the command, which closes the socket. */
_Noreturn static void start(const struct child *child, char **environment, int lock, int socket)
{
	size_t step = STEP_TERMINAL;
	int err = 0;
	char go;

	if (recv(socket, &go, 1, 0) != 1)
		_exit(EXIT_OWN_FAILURE);
	if (child->terminal.master >= 0)
		err = terminal_take(&child->terminal);
	if (!err)
		err = become(&child->becoming, lock, &step);
	if (err)
		end_with(socket, step, err);
	restore_signals(child->found);
	environ = environment;
	execvp(child->arguments[0], child->arguments);
	end_with(socket, STEP_COMMAND, -errno);
}

static bool comes_from_terminal(const struct life *life, const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL && !life->has_own_terminal;
}

/* All that are there: none that was for the command is left for us. */
static void hear_signals(struct life *life)
{
	struct signalfd_siginfo info;

	while (read(life->signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (!terminal_signal(&life->child->terminal, number) &&
		    !comes_from_terminal(life, &info))
			pidfd_send_signal(life->pidfd, number, NULL, 0);
	}
}

static void hear_report(struct life *life)
{
	struct report report;

	if (recv(life->socket, &report, sizeof(report), MSG_DONTWAIT) == sizeof(report))
		life->report = report;
	close(life->socket);
	life->socket = -1;
}

enum { POLL_END, POLL_SIGNALS, POLL_SOCKET, POLL_TERMINAL };

static int status_of(const struct life *life)
{
	siginfo_t info = {0};

	if (waitid(P_PIDFD, (id_t)life->pidfd, &info, WEXITED) != 0)
		return complain(EXIT_OWN_FAILURE, life->child->arguments[0],
				"how it ended is not known: %s", strerror(errno));
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

static int watch_over(struct life *life)
{
	struct terminal *terminal = &life->child->terminal;
	struct pollfd polls[POLL_TERMINAL + TERMINAL_POLLS];
	bool ended = false;

	while (!ended) {
		size_t count = terminal_polls(terminal, polls + POLL_TERMINAL);

		polls[POLL_END] = (struct pollfd) {.fd = life->pidfd, .events = POLLIN};
		polls[POLL_SIGNALS] = (struct pollfd) {.fd = life->signals, .events = POLLIN};
		polls[POLL_SOCKET] = (struct pollfd) {.fd = life->socket, .events = POLLIN};
		if (poll(polls, POLL_TERMINAL + count, -1) < 0) {
			clock_rest(1); /* there was no memory, or a signal that is none of ours */
			continue;
		}
		hear_signals(life);
		if (polls[POLL_SOCKET].revents)
			hear_report(life);
		terminal_relay(terminal, polls + POLL_TERMINAL, count);
		ended = polls[POLL_END].revents;
	}
	return status_of(life);
}

static int live(struct life *life)
{
	struct terminal *terminal = &life->child->terminal;
	int status;

	terminal_begin(terminal);
	send(life->socket, "", 1, MSG_NOSIGNAL);
	status = watch_over(life);
	terminal_end(terminal);
	hear_signals(life);
	return life->report.err ? explain(life->child, &life->report, "") : status;
}

/* The child waits for us, and ends if we don't go on. */
static int give_birth(struct life *life, char **environment, int lock)
{
	int sockets[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return -errno;
	life->socket = sockets[0];
	life->pid = fork();
	if (life->pid < 0)
		err = -errno;
	if (life->pid == 0) {
		close(sockets[0]);
		start(life->child, environment, lock, sockets[1]);
	}
	close(sockets[1]);
	if (!err) {
		life->pidfd = pidfd_open(life->pid, 0);
		err = life->pidfd < 0 ? -errno : 0;
	}
	return err;
}

static int open_signals(struct life *life)
{
	sigset_t set;

	make_set(life->child->found, &set);
	terminal_add_signals(&life->child->terminal, &set);
	life->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return life->signals < 0 ? -errno : 0;
}

static void end_life(struct life *life)
{
	if (life->socket >= 0)
		close(life->socket);
	if (life->pid > 0 && life->pidfd < 0)
		waitpid(life->pid, NULL, 0);
	if (life->pidfd >= 0)
		close(life->pidfd);
	if (life->signals >= 0)
		close(life->signals);
}

int run_child(struct child *child, const struct record *record, int lock)
{
	struct life life = {.child = child,
			    .has_own_terminal = child->terminal.master >= 0,
			    .pid = -1,
			    .pidfd = -1,
			    .signals = -1,
			    .socket = -1};
	char **environment = NULL;
	int err = environment_make(child->becoming.user, record, &environment), status;
	sigset_t before;

	sigprocmask(SIG_SETMASK, NULL, &before);
	if (!err)
		err = open_signals(&life);
	if (!err)
		err = give_birth(&life, environment, lock);
	close(lock);
	if (err)
		status = complain(EXIT_OWN_FAILURE, child->arguments[0], "can't be run: %s",
				  strerror(-err));
	else
		status = live(&life);
	end_life(&life);
	sigprocmask(SIG_SETMASK, &before, NULL);
	environment_release(environment);
	return status;
}
