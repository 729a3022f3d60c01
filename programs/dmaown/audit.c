/* SPDX-License-Identifier: MIT */
/* dmaown audit: who had what, when, by which command, with which result; the latest last. */
#include "audit.h"
#include "audit_table.h"
#include "command.h"
#include "complain.h"
#include "open_journal.h"
#include "options.h"
#include "output.h"
#include "printable.h"
#include "what.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- which events ---- */

struct selection {
	const char *owner; /* NULL: any */
	char **whats;      /* none: all */
	size_t count;
};

static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool has_group(const json_t *event, int group)
{
	const json_t *groups = json_object_get(event, "groups");

	for (size_t i = 0; i < json_array_size(groups); i++) {
		if (json_integer_value(json_array_get(groups, i)) == group)
			return true;
	}
	return false;
}

static bool has_device(const json_t *event, const char *address)
{
	const json_t *devices = json_object_get(event, "devices");

	for (size_t i = 0; i < json_array_size(devices); i++) {
		const char *found = string_of(json_array_get(devices, i), "address");

		if (found && strcmp(found, address) == 0)
			return true;
	}
	return false;
}

/* A WHAT need not be there any more. */
static bool is_about(const json_t *event, const char *what)
{
	struct machine_part part;
	char address[WHAT_SIZE];

	if (what_part(what, address, &part) != EXIT_DONE)
		return false;
	return part.device ? has_device(event, part.device) : has_group(event, part.group);
}

static bool is_selected(const struct selection *selection, const json_t *event)
{
	const char *owner = string_of(event, "owner");

	if (selection->owner && (!owner || !printable_names(selection->owner, owner)))
		return false;
	for (size_t i = 0; i < selection->count; i++) {
		if (is_about(event, selection->whats[i]))
			return true;
	}
	return selection->count == 0;
}

static void select_events(const struct selection *selection, json_t *events)
{
	for (size_t i = 0; i < json_array_size(events);) {
		if (is_selected(selection, json_array_get(events, i)))
			i++;
		else
			json_array_remove(events, i);
	}
}

/* ---- the command ---- */

static int print(const struct context *context, const struct audit *audit)
{
	if (context->json)
		return print_json(json_pack("{s:O, s:I}", "events", audit->events, "damaged",
					    (json_int_t)audit->damaged));
	print_events(context, audit->events);
	if (audit->damaged > 0)
		complain(EXIT_DONE, "audit", "%zu lines are damaged and left out", audit->damaged);
	return finish_output();
}

static int complain_unreadable(const struct journal *journal, int err)
{
	if (hidden_by_permission(err))
		return complain(EXIT_NOT_PERMITTED, journal_state_folder(journal),
				"its audit can't be read: %s (run dmaown as root)", strerror(-err));
	return complain(
		EXIT_FAILED, journal_state_folder(journal), "its audit can't be read: %s",
		err == -EUCLEAN
			? "it or its folder belongs to somebody else (find out who wrote it)"
			: strerror(-err));
}

/* Without a state folder nothing was ever done. */
static int read_audit(const struct journal *journal, struct audit *out)
{
	int folder = journal_open_state(journal), err;

	if (folder == -ENOENT) {
		*out = (struct audit) {.events = json_array()};
		return out->events ? EXIT_DONE : complain_memory();
	}
	err = folder < 0 ? folder : audit_read(folder, out);
	if (folder >= 0)
		close(folder);
	return err ? complain_unreadable(journal, err) : EXIT_DONE;
}

static int show_audit(const struct context *context, const struct selection *selection)
{
	struct journal *journal;
	struct audit audit = {0};
	int code = open_journal(context, &journal);

	if (code != EXIT_DONE)
		return code;
	code = read_audit(journal, &audit);
	if (code == EXIT_DONE) {
		select_events(selection, audit.events);
		code = print(context, &audit);
		json_decref(audit.events);
	}
	journal_close(journal);
	return code;
}

enum { OPTION_OWNER = 0x200 };

static const struct option audit_options[] = {
	{"owner", required_argument, NULL, OPTION_OWNER},
	{0},
};

int command_audit(struct context *context, int argc, char **argv)
{
	struct selection selection = {0};
	struct machine_part part;
	char address[WHAT_SIZE];
	int option;

	while ((option = command_option(context, argc, argv, audit_options)) != OPTION_END) {
		if (option != OPTION_OWNER)
			return EXIT_USAGE;
		selection.owner = optarg;
	}
	selection.whats = argv + optind;
	selection.count = (size_t)(argc - optind);
	for (size_t i = 0; i < selection.count; i++) {
		if (what_part(selection.whats[i], address, &part) != EXIT_DONE)
			return EXIT_USAGE;
	}
	if (context->machine)
		return complain(EXIT_ABSENT, context->machine,
				"a machine file has no audit (ask the live host)");
	return show_audit(context, &selection);
}
