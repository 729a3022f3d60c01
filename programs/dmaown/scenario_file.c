/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scenario_file.h"
#include "command.h"
#include "complain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No scenario that people write comes near it. */
#define SCENARIO_LIMIT (1UL << 20)

/* Reads what is left of the file, which the caller frees. -EFBIG: more than the limit; or what
 * reading gave. */
static int read_text(FILE *file, char **text, size_t *length)
{
	char *bytes = malloc(SCENARIO_LIMIT + 1);
	size_t count;
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	errno = 0;
	count = fread(bytes, 1, SCENARIO_LIMIT + 1, file);
	if (ferror(file))
		err = errno ? -errno : -EIO;
	else if (count > SCENARIO_LIMIT)
		err = -EFBIG;
	if (err) {
		free(bytes);
		return err;
	}
	*text = bytes;
	*length = count;
	return 0;
}

static int parse_text(const char *text, size_t length, const char *name, struct scenario **out)
{
	char *why = NULL;
	int err = scenario_parse(text, length, name, out, &why);
	int code = EXIT_DONE;

	if (err == -EINVAL)
		code = complain(EXIT_USAGE, NULL, "%s", why);
	else if (err)
		code = complain(EXIT_FAILED, name, "%s", strerror(-err));
	free(why);
	return code;
}

int load_scenario(const struct context *context, const char *name, struct scenario **out)
{
	FILE *file = fopen(name, "re");
	size_t length;
	char *text;
	int err, code;

	if (!file)
		return complain(errno == EACCES ? EXIT_NOT_PERMITTED : EXIT_USAGE, name,
				"%s (%s takes a scenario file)", strerror(errno),
				context->command->name);
	err = read_text(file, &text, &length);
	fclose(file);
	if (err)
		return complain(EXIT_USAGE, name, "%s (%s takes a scenario file)", strerror(-err),
				context->command->name);
	code = parse_text(text, length, name, out);
	free(text);
	return code;
}

/* The name of a file that the scenario names, relative to itself, for the caller to free. NULL for
 * lack of memory. */
static char *beside(const char *scenario, const char *name)
{
	const char *slash = strrchr(scenario, '/');
	char *path;

	if (*name == '/' || !slash)
		return strdup(name);
	if (asprintf(&path, "%.*s%s", (int)(slash - scenario + 1), scenario, name) < 0)
		return NULL;
	return path;
}

int scenario_machine(const struct context *context, const struct scenario *scenario,
		     struct context *chosen, char **path)
{
	*chosen = *context;
	*path = NULL;
	if (context->machine_named)
		return EXIT_DONE;
	if (!scenario->machine)
		return complain(EXIT_USAGE, scenario->file,
				"names no machine (give --machine live or --machine FILE)");
	*path = beside(scenario->file, scenario->machine);
	if (!*path)
		return complain_memory();
	chosen->machine = *path;
	return EXIT_DONE;
}
