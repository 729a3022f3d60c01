/* SPDX-License-Identifier: MIT */
/*
 * What is said when something goes wrong, in one line on standard error, and the exit code that
 * goes with it.
 */
#ifndef DMAOWN_DMAOWN_COMPLAIN_H
#define DMAOWN_DMAOWN_COMPLAIN_H

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

/* Prints "dmaown: THING: what is wrong (what to do)" on standard error, as one line that tells a
 * terminal nothing, with THING left out if it is NULL, and returns `code`. */
__attribute__((format(printf, 3, 4))) int complain(enum exit_code code, const char *thing,
						   const char *format, ...);

/* Prints that there is no memory, and returns EXIT_FAILED. */
int complain_memory(void);

/* The exit code for an errno, which is negative, that a machine answered with. */
enum exit_code exit_code_of(int err);

#endif
