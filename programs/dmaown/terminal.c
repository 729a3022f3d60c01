/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "terminal.h"
#include "array.h"
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- making it ---- */

/* The size of ours, which the other side is told of by a signal. */
static void copy_size(const struct terminal *terminal)
{
	struct winsize size;

	if (terminal->ours >= 0 && ioctl(terminal->ours, TIOCGWINSZ, &size) == 0)
		ioctl(terminal->master, TIOCSWINSZ, &size);
}

static int open_slave(struct terminal *terminal)
{
	if (grantpt(terminal->master) != 0 || unlockpt(terminal->master) != 0)
		return -errno;
	terminal->slave = ioctl(terminal->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return terminal->slave < 0 ? -errno : 0;
}

/* Keys are what they are on ours. */
static int copy_settings(struct terminal *terminal)
{
	copy_size(terminal);
	if (!isatty(STDIN_FILENO))
		return 0;
	if (tcgetattr(STDIN_FILENO, &terminal->saved) != 0 ||
	    tcsetattr(terminal->slave, TCSANOW, &terminal->saved) != 0)
		return -errno;
	return 0;
}

int terminal_make(struct terminal *out)
{
	struct terminal terminal = NO_TERMINAL;
	int err;

	for (int fd = STANDARD_DESCRIPTORS - 1; fd >= 0; fd--) {
		if (isatty(fd))
			terminal.ours = fd;
	}
	terminal.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (terminal.master < 0)
		return -errno;
	err = open_slave(&terminal);
	if (!err)
		err = copy_settings(&terminal);
	if (err)
		terminal_end(&terminal);
	else
		*out = terminal;
	return err;
}

int terminal_give(const struct terminal *terminal, uid_t uid)
{
	return fchown(terminal->slave, uid, (gid_t)-1) ? -errno : 0;
}

int terminal_take(const struct terminal *terminal)
{
	if (setsid() < 0 || ioctl(terminal->slave, TIOCSCTTY, 0) != 0)
		return -errno;
	for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++) {
		if (dup2(terminal->slave, fd) < 0)
			return -errno;
	}
	return 0;
}

/* ---- ours ---- */

