/* SPDX-License-Identifier: MIT */
/*
 * dmaown doctor: what keeps this machine from handing out a group, and how to mend it.
 *
 * One line for each finding that hinders or that one should mind; with -v also for what is fine and
 * what is not known.
 */
#include "diagnosis.h"
#include "paint.h"
#include "state_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VERDICT_WIDTH = 9 };

static enum style verdict_style(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OK:
		return STYLE_GREEN;
	case VERDICT_UNKNOWN:
		return STYLE_DIM;
	case VERDICT_WARNS:
		return STYLE_YELLOW;
	case VERDICT_BLOCKS:
		return STYLE_BOLD;
	}
	return STYLE_PLAIN;
}

static void print_finding(bool color, const struct finding *finding)
{
	paint(color, verdict_style(finding->verdict), verdict_name(finding->verdict),
	      VERDICT_WIDTH);
	paint(false, STYLE_PLAIN, finding->thing, 0);
	fputs(": ", stdout);
	paint(false, STYLE_PLAIN, finding->reason, 0);
	if (finding->remedy) {
		fputs(" (", stdout);
		paint(false, STYLE_PLAIN, finding->remedy, 0);
		fputs(")", stdout);
	}
	putchar('\n');
}

static void print_text(const struct context *context, const struct diagnosis *diagnosis)
{
	bool color = colored(context);

	for (size_t i = 0; i < diagnosis->count; i++) {
		if (diagnosis->findings[i].verdict >= VERDICT_WARNS || context->verbosity > 0)
			print_finding(color, &diagnosis->findings[i]);
	}
	if (diagnosis_code(diagnosis) == EXIT_DONE && context->verbosity >= 0)
		puts("nothing keeps this machine from handing out a group");
}

static int print_json(const struct diagnosis *diagnosis)
{
	json_t *json = diagnosis_to_json(diagnosis);

	if (!json)
		return -ENOMEM;
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
	return 0;
}

/* The state folder is ours: of a machine in a file there is nothing to say about it. */
static int examine(const struct context *context, const struct facts *facts,
		   struct diagnosis *diagnosis)
{
	int err = diagnose(diagnosis, facts);

	if (!err && !context->machine)
		err = diagnose_state_folder(diagnosis, state_folder());
	return err;
}

int command_doctor(struct context *context, int argc, char **argv)
{
	struct diagnosis diagnosis = {0};
	struct facts facts;
	int code, err;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind], "too much (doctor is about the machine)");
	code = read_machine(context, true, &facts);
	if (code != EXIT_DONE)
		return code;
	err = examine(context, &facts, &diagnosis);
	if (!err && context->json)
		err = print_json(&diagnosis);
	else if (!err)
		print_text(context, &diagnosis);
	code = diagnosis_code(&diagnosis);
	diagnosis_release(&diagnosis);
	facts_release(&facts);
	if (err)
		return complain(EXIT_FAILED, NULL, "%s", strerror(-err));
	return finish_output() == EXIT_DONE ? code : EXIT_FAILED;
}
