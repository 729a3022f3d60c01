/* SPDX-License-Identifier: MIT */
/* What a claim is asked for: WHATs and options, as the handover takes them. */
#ifndef DMAOWN_DMAOWN_REQUEST_H
#define DMAOWN_DMAOWN_REQUEST_H

#include "child.h"
#include "command.h"
#include "plan.h"

/* Uses that one claim may take by name. */
enum { MOST_TAKES = 64 };

/* The options that claim and plan share. */
struct request_options {
	const char *driver, *user, *owner;
	const char *takes[MOST_TAKES];
	size_t take_count;
	bool force, dry_run;
	unsigned int patience; /* milliseconds */
	struct child_options child;
};

/* Reads the options; optind is then at the first WHAT. EXIT_DONE, or EXIT_USAGE, which has been
 * said. */
int read_request_options(struct context *context, int argc, char **argv,
			 struct request_options *out);

/* Whether the options that are about a command have one, and what else they need; false: they have
 * not, which has been said. */
bool check_options_of_command(const struct request_options *options, bool there_is_one);

/* A request and what it borrows from. */
struct request {
	struct claim_request claim;
	int *groups;
	char **named;
	struct user user;      /* empty: none is named */
	const char *ungrouped; /* a WHAT that is in no group; NULL: all are in one */
};

/*
 * Finds the groups that the WHATs name, as the machine is now. EXIT_DONE: undone by
 * release_request(); else why not has been said. The options outlive the request.
 */
int make_request(struct machine *machine, const struct request_options *options, char **whats,
		 size_t count, struct request *out);
void release_request(struct request *request);

/* The groups of the WHATs alone, each once, in an array that the caller frees; a device without a
 * group is EXIT_ABSENT. */
int find_groups(struct machine *machine, char **whats, size_t count, int **groups,
		size_t *group_count);

#endif
