/* SPDX-License-Identifier: MIT */
/*
 * What is printed on standard output, as lines and as JSON, and whether all of it went out.
 *
 * Whatever is printed may hold a string from outside, so nothing is printed but by print_line(),
 * print_json(), paint() and complain(): tests/programs/printed_test looks.
 */
#ifndef DMAOWN_DMAOWN_OUTPUT_H
#define DMAOWN_DMAOWN_OUTPUT_H

#include <jansson.h>

/* Prints a line that tells a terminal nothing. */
__attribute__((format(printf, 1, 2))) void print_line(const char *format, ...);

/* Prints a document, whose reference it takes; NULL is one that there was no memory for. Returns
 * the exit code. */
int print_json(json_t *json);

/* The same, but returns the errno of what did not go out, and says nothing. */
int write_json(json_t *json);

/* Writes what was printed and is not written yet. Returns the errno of what did not go out. */
int flush_output(void);

/*
 * Ends the output. Returns EXIT_DONE, or prints the reason and returns EXIT_FAILED if not all of it
 * went out.
 */
int finish_output(void);

#endif
