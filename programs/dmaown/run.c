/* SPDX-License-Identifier: MIT */
/* dmaown run: runs a scenario and shows what came of it. */
#define _GNU_SOURCE
#include "run.h"
#include "command.h"
#include "sim_machine.h"

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

static int load_scenario(const char *name, struct scenario **out)
{
	FILE *file = fopen(name, "re");
	size_t length;
	char *text;
	int err, code;

	if (!file)
		return complain(errno == EACCES ? EXIT_NOT_PERMITTED : EXIT_USAGE, name,
				"%s (run takes a scenario file)", strerror(errno));
	err = read_text(file, &text, &length);
	fclose(file);
	if (err)
		return complain(EXIT_USAGE, name, "%s (run takes a scenario file)", strerror(-err));
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

/* The machine of a run. */
struct stage {
	struct machine *machine;
	machine_inspection *inspect; /* NULL: it is no simulated one */
};

/* Opens the machine that the options name, or else the one that the scenario does. */
static int open_stage(const struct context *context, const struct scenario *scenario,
		      struct stage *out)
{
	struct context chosen = *context;
	char *path;
	int code;

	out->inspect = context->machine_named && !context->machine ? NULL : sim_machine_check;
	if (context->machine_named)
		return open_machine(context, &out->machine);
	if (!scenario->machine)
		return complain(EXIT_USAGE, scenario->file,
				"names no machine (--machine live or --machine FILE does)");
	path = beside(scenario->file, scenario->machine);
	if (!path)
		return complain_memory();
	chosen.machine = path;
	code = open_machine(&chosen, &out->machine);
	free(path);
	return code;
}

static int show_timeline(const struct context *context, const struct timeline *timeline)
{
	int err = 0, code;

	if (context->json)
		err = timeline_print_json(timeline, stdout);
	else if (context->verbosity >= 0 || timeline->otherwise)
		timeline_print(timeline, stdout);
	if (err == -ENOMEM)
		return complain_memory();
	code = finish_output();
	if (code == EXIT_DONE && timeline->otherwise)
		code = complain(EXIT_FAILED, timeline->scenario->file,
				"%zu came out otherwise than expected", timeline->otherwise);
	return code;
}

/* A scenario that can't start says so itself. */
static int complain_of_run(const struct scenario *scenario, int err, const char *why)
{
	if (why)
		return complain(exit_code_of(err), NULL, "%s", why);
	return complain(exit_code_of(err), scenario->file, "%s", strerror(-err));
}

static int run(const struct context *context, const struct scenario *scenario,
	       const struct stage *stage)
{
	struct timeline timeline = {0};
	char *why = NULL;
	int err = scenario_run(scenario, stage->machine, stage->inspect, &timeline, &why);
	int code = err ? complain_of_run(scenario, err, why) : show_timeline(context, &timeline);

	timeline_release(&timeline);
	free(why);
	return code;
}

int command_run(struct context *context, int argc, char **argv)
{
	struct scenario *scenario = NULL;
	struct stage stage = {0};
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (argc - optind != 1)
		return complain(EXIT_USAGE, NULL, "run takes one scenario file");
	code = load_scenario(argv[optind], &scenario);
	if (!scenario)
		return code;
	code = open_stage(context, scenario, &stage);
	if (code == EXIT_DONE) {
		code = run(context, scenario, &stage);
		machine_close(stage.machine);
	}
	scenario_free(scenario);
	return code;
}
