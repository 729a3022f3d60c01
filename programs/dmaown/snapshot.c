/* SPDX-License-Identifier: MIT */
/* dmaown snapshot: writes the machine to a machine file. */
#define _GNU_SOURCE
#include "command.h"
#include "complain.h"
#include "machine_file.h"
#include "open_machine.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe or /dev/stdout is written to as it is. */
static int write_in_place(const struct facts *facts, const char *name)
{
	FILE *file = fopen(name, "we");
	int err;

	if (!file)
		return -errno;
	err = machine_file_write(facts, file);
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

/* Writes beside the file and renames, so that the name always holds a whole snapshot. */
static int replace_file(const struct facts *facts, const char *name)
{
	char *temporary;
	FILE *file;
	int fd, err;

	if (asprintf(&temporary, "%s.XXXXXX", name) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto free_name;
	}
	file = fdopen(fd, "w");
	if (!file) {
		err = -ENOMEM;
		close(fd);
		goto unlink;
	}
	err = fchmod(fd, 0644) ? -errno : machine_file_write(facts, file);
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(temporary, name))
		err = -errno;
unlink:
	if (err)
		unlink(temporary);
free_name:
	free(temporary);
	return err;
}

static int write_file(const struct facts *facts, const char *name)
{
	struct stat status;

	if (stat(name, &status) == 0 && !S_ISREG(status.st_mode))
		return write_in_place(facts, name);
	return replace_file(facts, name);
}

int command_snapshot(struct context *context, int argc, char **argv)
{
	static const struct option own[] = {{"output", required_argument, NULL, 'o'}, {0}};
	const char *output = NULL;
	struct facts facts;
	int option, code, err;

	while ((option = command_option(context, argc, argv, own)) != OPTION_END) {
		if (option == OPTION_BAD)
			return EXIT_USAGE;
		output = optarg;
	}
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind],
				"snapshot takes no arguments (name the file with -o FILE)");
	code = read_machine(context, true, &facts);
	if (code != EXIT_DONE)
		return code;
	err = output ? write_file(&facts, output) : machine_file_write(&facts, stdout);
	facts_release(&facts);
	return err ? complain(exit_code_of(err), output ? output : "standard output", "%s",
			      strerror(-err))
		   : EXIT_DONE;
}
