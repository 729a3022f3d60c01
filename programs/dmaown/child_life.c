/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "child_life.h"
#include "child_environment.h"
#include "child_report.h"
#include "child_signals.h"
#include "clock.h"
#include "complain.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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
				"dmaown can't tell how it ended: %s", strerror(errno));
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
	return life->report.err ? explain_report(life->child, &life->report, "") : status;
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

	make_forwarded_set(life->child->found, &set);
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
