/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "request.h"
#include "command.h"
#include "complain.h"
#include "machine.h"
#include "open_handover.h"
#include "option_value.h"
#include "options.h"
#include "what.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- options ---- */

enum {
	OPTION_DRIVER = 0x200,
	OPTION_USER,
	OPTION_OWNER,
	OPTION_TAKE,
	OPTION_FORCE,
	OPTION_DRY_RUN,
	OPTION_TIMEOUT,
	OPTION_MEMLOCK,
	OPTION_PTY,
	OPTION_NEW_PRIVS
};

static const struct option request_options[] = {
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"user", required_argument, NULL, OPTION_USER},
	{"owner", required_argument, NULL, OPTION_OWNER},
	{"take", required_argument, NULL, OPTION_TAKE},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"memlock", required_argument, NULL, OPTION_MEMLOCK},
	{"pty", no_argument, NULL, OPTION_PTY},
	{"new-privs", no_argument, NULL, OPTION_NEW_PRIVS},
	{0},
};

static bool take_use(const char *use, struct request_options *out)
{
	if (!*use || out->take_count == MOST_TAKES) {
		complain(EXIT_USAGE, "--take",
			 *use ? "more than %d of them (--force takes all that are known)"
			      : "takes the name of a use, as a refusal says it",
			 MOST_TAKES);
		return false;
	}
	out->takes[out->take_count++] = use;
	return true;
}

static bool take_memlock(const char *text, struct becoming_options *out)
{
	uint64_t limit;

	if (!read_limit("--memlock", text, &limit))
		return false;
	out->memlock_given = true;
	out->memlock = limit == UNLIMITED ? RLIM_INFINITY : (rlim_t)limit;
	return true;
}

static bool take_option(int option, struct request_options *out)
{
	switch (option) {
	case OPTION_DRIVER:
		return read_name("--driver", optarg, &out->driver);
	case OPTION_USER:
		out->user = optarg;
		return true;
	case OPTION_OWNER:
		return read_name("--owner", optarg, &out->owner);
	case OPTION_TAKE:
		return take_use(optarg, out);
	case OPTION_FORCE:
		out->force = true;
		return true;
	case OPTION_DRY_RUN:
		out->dry_run = true;
		return true;
	case OPTION_TIMEOUT:
		return read_patience(optarg, &out->patience);
	case OPTION_MEMLOCK:
		return take_memlock(optarg, &out->child.becoming);
	case OPTION_PTY:
		out->child.pty = true;
		return true;
	case OPTION_NEW_PRIVS:
		out->child.becoming.new_privs = true;
		return true;
	}
	return false;
}

int read_request_options(struct context *context, int argc, char **argv,
			 struct request_options *out)
{
	int option;

	*out = (struct request_options) {.patience = DEFAULT_PATIENCE};
	while ((option = command_option(context, argc, argv, request_options)) != OPTION_END) {
		if (!take_option(option, out))
			return EXIT_USAGE;
	}
	if (argc - optind > RECORD_GROUPS)
		return complain(EXIT_USAGE, argv[0], "names more than %d devices and groups",
				RECORD_GROUPS);
	if (optind < argc)
		return EXIT_DONE;
	return complain(EXIT_USAGE, argv[0], "no device or group is named");
}

bool check_options_of_command(const struct request_options *options, bool there_is_one)
{
	const struct becoming_options *becoming = &options->child.becoming;

	if (!there_is_one && options->child.pty)
		complain(EXIT_USAGE, "--pty",
			 "gives a command a terminal, and there is none (-- CMD follows WHAT)");
	else if (!there_is_one && becoming->memlock_given)
		complain(EXIT_USAGE, "--memlock",
			 "limits a command, and there is none (-- CMD follows WHAT)");
	else if (!there_is_one && becoming->new_privs)
		complain(EXIT_USAGE, "--new-privs",
			 "lets a command get more rights, and there is none (-- CMD follows WHAT)");
	else if (becoming->new_privs && !options->user)
		complain(EXIT_USAGE, "--new-privs",
			 "lifts what only --user forbids (name a user, or leave it out)");
	else
		return true;
	return false;
}

/* ---- what is named ---- */

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

/* ---- users ---- */

static int take_user(const char *text, struct request *request)
{
	int err = find_user(text, &request->user);

	if (err == -ENOMEM)
		return complain_memory();
	if (err == -ENOENT)
		return complain(EXIT_USAGE, *text ? text : "--user",
				"no such user (--user takes a name or a number)");
	if (err == -EINVAL)
		return complain(EXIT_USAGE, text, "has a number that stands for nobody");
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
				"in no group, so nobody has claimed it (dmaown doctor says why)");
	} else {
		*groups = request.groups;
		*group_count = request.claim.group_count;
		request.groups = NULL;
	}
	release_request(&request);
	return code;
}
