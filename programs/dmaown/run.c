/* SPDX-License-Identifier: MIT */
/* dmaown run: runs a scenario and shows what came of it. */
#define _GNU_SOURCE
#include "run.h"
#include "command.h"
#include "complain.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "scenario_file.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The machine of a run. */
struct stage {
	struct machine *machine;
	machine_inspection *inspect; /* NULL: it is no simulated one */
};

static int open_stage(const struct context *context, const struct scenario *scenario,
		      struct stage *out)
{
	struct context chosen;
	char *path;
	int code = scenario_machine(context, scenario, &chosen, &path);

	out->inspect = context->machine_named && !context->machine ? NULL : sim_machine_check;
	if (code == EXIT_DONE)
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
				"%zu of its lines did not end as expected", timeline->otherwise);
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
	code = load_scenario(context, argv[optind], &scenario);
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
