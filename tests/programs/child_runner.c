/* SPDX-License-Identifier: MIT */
/*
 * child_runner [--user U] [--pty] [--new-privs] [--memlock BYTES] CMD ARG...: runs a command as
 * `dmaown claim` does, with all but a claim: its record is made up, and so is its lock.
 */
#define _GNU_SOURCE
#include "child_life.h"
#include "child_signals.h"
#include "complain.h"
#include "user.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char to[] = "vfio-pci", first[] = "0000:02:01.0", bridge[] = "0000:02:02.0",
	    last[] = "0000:02:03.0";
static struct record_device devices[] = {
	{.address = first, .to = to}, {.address = bridge}, {.address = last, .to = to}};
static struct record_group groups[] = {{.id = 8}, {.id = 11}};
static const struct record record = {
	.groups = groups, .group_count = 2, .devices = devices, .device_count = 3};

static int take_option(int option, struct child_options *options, struct user *user)
{
	switch (option) {
	case 'u':
		return find_user(optarg, user);
	case 'p':
		options->pty = true;
		return 0;
	case 'n':
		options->becoming.new_privs = true;
		return 0;
	case 'm':
		options->becoming.memlock_given = true;
		options->becoming.memlock = strtoul(optarg, NULL, 10);
		return 0;
	}
	return -EINVAL;
}

static int run(const struct user *user, const struct child_options *options, char **arguments,
	       const struct found_signals *found)
{
	struct child child;
	int code = child_make(user, options, arguments, found, &child);

	if (code != EXIT_DONE)
		return code;
	hold_signals(found);
	code = run_child(&child, &record, open("/dev/zero", O_RDONLY | O_CLOEXEC));
	child_release(&child);
	return code;
}

int main(int argc, char **argv)
{
	static const struct option all[] = {{"user", required_argument, NULL, 'u'},
					    {"pty", no_argument, NULL, 'p'},
					    {"new-privs", no_argument, NULL, 'n'},
					    {"memlock", required_argument, NULL, 'm'},
					    {0}};
	struct child_options options = {0};
	struct found_signals found;
	struct user user = {0};
	int option, code;

	if (start_descriptors() != 0)
		errx(EXIT_OWN_FAILURE, "/dev/null");
	start_signals(&found);
	while ((option = getopt_long(argc, argv, "+", all, NULL)) != -1) {
		int failed = take_option(option, &options, &user);

		if (failed)
			errx(EXIT_OWN_FAILURE, "%s: %s", optarg, strerror(-failed));
	}
	code = run(user.name ? &user : NULL, &options, argv + optind, &found);
	user_release(&user);
	return code;
}
