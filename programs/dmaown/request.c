/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "request.h"
#include "command.h"
#include "complain.h"
#include "machine.h"
#include "what.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_group(int group, int *groups, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		if (groups[i] == group)
			return;
	}
	groups[(*count)++] = group;
}

static int add_device(struct request *request, const char *address)
{
	char *copy = strdup(address);

	if (!copy)
		return complain_memory();
	request->named[request->claim.named_count++] = copy;
	return EXIT_DONE;
}

/* Stores the group of a WHAT, and its device if it was named by address. */
static int find_named(struct machine *machine, const char *text, struct request *request)
{
	struct machine_part part;
	char address[WHAT_SIZE];
	int code = what_part(text, address, &part);
	int group, err;

	if (code != EXIT_DONE)
		return code;
	err = machine_find_group(machine, &part, &group);
	if (err == -ENODEV || err == -ENOENT)
		return complain(EXIT_ABSENT, text, "no such %s (dmaown list shows all)",
				part.device ? "device" : "group");
	if (err)
		return complain(exit_code_of(err), text, "%s", strerror(-err));
	if (group >= 0)
		add_group(group, request->groups, &request->claim.group_count);
	else
		request->ungrouped = text;
	return part.device ? add_device(request, address) : EXIT_DONE;
}

static int take_user(const char *text, struct request *request)
{
	int err = find_user(text, &request->user);

	if (err == -ENOMEM)
		return complain_memory();
	if (err == -ENOENT)
		return complain(EXIT_USAGE, *text ? text : "--user",
				"no such user (--user takes a name or a number)");
	if (err == -EINVAL)
		return complain(EXIT_USAGE, text, "has the number of nobody (choose another user)");
	if (err)
		return complain(exit_code_of(err), text, "can't be looked up: %s", strerror(-err));
	request->claim.user = request->user.name;
	request->claim.uid = request->user.uid;
	request->claim.gid = request->user.gid;
	return EXIT_DONE;
}

int make_request(struct machine *machine, const struct request_options *options, char **whats,
		 size_t count, struct request *out)
{
	struct request request = {
		.claim = {.driver = options->driver,
			  .takes = options->takes,
			  .take_count = options->take_count,
			  .force = options->force,
			  .kept = true},
		.groups = calloc(count + 1, sizeof(*request.groups)),
		.named = calloc(count + 1, sizeof(*request.named)),
	};
	int code = EXIT_DONE;

	if (!request.groups || !request.named) {
		release_request(&request);
		return complain_memory();
	}
	if (options->user)
		code = take_user(options->user, &request);
	for (size_t i = 0; code == EXIT_DONE && i < count; i++)
		code = find_named(machine, whats[i], &request);
	request.claim.groups = request.groups;
	request.claim.named = (const char *const *)request.named;
	request.claim.owner = options->owner ? options->owner : "root";
	if (code == EXIT_DONE)
		*out = request;
	else
		release_request(&request);
	return code;
}

void release_request(struct request *request)
{
	for (size_t i = 0; i < request->claim.named_count; i++)
		free(request->named[i]);
	free(request->named);
	free(request->groups);
	user_release(&request->user);
}

int find_groups(struct machine *machine, char **whats, size_t count, int **groups,
		size_t *group_count)
{
	const struct request_options options = {0};
	struct request request = {0};
	int code = make_request(machine, &options, whats, count, &request);

	if (code != EXIT_DONE)
		return code;
	if (request.ungrouped) {
		code = complain(EXIT_ABSENT, request.ungrouped,
				"is in no group, so no claim has it (dmaown doctor says why)");
	} else {
		*groups = request.groups;
		*group_count = request.claim.group_count;
		request.groups = NULL;
	}
	release_request(&request);
	return code;
}
