/* SPDX-License-Identifier: MIT */
/* dmaown explore: every interleaving of a scenario's threads, on the core's own code. */
#define _GNU_SOURCE
#include "command.h"
#include "complain.h"
#include "open_machine.h"
#include "option_value.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "run.h"
#include "scenario_file.h"
#include "stage.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the command line asks for. */
struct request {
	struct explore_options options;
	const struct design *design;
	bool traces;
	const char *replay, *html, *lock_graph;
	const char *scenario;
};

/* Set by a signal, read by the exploration: a handler has nothing else to write to. */
static volatile bool interrupted;

static void interrupt(int number)
{
	interrupted = true;
}

/* On a stack of its own: a fiber's is part of a state. */
static int listen_to_signals(void)
{
	static char room[64 << 10];
	const stack_t stack = {.ss_sp = room, .ss_size = sizeof(room)};
	struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_ONSTACK | SA_RESETHAND};

	if (sigaltstack(&stack, NULL) || sigaction(SIGINT, &action, NULL) ||
	    sigaction(SIGTERM, &action, NULL))
		return -errno;
	return 0;
}

/* ---- options ---- */

/* Of --time: a year. */
#define LONGEST (HOUR * 24 * 365)

static bool choose_design(const char *name, struct request *request)
{
	char names[512] = "";

	request->design = design_find(name);
	if (request->design)
		return true;
	for (const struct design *const *design = designs; *design; design++) {
		strncat(names, names[0] ? ", " : "", sizeof(names) - strlen(names) - 1);
		strncat(names, (*design)->name, sizeof(names) - strlen(names) - 1);
	}
	complain(EXIT_USAGE, NULL, "there is no design '%s' (choose one of %s)", name, names);
	return false;
}

/* None of them has a short form. */
enum explore_option {
	OPTION_DESIGN = 0x200,
	OPTION_STATELESS,
	OPTION_SPURIOUS,
	OPTION_MAX_STATES,
	OPTION_PREEMPTIONS,
	OPTION_MEMORY,
	OPTION_TIME,
	OPTION_REPLAY,
	OPTION_HTML,
	OPTION_LOCK_GRAPH,
};

static const struct option own_options[] = {
	{"design", required_argument, NULL, OPTION_DESIGN},
	{"stateless", no_argument, NULL, OPTION_STATELESS},
	{"spurious", no_argument, NULL, OPTION_SPURIOUS},
	{"max-states", required_argument, NULL, OPTION_MAX_STATES},
	{"preemptions", required_argument, NULL, OPTION_PREEMPTIONS},
	{"memory", required_argument, NULL, OPTION_MEMORY},
	{"time", required_argument, NULL, OPTION_TIME},
	{"replay", required_argument, NULL, OPTION_REPLAY},
	{"html", required_argument, NULL, OPTION_HTML},
	{"lock-graph", required_argument, NULL, OPTION_LOCK_GRAPH},
	{0},
};

static bool take_memory(struct explore_options *options)
{
	uint64_t size;

	if (!read_size("--memory", optarg, 1, SIZE_MAX, &size))
		return false;
	options->max_memory = (size_t)size;
	return true;
}

static bool take_time(struct explore_options *options)
{
	uint64_t time;

	if (!read_time("--time", optarg, 1, LONGEST, &time))
		return false;
	options->max_seconds = (double)time / SECOND;
	return true;
}

static bool take_preemptions(struct explore_options *options)
{
	uint64_t number;

	if (!read_number("--preemptions", optarg, 0, INT16_MAX, &number))
		return false;
	options->max_preemptions = (int)number;
	return true;
}

static bool take_option(int option, struct request *request)
{
	switch (option) {
	case OPTION_DESIGN:
		return choose_design(optarg, request);
	case OPTION_STATELESS:
		request->traces = true;
		return true;
	case OPTION_SPURIOUS:
		request->options.spurious = true;
		return true;
	case OPTION_REPLAY:
		request->replay = optarg;
		return true;
	case OPTION_HTML:
		request->html = optarg;
		return true;
	case OPTION_LOCK_GRAPH:
		request->lock_graph = optarg;
		return true;
	case OPTION_MAX_STATES:
		return read_number("--max-states", optarg, 1, UINT64_MAX,
				   &request->options.max_states);
	case OPTION_PREEMPTIONS:
		return take_preemptions(&request->options);
	case OPTION_MEMORY:
		return take_memory(&request->options);
	case OPTION_TIME:
		return take_time(&request->options);
	}
	return false;
}