/* In the background it is another's, and stays as it is. */
static void make_raw(struct terminal *terminal)
{
	struct termios raw;

	if (terminal->master < 0 || terminal->is_raw || !isatty(STDIN_FILENO) ||
	    tcgetpgrp(STDIN_FILENO) != getpgrp() || tcgetattr(STDIN_FILENO, &terminal->saved) != 0)
		return;
	raw = terminal->saved;
	cfmakeraw(&raw);
	terminal->is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

/* From the background, too, where that would stop us. */
static void make_as_before(struct terminal *terminal)
{
	sigset_t output, before;

	if (!terminal->is_raw)
		return;
	sigemptyset(&output);
	sigaddset(&output, SIGTTOU);
	sigprocmask(SIG_BLOCK, &output, &before);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
	sigprocmask(SIG_SETMASK, &before, NULL);
	terminal->is_raw = false;
}

void terminal_begin(struct terminal *terminal)
{
	if (terminal->master < 0)
		return;
	close(terminal->slave);
	terminal->slave = -1;
	make_raw(terminal);
}

/* ---- signals ---- */

static const int about_terminals[] = {SIGWINCH, SIGTSTP, SIGCONT};

void terminal_add_signals(const struct terminal *terminal, sigset_t *set)
{
	sigset_t added;

	if (terminal->master < 0)
		return;
	sigemptyset(&added);
	for (size_t i = 0; i < COUNT(about_terminals); i++) {
		sigaddset(&added, about_terminals[i]);
		sigaddset(set, about_terminals[i]);
	}
	sigprocmask(SIG_BLOCK, &added, NULL);
}

bool terminal_signal(struct terminal *terminal, int number)
{
	switch (number) {
	case SIGTSTP:
		make_as_before(terminal);
		raise(SIGSTOP);
		make_raw(terminal);
		return true;
	case SIGCONT:
		make_raw(terminal);
		copy_size(terminal);
		return true;
	case SIGWINCH:
		copy_size(terminal);
		return true;
	}
	return false;
}

/* ---- relaying ---- */

static bool is_empty(const struct relay *relay)
{
	return relay->begin == relay->end;
}

static bool may_come_again(ssize_t result)
{
	return result < 0 && (errno == EAGAIN || errno == EINTR);
}

/* The terminal gives EIO when nobody has it open any more. */
static void take_in(struct relay *relay, int fd)
{
	ssize_t length = read(fd, relay->bytes, sizeof(relay->bytes));

	if (length > 0) {
		relay->begin = 0;
		relay->end = (size_t)length;
	} else if (!may_come_again(length)) {
		relay->closed = true;
	}
}

/* What can't be written is lost, and all that would follow. */
static void give_out(struct relay *relay, int fd)
{
	ssize_t length = write(fd, relay->bytes + relay->begin, relay->end - relay->begin);

	if (length > 0) {
		relay->begin += (size_t)length;
	} else if (!may_come_again(length)) {
		relay->begin = relay->end;
		relay->closed = true;
	}
}

/* The end of what is typed is a key: once behind a whole line, else once more, for the line. */
static void type_end(struct terminal *terminal)
{
	struct termios settings;
	struct relay *typed = &terminal->typed;

	if (tcgetattr(terminal->master, &settings) != 0 || !(settings.c_lflag & ICANON))
		return;
	typed->begin = typed->end = 0;
	if (terminal->last_typed != '\n')
		typed->bytes[typed->end++] = (char)settings.c_cc[VEOF];
	typed->bytes[typed->end++] = (char)settings.c_cc[VEOF];
}

static void take_typed(struct terminal *terminal)
{
	struct relay *typed = &terminal->typed;

	take_in(typed, STDIN_FILENO);
	if (typed->closed)
		type_end(terminal);
	else if (!is_empty(typed))
		terminal->last_typed = typed->bytes[typed->end - 1];
}

/* Who still has the command's terminal loses it. */
static void hang_up(struct terminal *terminal)
{
	make_as_before(terminal);
	if (terminal->master >= 0)
		close(terminal->master);
	terminal->master = -1;
	terminal->typed.closed = terminal->shown.closed = true;
}

/* While nobody has the command's terminal, nobody reads what is typed. */
static void take_shown(struct terminal *terminal)
{
	take_in(&terminal->shown, terminal->master);
	if (terminal->shown.closed) {
		terminal->typed.begin = terminal->typed.end;
		terminal->typed.closed = true;
	}
}

static void show(struct terminal *terminal)
{
	give_out(&terminal->shown, STDOUT_FILENO);
	if (terminal->shown.closed)
		hang_up(terminal);
}

size_t terminal_polls(const struct terminal *terminal, struct pollfd *polls)
{
	size_t count = 0;

	if (terminal->master < 0)
		return 0;
	if (!is_empty(&terminal->typed))
		polls[count++] = (struct pollfd) {.fd = terminal->master, .events = POLLOUT};
	else if (!terminal->typed.closed)
		polls[count++] = (struct pollfd) {.fd = STDIN_FILENO, .events = POLLIN};
	if (!is_empty(&terminal->shown))
		polls[count++] = (struct pollfd) {.fd = STDOUT_FILENO, .events = POLLOUT};
	else if (!terminal->shown.closed)
		polls[count++] = (struct pollfd) {.fd = terminal->master, .events = POLLIN};
	return count;
}

void terminal_relay(struct terminal *terminal, const struct pollfd *polls, size_t count)
{
	for (size_t i = 0; i < count && terminal->master >= 0; i++) {
		if (!polls[i].revents)
			continue;
		if (polls[i].fd == STDIN_FILENO)
			take_typed(terminal);
		else if (polls[i].fd == STDOUT_FILENO)
			show(terminal);
		else if (polls[i].events == POLLOUT)
			give_out(&terminal->typed, terminal->master);
		else
			take_shown(terminal);
	}
}

/* More than a terminal keeps for who reads it, and milliseconds for who reads us. */
enum { REST_TAKES = 64, REST_PATIENCE = 1000 };

/* What the command has said last; no more, for what it has left behind may say things for ever. */
static void show_rest(struct terminal *terminal)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	for (int i = 0; i < REST_TAKES && terminal->master >= 0; i++) {
		if (is_empty(&terminal->shown) && !terminal->shown.closed)
			take_shown(terminal);
		if (is_empty(&terminal->shown) || poll(&out, 1, REST_PATIENCE) <= 0)
			return;
		show(terminal);
	}
}

void terminal_end(struct terminal *terminal)
{
	show_rest(terminal);
	if (terminal->slave >= 0)
		close(terminal->slave);
	terminal->slave = -1;
	hang_up(terminal);
}
