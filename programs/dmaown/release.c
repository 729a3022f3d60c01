/* SPDX-License-Identifier: MIT */
/* dmaown release: ends claims that are kept, or that nobody stands behind. */
#include "command.h"
#include "complain.h"
#include "end_claim.h"
#include "open_handover.h"
#include "open_journal.h"
#include "options.h"
#include "output.h"
#include "printable.h"
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct selection {
	const char *owner; /* NULL: any */
	bool all, force;
	int *groups;
	size_t group_count;
};

/* Whether the claim is one of that group: by devices that are in it, for numbers are given anew. */
static bool has_group(struct handover *handover, struct entry *entry, int group)
{
	return record_has_group(&entry->record, group) &&
	       record_group_is_there(handover->machine, &entry->record, group);
}

static bool is_selected(struct handover *handover, const struct selection *selection,
			struct entry *entry)
{
	if (entry->state != ENTRY_GOOD)
		return false;
	if (selection->all)
		return entry->record.kept;
	if (selection->owner)
		return printable_names(selection->owner, entry->record.owner);
	for (size_t i = 0; i < selection->group_count; i++) {
		if (has_group(handover, entry, selection->groups[i]))
			return true;
	}
	return false;
}

static bool covers(struct handover *handover, struct entries *entries, int group)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (has_group(handover, &entries->all[i], group))
			return true;
	}
	return false;
}

/* Whoever names what is not claimed is told so before anything is released. */
static int check_selection(struct handover *handover, const struct selection *selection,
			   struct entries *entries)
{
	size_t selected = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct entry *entry = &entries->all[i];

		if (entry->state != ENTRY_GOOD)
			return complain(EXIT_FAILED, entry->name, "%s", entry_state_words(entry));
		selected += is_selected(handover, selection, entry);
	}
	for (size_t i = 0; i < selection->group_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "group:%d", selection->groups[i]);
		if (!covers(handover, entries, selection->groups[i]))
			return complain(EXIT_ABSENT, name,
					"no claim of dmaown has it (dmaown list shows who has it)");
	}
	if (selection->owner && selected == 0)
		return complain(EXIT_ABSENT, selection->owner,
				"has no claim (dmaown claims lists all of them)");
	return EXIT_DONE;
}

static int release_selected(const struct context *context, struct handover *handover,
			    const struct selection *selection)
{
	struct entries entries;
	int code = read_entries(handover->journal, &entries), worst = EXIT_DONE;

	if (code != EXIT_DONE)
		return code;
	worst = check_selection(handover, selection, &entries);
	/* One that can't be ended keeps none of the others. */
	for (size_t i = 0, count = worst == EXIT_DONE ? entries.count : 0; i < count; i++) {
		if (!is_selected(handover, selection, &entries.all[i]))
			continue;
		code = end_claim(context, handover, &entries.all[i],
				 selection->force ? RELEASE_FORCE : 0);
		worst = code > worst ? code : worst;
	}
	entries_release(&entries);
	return worst == EXIT_DONE ? finish_output() : worst;
}

enum { OPTION_OWNER = 0x200, OPTION_ALL, OPTION_FORCE, OPTION_TIMEOUT };

static const struct option release_options[] = {
	{"owner", required_argument, NULL, OPTION_OWNER},
	{"all", no_argument, NULL, OPTION_ALL},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{0},
};

static int read_options(struct context *context, int argc, char **argv, struct selection *selection,
			unsigned int *patience)
{
	int option;

	while ((option = command_option(context, argc, argv, release_options)) != OPTION_END) {
		if (option == OPTION_OWNER)
			selection->owner = optarg;
		else if (option == OPTION_ALL)
			selection->all = true;
		else if (option == OPTION_FORCE)
			selection->force = true;
		else if (option != OPTION_TIMEOUT || !read_patience(optarg, patience))
			return EXIT_USAGE;
	}
	if ((optind < argc) + (selection->owner != NULL) + selection->all == 1)
		return EXIT_DONE;
	return complain(EXIT_USAGE, "release", "name devices or groups, --owner NAME, or --all");
}

int command_release(struct context *context, int argc, char **argv)
{
	struct selection selection = {0};
	unsigned int patience = DEFAULT_PATIENCE;
	struct opened opened;
	int code = read_options(context, argc, argv, &selection, &patience);

	if (code == EXIT_DONE)
		code = open_handover(context, patience, &opened);
	if (code != EXIT_DONE)
		return code;
	if (optind < argc)
		code = find_groups(opened.handover.machine, argv + optind, (size_t)(argc - optind),
				   &selection.groups, &selection.group_count);
	if (code == EXIT_DONE)
		code = release_selected(context, &opened.handover, &selection);
	free(selection.groups);
	close_handover(&opened);
	return code;
}
