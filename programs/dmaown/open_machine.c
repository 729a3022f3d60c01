/* SPDX-License-Identifier: MIT */
#include "open_machine.h"
#include "command.h"
#include "complain.h"
#include "linux_machine.h"
#include "machine_file.h"
#include "open_journal.h"
#include "recorded_groups.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain_errno(const char *thing, int err)
{
	return complain(exit_code_of(err), thing, "%s", strerror(-err));
}

/* Reads a machine file and gives a group to the devices whose group follows from the wiring. */
static int load(FILE *file, const char *name, struct facts *out, char **why)
{
	struct facts facts;
	int err = machine_file_read(file, name, &facts, why);

	if (err)
		return err;
	err = topology_assign(&facts);
	if (err) {
		facts_release(&facts);
		return err;
	}
	facts_sort(&facts);
	*out = facts;
	return 0;
}

/* A file that is none of ours is a mistake of whoever named it. */
static int read_file(const char *name, struct facts *out)
{
	FILE *file = fopen(name, "re");
	char *why = NULL;
	int err, code;

	if (!file)
		return complain(errno == EACCES ? EXIT_NOT_PERMITTED : EXIT_USAGE, name,
				"%s (--machine takes live or a machine file)", strerror(errno));
	err = load(file, name, out, &why);
	fclose(file);
	if (!err)
		return EXIT_DONE;
	code = err == -EINVAL ? complain(EXIT_USAGE, NULL, "%s", why) : complain_errno(name, err);
	free(why);
	return code;
}

static int open_host(const struct context *context, struct machine **out)
{
	int err = linux_machine_open(context->sysroot, out);

	return err ? complain(EXIT_USAGE, context->sysroot ? context->sysroot : "/", "%s",
			      strerror(-err))
		   : EXIT_DONE;
}

/* A journal that can't be read hides no machine, but who has claimed what of it. */
static void mark_owners(const struct context *context, struct facts *facts)
{
	struct journal *journal;
	int err = -ENOMEM;

	if (open_journal(context, &journal) == EXIT_DONE) {
		err = journal_mark_owners(journal, facts);
		journal_close(journal);
	}
	if (err)
		journal_hide_owners(facts, err);
}

static int read_host(const struct context *context, bool all, struct facts *out)
{
	struct machine *machine;
	int code = open_host(context, &machine);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = all ? machine_read(machine, out) : machine_glance(machine, out);
	if (!err) {
		err = machine_find_uses(machine, out);
		if (err)
			facts_release(out);
		else
			mark_owners(context, out);
	}
	machine_close(machine);
	return err ? complain_errno(context->sysroot ? context->sysroot : "sysfs", err) : EXIT_DONE;
}

static int open_file(const char *name, struct machine **out)
{
	struct facts facts;
	char *why = NULL;
	int code = read_file(name, &facts);
	int err;

	if (code != EXIT_DONE)
		return code;
	err = sim_machine_open(&facts, NULL, out, &why);
	facts_release(&facts);
	if (err == -EINVAL)
		code = complain(EXIT_USAGE, name, "%s", why);
	else if (err)
		code = complain_errno(name, err);
	free(why);
	return code;
}

static bool options_agree(const struct context *context)
{
	if (!context->machine || !context->sysroot)
		return true;
	complain(EXIT_USAGE, "--sysroot",
		 "can't be used with a machine file (leave one of them out)");
	return false;
}

int read_machine(const struct context *context, bool all, struct facts *out)
{
	if (!options_agree(context))
		return EXIT_USAGE;
	return context->machine ? read_file(context->machine, out) : read_host(context, all, out);
}

int open_machine(const struct context *context, struct machine **out)
{
	if (!options_agree(context))
		return EXIT_USAGE;
	return context->machine ? open_file(context->machine, out) : open_host(context, out);
}
