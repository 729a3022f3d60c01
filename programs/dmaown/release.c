/* SPDX-License-Identifier: MIT */
/* dmaown release: ends claims that are kept. dmaown recover: ends those that nobody stands behind.
 */
#include "command.h"
#include "open_handover.h"
#include "request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_restored(const struct context *context, const struct record *record)
{
	for (size_t i = 0; context->verbosity >= 0 && i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];

		if (device->treatment == TREATMENT_LEAVE)
			continue;
		print_line("%s: back on %s", device->address,
			   device->driver ? device->driver : "no driver");
	}
}

/* Ends one claim and says so. */
static int end_claim(const struct context *context, struct handover *handover, struct entry *entry)
{
	struct troubles troubles = {0};
	int err = handover_release(handover, entry, &troubles);

	if (err == -ENOENT)
		return EXIT_DONE;
	if (err == -EBUSY)
		return complain(EXIT_OWNED, entry->name,
				"%s (process %ld) stands behind it (end it)", entry->record.owner,
				entry->record.pid);
	if (err)
		return complain_troubles(handover_code(err), &troubles);
	troubles_release(&troubles);
	print_restored(context, &entry->record);
	return EXIT_DONE;
}

/* ---- release ---- */

struct selection {
	const char *owner; /* NULL: any */
	bool all;
	int *groups;
	size_t group_count;
};

static bool is_selected(const struct selection *selection, const struct entry *entry)
{
	if (entry->state != ENTRY_GOOD)
		return false;
	if (selection->all)
		return entry->record.kept;
	if (selection->owner)
		return strcmp(selection->owner, entry->record.owner) == 0;
	for (size_t i = 0; i < selection->group_count; i++) {
		if (record_has_group(&entry->record, selection->groups[i]))
			return true;
	}
	return false;
}

static bool covers(const struct entries *entries, int group)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (record_has_group(&entries->all[i].record, group))
			return true;
	}
	return false;
}

/* Whoever names what is not claimed is told so before anything is released. */
static int check_selection(const struct selection *selection, const struct entries *entries)
{
	size_t selected = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->all[i];

		if (entry->state != ENTRY_GOOD)
			return complain(EXIT_FAILED, entry->name, "%s",
					entry->state == ENTRY_DAMAGED
						? "is damaged (dmaown recover sets it aside)"
						: "is from another boot (dmaown recover drops it)");
		selected += is_selected(selection, entry);
	}
	for (size_t i = 0; i < selection->group_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "group:%d", selection->groups[i]);
		if (!covers(entries, selection->groups[i]))
			return complain(EXIT_ABSENT, name,
					"not claimed by dmaown (dmaown list shows who has it)");
	}
	if (selection->owner && selected == 0)
		return complain(EXIT_ABSENT, selection->owner,
				"has no claim (dmaown list shows who has)");
	return EXIT_DONE;
}

static int release_selected(const struct context *context, struct handover *handover,
			    const struct selection *selection)
{
	struct entries entries;
	int code = read_entries(handover->journal, &entries), worst = EXIT_DONE;

	if (code != EXIT_DONE)
		return code;
	worst = check_selection(selection, &entries);
	for (size_t i = 0; worst == EXIT_DONE && i < entries.count; i++) {
		if (!is_selected(selection, &entries.all[i]))
			continue;
		code = end_claim(context, handover, &entries.all[i]);
		worst = code > worst ? code : worst;
	}
	entries_release(&entries);
	return worst == EXIT_DONE ? finish_output() : worst;
}

enum { OPTION_OWNER = 0x200, OPTION_ALL, OPTION_TIMEOUT };

static const struct option release_options[] = {
	{"owner", required_argument, NULL, OPTION_OWNER},
	{"all", no_argument, NULL, OPTION_ALL},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{0},
};

static int read_options(struct context *context, int argc, char **argv, struct selection *selection,
			unsigned int *seconds)
{
	int option;

	while ((option = command_option(context, argc, argv, release_options)) != OPTION_END) {
		if (option == OPTION_OWNER)
			selection->owner = optarg;
		else if (option == OPTION_ALL)
			selection->all = true;
		else if (option != OPTION_TIMEOUT || !read_seconds(optarg, seconds))
			return EXIT_USAGE;
	}
	if ((optind < argc) + (selection->owner != NULL) + selection->all == 1)
		return EXIT_DONE;
	return complain(EXIT_USAGE, "release", "takes devices and groups, --owner NAME or --all");
}

int command_release(struct context *context, int argc, char **argv)
{
	struct selection selection = {0};
	unsigned int seconds = DEFAULT_TIMEOUT;
	struct opened opened;
	int code = read_options(context, argc, argv, &selection, &seconds);

	if (code == EXIT_DONE)
		code = open_handover(context, seconds, &opened);
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

/* ---- recover ---- */

static int set_aside(struct handover *handover, const struct entry *entry)
{
	char name[64];
	int err = journal_set_aside(handover->journal, entry, name, sizeof(name));

	if (err)
		return complain(exit_code_of(err), entry->name, "can't be set aside: %s",
				strerror(-err));
	return complain(EXIT_NOT_RESTORED, entry->name,
			"is damaged: kept as %s/%s, nothing was put back from it",
			journal_folder(handover->journal), name);
}

/* What another boot had claimed this one has not. */
static int drop(const struct context *context, struct handover *handover, const struct entry *entry)
{
	int err = journal_drop(handover->journal, entry);

	if (err)
		return complain(exit_code_of(err), entry->name, "can't be removed: %s",
				strerror(-err));
	if (context->verbosity >= 0)
		print_line("%s: from another boot, nothing to put back: removed", entry->name);
	return EXIT_DONE;
}

static int recover_entry(const struct context *context, struct handover *handover,
			 struct entry *entry)
{
	if (entry->state == ENTRY_DAMAGED)
		return set_aside(handover, entry);
	if (entry->state == ENTRY_OTHER_BOOT)
		return drop(context, handover, entry);
	if (entry_lives(entry))
		return EXIT_DONE;
	return end_claim(context, handover, entry);
}

static int recover_all(const struct context *context, struct handover *handover)
{
	struct entries entries;
	int code = read_entries(handover->journal, &entries), worst = EXIT_DONE;

	if (code != EXIT_DONE)
		return code;
	journal_clean(handover->journal);
	for (size_t i = 0; i < entries.count; i++) {
		code = recover_entry(context, handover, &entries.all[i]);
		worst = code > worst ? code : worst;
	}
	entries_release(&entries);
	return worst == EXIT_DONE ? finish_output() : worst;
}

static const struct option recover_options[] = {
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{0},
};

int command_recover(struct context *context, int argc, char **argv)
{
	unsigned int seconds = DEFAULT_TIMEOUT;
	struct opened opened;
	int option, code;

	while ((option = command_option(context, argc, argv, recover_options)) != OPTION_END) {
		if (option != OPTION_TIMEOUT || !read_seconds(optarg, &seconds))
			return EXIT_USAGE;
	}
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind], "too much (recover takes no operands)");
	code = open_handover(context, seconds, &opened);
	if (code != EXIT_DONE)
		return code;
	code = recover_all(context, &opened.handover);
	close_handover(&opened);
	return code;
}
