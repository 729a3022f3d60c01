/* SPDX-License-Identifier: MIT */
/*
 * What the commands of dmaown share: the options that stand before or after any of them, the exit
 * codes, and opening the machine that the options name.
 *
 * A command is one function in a file of its own and one line in the table of commands.c. Whatever
 * goes wrong is said in one line on standard error, by the function that returns the exit code for
 * it.
 */
#ifndef DMAOWN_DMAOWN_COMMAND_H
#define DMAOWN_DMAOWN_COMMAND_H

#include "machine.h"
#include "start.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What scripts may depend on; EXIT_DONE goes with every promise kept. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* everything is as before */
	EXIT_USAGE = 2,  /* nothing was tried */
	EXIT_IN_USE = 3, /* refused: the system uses it */
	EXIT_OWNED = 4,  /* refused: someone else has it */
	EXIT_ABSENT = 5, /* no such device or group, no IOMMU, not supported */
	EXIT_NOT_PERMITTED = 6,
	EXIT_NOT_RESTORED = 7, /* not everything could be put back */

	/* With a command, whose own exit codes are all others: as env(1) and timeout(1). */
	EXIT_OWN_FAILURE = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct context {
	char **arguments; /* the whole command line */
	struct found_signals found;
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
	/* Runs with argv[0] being the command's name, and returns the exit code. */
	int (*run)(struct context *context, int argc, char **argv);
};

/* Ends the list with an entry whose name is NULL. */
extern const struct command commands[];

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

/* What command_option() returns for an option that it has dealt with. Options of a command have
 * values above; those that are printable characters are short options too. */
enum { OPTION_END = -1, OPTION_BAD = 0 };

/*
 * Returns the command's next option out of its `own`, which ends with an all-zero entry and may be
 * NULL, with its argument in optarg; OPTION_END after the last one, when optind is at the first
 * operand; OPTION_BAD for one that is wrong, after having said so. Options of every command are
 * dealt with here: --help and --version end the program.
 */
int command_option(struct context *context, int argc, char **argv, const struct option *own);

/* The same for a command that has no options of its own: true if all options are good. */
bool command_takes_no_options(struct context *context, int argc, char **argv);

/* The options that stand before the command; afterwards optind is at the command's name. */
bool global_options(struct context *context, int argc, char **argv);

/*
 * Whatever is printed may hold a string from outside, so nothing is printed but by complain(),
 * print_line(), print_json() and paint(): tests/programs/printed_test looks.
 */

/* Prints "dmaown: THING: what is wrong (what to do)" on standard error, as one line that tells a
 * terminal nothing, with THING left out if it is NULL, and returns `code`. */
__attribute__((format(printf, 3, 4))) int complain(enum exit_code code, const char *thing,
						   const char *format, ...);

/* Prints such a line, of nothing but what is given, on standard output. */
__attribute__((format(printf, 1, 2))) void print_line(const char *format, ...);

/* Complains of want of memory: EXIT_FAILED. */
int complain_memory(void);

/* The exit code for an errno, which is negative, that a machine answered with. */
enum exit_code exit_code_of(int err);

/* Opens the machine that the options name; a machine file's is simulated. EXIT_DONE: *out is ended
 * with machine_close(); else why not has been said. */
int open_machine(const struct context *context, struct machine **out);

/*
 * Reads that machine: all of it, or only what machine_glance() gives. EXIT_DONE: *out is the
 * caller's to release; else why not has been said.
 */
int read_machine(const struct context *context, bool all, struct facts *out);

/* Prints a document, whose reference it takes; NULL is one that there was no memory for. */
int print_json(json_t *json);

/* The same, and nothing is said of the errno of what did not go out. */
int write_json(json_t *json);

/* Writes what was printed, and is not written yet. The errno of what did not go out. */
int flush_output(void);

/* Ends the writing of what was printed. EXIT_FAILED, having said so, if not all of it went out. */
int finish_output(void);

#endif
