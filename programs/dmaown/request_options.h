/* SPDX-License-Identifier: MIT */
/* The options that claim and plan share. */
#ifndef DMAOWN_DMAOWN_REQUEST_OPTIONS_H
#define DMAOWN_DMAOWN_REQUEST_OPTIONS_H

#include "child.h"
#include "command.h"

/* How many uses one claim may take by name. */
enum { MOST_TAKES = 64 };

struct request_options {
	const char *driver, *user, *owner;
	const char *takes[MOST_TAKES];
	size_t take_count;
	bool force, dry_run;
	unsigned int patience; /* milliseconds */
	struct child_options child;
};

/*
 * Reads the options; afterwards optind is at the first WHAT. Returns EXIT_DONE, or prints what is
 * wrong and returns EXIT_USAGE.
 */
int read_request_options(struct context *context, int argc, char **argv,
			 struct request_options *out);

/*
 * Whether the options that need a command have one, and the options that need --user have that.
 * false: what is missing was printed.
 */
bool check_options_of_command(const struct request_options *options, bool there_is_one);

#endif
