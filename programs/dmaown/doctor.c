/* SPDX-License-Identifier: MIT */
/*
 * dmaown doctor: what keeps this machine from handing out a group, and how to mend it.
 *
 * One line for each remark that hinders or that one should mind, and for what is not known and
 * decides; with -v also for what is fine and what else is not known.
 */
#include "command.h"
#include "complain.h"
#include "diagnosis.h"
#include "open_journal.h"
#include "open_machine.h"
#include "options.h"
#include "output.h"
#include "paint.h"
#include "state_folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { GRAVITY_WIDTH = 9 };

static enum style gravity_style(enum gravity gravity)
{
	switch (gravity) {
	case GRAVITY_OK:
		return STYLE_GREEN;
	case GRAVITY_UNKNOWN:
		return STYLE_DIM;
	case GRAVITY_WARNS:
		return STYLE_YELLOW;
	case GRAVITY_BLOCKS:
		return STYLE_BOLD;
	}
	return STYLE_PLAIN;
}

static void print_remark(bool color, const struct remark *remark)
{
	paint(color, gravity_style(remark->gravity), gravity_name(remark->gravity), GRAVITY_WIDTH);
	paint(false, STYLE_PLAIN, remark->thing, 0);
	fputs(": ", stdout);
	paint(false, STYLE_PLAIN, remark->reason, 0);
	if (remark->remedy) {
		fputs(" (", stdout);
		paint(false, STYLE_PLAIN, remark->remedy, 0);
		fputs(")", stdout);
	}
	putchar('\n');
}

static void print_text(const struct context *context, const struct diagnosis *diagnosis)
{
	bool color = colored(context);

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct remark *remark = &diagnosis->remarks[i];

		if (remark->gravity >= GRAVITY_WARNS || remark->code != EXIT_DONE ||
		    context->verbosity > 0)
			print_remark(color, remark);
	}
	if (diagnosis_code(diagnosis) == EXIT_DONE && context->verbosity >= 0)
		puts("nothing keeps this machine from handing out a group");
}

/* Of the journal of a machine in a file there is nothing to say. */
static int examine_journal(const struct context *context, struct diagnosis *diagnosis)
{
	struct journal *journal;
	int code, err;

	if (context->machine)
		return EXIT_DONE;
	code = open_journal(context, &journal);
	if (code != EXIT_DONE)
		return code;
	err = diagnose_state_folder(diagnosis, journal_state_folder(journal));
	journal_close(journal);
	return err ? complain_memory() : EXIT_DONE;
}

static int examine(const struct context *context, struct diagnosis *diagnosis)
{
	struct facts facts;
	int code = read_machine(context, true, &facts);

	if (code != EXIT_DONE)
		return code;
	if (diagnose(diagnosis, &facts))
		code = complain_memory();
	facts_release(&facts);
	return code == EXIT_DONE ? examine_journal(context, diagnosis) : code;
}

static int print(const struct context *context, const struct diagnosis *diagnosis)
{
	int code;

	if (context->json) {
		code = print_json(diagnosis_to_json(diagnosis));
	} else {
		print_text(context, diagnosis);
		code = finish_output();
	}
	return code == EXIT_DONE ? (int)diagnosis_code(diagnosis) : code;
}

int command_doctor(struct context *context, int argc, char **argv)
{
	struct diagnosis diagnosis = {0};
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind],
				"doctor takes no arguments (leave it out)");
	code = examine(context, &diagnosis);
	if (code == EXIT_DONE)
		code = print(context, &diagnosis);
	diagnosis_release(&diagnosis);
	return code;
}