static int read_request(struct context *context, int argc, char **argv, struct request *request)
{
	int option;

	*request = (struct request) {.design = designs[0],
				     .options = {.max_preemptions = -1, .stop = &interrupted}};
	while ((option = command_option(context, argc, argv, own_options)) != OPTION_END)
		if (!take_option(option, request))
			return EXIT_USAGE;
	if (argc - optind != 1)
		return complain(EXIT_USAGE, NULL, "explore takes one scenario file");
	if (request->options.max_preemptions >= 0)
		request->traces = true;
	request->scenario = argv[optind];
	return EXIT_DONE;
}

/* ---- while it runs ---- */

static void tell_progress(void *context, const struct explore_progress *progress)
{
	double seconds = progress->seconds > 0 ? progress->seconds : 1;
	uint64_t done = progress->executions ? progress->executions : progress->states;

	fprintf(stderr, "%s%" PRIu64 " %s, %" PRIu64 " to look at, depth %u, %.0f a second, %.0f s",
		isatty(STDERR_FILENO) ? "\r" : "", done,
		progress->executions ? "executions" : "states", progress->frontier, progress->depth,
		(double)done / seconds, progress->seconds);
	if (progress->estimate >= 0)
		fprintf(stderr, ", about %.0f %%", 100 * progress->estimate);
	fputs(isatty(STDERR_FILENO) ? "\033[K" : "\n", stderr);
}

