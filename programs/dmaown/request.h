/* SPDX-License-Identifier: MIT */
/* What a claim is asked for by WHATs and options, as the handover takes it. */
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
