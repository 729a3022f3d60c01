/* SPDX-License-Identifier: MIT */
#include "request_options.h"
#include "complain.h"
#include "open_handover.h"
#include "option_value.h"
#include "options.h"
#include "record.h"

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
			 *use ? "can be given %d times at most (--force takes all known uses)"
			      : "needs the name of a use, as a refusal prints it",
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
		return complain(EXIT_USAGE, argv[0],
				"names more than %d devices and groups (make several claims)",
				RECORD_GROUPS);
	if (optind < argc)
		return EXIT_DONE;
	return complain(EXIT_USAGE, argv[0], "name a device or a group (dmaown list shows all)");
}

bool check_options_of_command(const struct request_options *options, bool there_is_one)
{
	const struct becoming_options *becoming = &options->child.becoming;

	if (!there_is_one && options->child.pty)
		complain(EXIT_USAGE, "--pty", "needs a command (write -- CMD after WHAT)");
	else if (!there_is_one && becoming->memlock_given)
		complain(EXIT_USAGE, "--memlock", "needs a command (write -- CMD after WHAT)");
	else if (!there_is_one && becoming->new_privs)
		complain(EXIT_USAGE, "--new-privs", "needs a command (write -- CMD after WHAT)");
	else if (becoming->new_privs && !options->user)
		complain(EXIT_USAGE, "--new-privs",
			 "has an effect only with --user (name a user, or leave it out)");
	else
		return true;
	return false;
}
