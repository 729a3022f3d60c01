/* SPDX-License-Identifier: MIT */
/* What WHATs and options ask a claim for, as the handover takes it. */
#ifndef DMAOWN_DMAOWN_REQUEST_H
#define DMAOWN_DMAOWN_REQUEST_H

#include "machine.h"
#include "plan.h"
#include "request_options.h"

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
 * release_request(). Otherwise it prints the reason and returns the exit code. The options outlive
 * the request.
 */
int make_request(struct machine *machine, const struct request_options *options, char **whats,
		 size_t count, struct request *out);
void release_request(struct request *request);

/*
 * Stores the groups of the WHATs alone, each once, in an array that the caller frees. Returns the
 * exit code; EXIT_ABSENT if a device is in no group.
 */
int find_groups(struct machine *machine, char **whats, size_t count, int **groups,
		size_t *group_count);

#endif