static void end_progress(const struct request *request)
{
	if (request->options.progress && isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* ---- what came of it ---- */

static int write_file(const char *name, const struct report *report,
		      int (*write)(const struct report *report, FILE *out))
{
	FILE *out = fopen(name, "we");
	bool failed;
	int err;

	if (!out)
		return complain(EXIT_FAILED, name, "%s (name a file that can be written)",
				strerror(errno));
	err = write(report, out);
	failed = ferror(out);
	if (fclose(out) || failed)
		return complain(EXIT_FAILED, name, "could not be written in full");
	return err ? complain_memory() : EXIT_DONE;
}

static int write_lock_graph(const struct report *report, FILE *out)
{
	return report_lock_graph(report->exploration, out);
}

static int print_report(const struct context *context, const struct report *report)
{
	const struct exploration *exploration = report->exploration;

	if (context->json) {
		if (report_json(report, stdout))
			return complain_memory();
	} else if (context->verbosity >= 0 || exploration->finding.kind != FINDING_NONE) {
		report_text(report, stdout);
	}
	return finish_output();
}

static int write_report(const struct context *context, const struct request *request,
			const struct report *report)
{
	const struct exploration *exploration = report->exploration;
	int code = print_report(context, report);

	if (code == EXIT_DONE && request->html)
		code = write_file(request->html, report, report_html);
	if (code == EXIT_DONE && request->lock_graph)
		code = write_file(request->lock_graph, report, write_lock_graph);
	if (code != EXIT_DONE)
		return code;
	return exploration->finding.kind == FINDING_NONE && exploration->bound == BOUND_NONE
		       ? EXIT_DONE
		       : EXIT_FAILED;
}

/* The command that takes the same schedule again. */
static char *again(const struct context *context, const struct request *request)
{
	char *text;

	if (asprintf(&text, "dmaown%s%s explore%s%s%s %s --replay",
		     context->machine ? " --machine " : "",
		     context->machine ? context->machine : "",
		     request->design == designs[0] ? "" : " --design ",
		     request->design == designs[0] ? "" : request->design->name,
		     request->options.spurious ? " --spurious" : "", request->scenario) < 0)
		return NULL;
	return text;
}

/* Takes the schedule once more to see what each step does. */
static int show_schedule(const struct subject *subject, const struct request *request,
			 const struct exploration *exploration, struct shown_schedule *shown)
{
	const struct execution_options options = {.spurious = request->options.spurious,
						  .callers = true};
	struct source_lines *lines = source_lines_open();
	struct execution *execution;
	char *why = NULL;
	int err = execution_create(subject, &options, &execution);

	if (!err) {
		err = schedule_show(execution, exploration->schedule, exploration->length,
				    &exploration->finding, lines, shown, &why);
		execution_destroy(execution);
	}
	source_lines_close(lines);
	free(why);
	return err;
}

static int report(const struct context *context, const struct request *request,
		  const struct scenario *scenario, const struct stage *stage,
		  const struct exploration *exploration)
{
	struct shown_schedule shown = {.count = 0};
	struct report about = {.scenario = scenario->file,
			       .title = scenario->title,
			       .design = request->design->name,
			       .exploration = exploration};
	char *command = again(context, request);
	int code = EXIT_DONE;

	about.again = command;
	if (!command)
		return complain_memory();
	if (exploration->schedule) {
		if (show_schedule(stage_subject(stage), request, exploration, &shown))
			code = complain(EXIT_FAILED, scenario->file,
					"its schedule had another result when it was run again");
		about.shown = &shown;
	}
	if (code == EXIT_DONE)
		code = write_report(context, request, &about);
	shown_schedule_release(&shown);
	free(command);
	return code;
}

/* ---- the exploration ---- */

static int replay(const struct subject *subject, const struct request *request,
		  struct exploration *out, char **why)
{
	uint8_t *schedule;
	size_t length;
	int err = schedule_parse(request->replay, subject->thread_count, &schedule, &length, why);

	if (err)
		return err;
	err = explore_schedule(subject, &request->options, schedule, length, out, why);
	free(schedule);
	return err;
}

static int explore(const struct request *request, const struct subject *subject,
		   struct exploration *out, char **why)
{
	if (request->replay)
		return replay(subject, request, out, why);
	if (request->traces)
		return explore_traces(subject, &request->options, out);
	return explore_states(subject, &request->options, out);
}

static int complain_of_failure(const struct scenario *scenario, const struct stage *stage, int err,
			       const char *why)
{
	if (why)
		return complain(EXIT_USAGE, scenario->file, "%s", why);
	if (stage_why(stage))
		return complain(EXIT_FAILED, scenario->file, "%s", stage_why(stage));
	return complain(EXIT_FAILED, scenario->file, "can't be explored: %s", strerror(-err));
}

static int explore_stage(const struct context *context, struct request *request,
			 const struct scenario *scenario, const struct stage *stage)
{
	struct exploration exploration;
	char *why = NULL;
	int err, code;

	if (context->verbosity > 0 || (isatty(STDERR_FILENO) && context->verbosity == 0))
		request->options.progress = tell_progress;
	err = explore(request, stage_subject(stage), &exploration, &why);
	end_progress(request);
	if (err) {
		code = complain_of_failure(scenario, stage, err, why);
	} else {
		code = report(context, request, scenario, stage, &exploration);
		exploration_release(&exploration);
	}
	free(why);
	return code;
}

static int set_stage(const struct context *context, struct request *request,
		     const struct scenario *scenario, const struct facts *facts)
{
	struct stage *stage = NULL;
	char *why = NULL;
	int err = scenario_fits(scenario, facts, &why), code;

	if (!err)
		err = stage_create(scenario, facts, request->design, &stage, &why);
	if (err)
		code = complain(exit_code_of(err), why ? NULL : scenario->file, "%s",
				why ? why : strerror(-err));
	else
		code = explore_stage(context, request, scenario, stage);
	stage_destroy(stage);
	free(why);
	return code;
}

static int explore_scenario(const struct context *context, struct request *request,
			    const struct scenario *scenario)
{
	struct facts facts = {0};
	struct context chosen;
	char *path;
	int code = scenario_machine(context, scenario, &chosen, &path);

	if (code == EXIT_DONE)
		code = read_machine(&chosen, true, &facts);
	if (code == EXIT_DONE)
		code = set_stage(context, request, scenario, &facts);
	facts_release(&facts);
	free(path);
	return code;
}

int command_explore(struct context *context, int argc, char **argv)
{
	struct scenario *scenario = NULL;
	struct request request;
	int code = read_request(context, argc, argv, &request);

	if (code != EXIT_DONE)
		return code;
	code = load_scenario(context, request.scenario, &scenario);
	if (!scenario)
		return code;
	if (listen_to_signals())
		code = complain(EXIT_FAILED, NULL, "can't receive signals: %s", strerror(errno));
	else
		code = explore_scenario(context, &request, scenario);
	scenario_free(scenario);
	return code;
}
