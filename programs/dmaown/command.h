/* SPDX-License-Identifier: MIT */
/*
 * A command of dmaown, and what the options say that stand before or after any of them.
 *
 * A command is one function in a file of its own and one line in the table of commands.c. It
 * returns the exit code; the function that finds out what goes wrong says it (complain.h).
 */
#ifndef DMAOWN_DMAOWN_COMMAND_H
#define DMAOWN_DMAOWN_COMMAND_H

#include "start.h"

#include <stdbool.h>
#include <stddef.h>

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct context {
	char **arguments; /* the whole command line */
	struct found_signals found;
	const struct command *commands; /* all that there are */
	const struct command *command;
	const char *machine; /* a machine file; NULL: the live host */
	bool machine_named;  /* by an option, and so not by a scenario */
	const char *sysroot; /* the host's root directory; NULL: "/" */
	bool json;
	int verbosity; /* -1 with -q, one more for each -v */
	enum color color;
};

struct command {
	const char *name;
	const char *arguments; /* as a usage line has them */
	const char *summary;
	const char *options; /* lines of its own options; NULL: it has none */
	const char *example; /* a command line and what it does, or several */
	/* Runs with argv[0] being the command's name, and returns the exit code. */
	int (*run)(struct context *context, int argc, char **argv);
};

/* Ends the list with an entry whose name is NULL. */
extern const struct command commands[];

int command_help(struct context *context, int argc, char **argv);
int command_list(struct context *context, int argc, char **argv);
int command_show(struct context *context, int argc, char **argv);
int command_plan(struct context *context, int argc, char **argv);
int command_claim(struct context *context, int argc, char **argv);
int command_release(struct context *context, int argc, char **argv);
int command_recover(struct context *context, int argc, char **argv);
int command_claims(struct context *context, int argc, char **argv);
int command_audit(struct context *context, int argc, char **argv);
int command_doctor(struct context *context, int argc, char **argv);
int command_run(struct context *context, int argc, char **argv);
int command_explore(struct context *context, int argc, char **argv);
int command_snapshot(struct context *context, int argc, char **argv);
int command_watch(struct context *context, int argc, char **argv);

#endif
