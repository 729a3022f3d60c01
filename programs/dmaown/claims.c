/* SPDX-License-Identifier: MIT */
/* dmaown claims: the claims that the journal has, who keeps them, and what they have lost. */
#define _GNU_SOURCE
#include "command.h"
#include "complain.h"
#include "end_claim.h"
#include "facts_json.h"
#include "open_handover.h"
#include "open_journal.h"
#include "options.h"
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is to be said of a claim. */
struct condition {
	const char *state;
	struct troubles lost;
};

static const char *state_of_file(const struct entry *entry)
{
	static const char *const words[] = {
		[ENTRY_GOOD] = "",
		[ENTRY_DAMAGED] = "damaged",
		[ENTRY_NOT_OURS] = "not ours",
		[ENTRY_OTHER_BOOT] = "of another boot",
		[ENTRY_BOOT_NOT_KNOWN] = "not known",
	};

	return words[entry->state];
}

static struct condition find_condition(struct handover *handover, struct entry *entry)
{
	struct condition condition = {.state = state_of_file(entry)};
	int err;

	if (entry->state != ENTRY_GOOD)
		return condition;
	if (!entry_lives(entry)) {
		condition.state = "abandoned";
		return condition;
	}
	err = handover_inspect(handover, entry, &condition.lost);
	condition.state = !entry->record.held ? "under way"
			  : !err              ? entry->record.kept ? "kept" : "held"
			  : err == -ESTALE    ? "broken"
					      : "not known";
	return condition;
}

static json_t *lost_json(const struct troubles *lost)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < lost->count; i++)
		json_array_append_new(array, json_pack("{s:o, s:o}", "device",
						       text_to_json(lost->all[i].thing), "reason",
						       text_to_json(lost->all[i].reason)));
	return array;
}

static json_t *claim_json(const struct entry *entry, const struct condition *condition)
{
	const struct record *record = &entry->record;
	json_t *groups = json_array(), *devices = json_array();

	for (size_t i = 0; i < record->group_count; i++)
		json_array_append_new(groups, json_integer(record->groups[i].id));
	for (size_t i = 0; i < record->device_count; i++) {
		if (record->devices[i].to)
			json_array_append_new(devices, text_to_json(record->devices[i].address));
	}
	return json_pack("{s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o}", "record", entry->name, "state",
			 condition->state, "owner", text_to_json(record->owner), "user",
			 text_to_json(record->user), "kept", record->kept, "groups", groups,
			 "devices", devices, "lost", lost_json(&condition->lost));
}

/* "8, 9", which the caller frees; NULL for want of memory. */
static char *groups_text(const struct record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < record->group_count; i++)
		fprintf(out, "%s%d", i ? ", " : "", record->groups[i].id);
	fclose(out);
	return text;
}

static void print_claim_line(const struct entry *entry, const struct condition *condition)
{
	const struct record *record = &entry->record;
	char *groups = groups_text(record);

	if (record->owner)
		print_line("%s: %s: %s has group%s %s", entry->name, condition->state,
			   record->owner, record->group_count > 1 ? "s" : "",
			   groups ? groups : "?");
	else
		print_line("%s: %s", entry->name, condition->state);
	free(groups);
	for (size_t i = 0; i < condition->lost.count; i++)
		print_line("  %s: %s", condition->lost.all[i].thing, condition->lost.all[i].reason);
}

static int show(const struct context *context, struct handover *handover, struct entries *entries)
{
	json_t *array = context->json ? json_array() : NULL;

	for (size_t i = 0; i < entries->count; i++) {
		struct entry *entry = &entries->all[i];
		struct condition condition = find_condition(handover, entry);

		if (context->json)
			json_array_append_new(array, claim_json(entry, &condition));
		else
			print_claim_line(entry, &condition);
		troubles_release(&condition.lost);
	}
	return context->json ? print_json(json_pack("{s:o}", "claims", array)) : finish_output();
}

int command_claims(struct context *context, int argc, char **argv)
{
	struct entries entries;
	struct opened opened;
	int code;

	if (!command_takes_no_options(context, argc, argv))
		return EXIT_USAGE;
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind],
				"claims takes no arguments (leave it out)");
	code = open_handover(context, DEFAULT_PATIENCE, &opened);
	if (code != EXIT_DONE)
		return code;
	code = read_entries(opened.handover.journal, &entries);
	if (code == EXIT_DONE) {
		code = show(context, &opened.handover, &entries);
		entries_release(&entries);
	}
	close_handover(&opened);
	return code;
}
