/* SPDX-License-Identifier: MIT */
/*
 * A terminal of a command's own. The command can neither read from our terminal nor type into it;
 * we relay what is shown and what is typed.
 *
 * If standard input is a terminal it is raw meanwhile, so that the keys that stop and interrupt
 * reach the command. It is set back at the end, and while we are stopped.
 */
#ifndef DMAOWN_DMAOWN_TERMINAL_H
#define DMAOWN_DMAOWN_TERMINAL_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

/* What was read from one side and is not written to the other yet. */
struct relay {
	char bytes[4096];
	size_t begin, end;
	bool closed; /* there is nothing more to read */
};

struct terminal {
	int ours;          /* that of our descriptors whose size is told; -1: none is a terminal */
	int master, slave; /* -1: there is none, or no more */
	bool is_raw;       /* standard input is: */
	struct termios saved; /* what it was */
	char last_typed;
	struct relay typed, shown;
};

/* Polled for by terminal_polls(). */
enum { TERMINAL_POLLS = 4 };

/* No terminal: no function here does anything with it. */
#define NO_TERMINAL ((struct terminal) {.ours = -1, .master = -1, .slave = -1})

/*
 * Makes a terminal. Returns what opening it and asking for its name give. Undone by terminal_end().
 */
int terminal_make(struct terminal *out);

/* Gives its node to a user, who can then open it by name. */
int terminal_give(const struct terminal *terminal, uid_t uid);

/* In the child: makes it the terminal of a new session, and our descriptors 0 to 2. */
int terminal_take(const struct terminal *terminal);

/* In the parent, when the child has the terminal: begins to relay. */
void terminal_begin(struct terminal *terminal);

/* Adds what to wait for; returns how many there are. */
size_t terminal_polls(const struct terminal *terminal, struct pollfd *polls);

/* Relays what has come, after a poll of `count` of these. */
void terminal_relay(struct terminal *terminal, const struct pollfd *polls, size_t count);

/* Blocks the signals that are about a terminal, and adds them to a set; none without one. */
void terminal_add_signals(const struct terminal *terminal, sigset_t *set);

/* Does what such a signal asks for; false: it is not about a terminal. */
bool terminal_signal(struct terminal *terminal, int number);

/*
 * Shows what is still to be shown, sets our terminal back, and closes the other: processes that
 * still have it get a hangup. Harmless without a terminal, and when called again.
 */
void terminal_end(struct terminal *terminal);

#endif
