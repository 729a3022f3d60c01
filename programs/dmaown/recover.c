/* SPDX-License-Identifier: MIT */
/* dmaown recover: ends the claims that nobody stands behind, and says of the others why they stay.
 */
#include "command.h"
#include "complain.h"
#include "end_claim.h"
#include "note.h"
#include "open_handover.h"
#include "open_journal.h"
#include "options.h"
#include "output.h"
#include "refusal_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int explain(const struct entry *entry, const char *what, int err)
{
	if (err == -ENOENT)
		return EXIT_DONE;
	return complain(err == -EBUSY ? EXIT_OWNED : handover_code(err), entry->name,
			"can't be %s: %s", what,
			err == -EBUSY         ? "another process has locked it"
			: err == -EINPROGRESS ? "a killed process began a change that has not ended"
			: err == -ETIMEDOUT   ? "another process is changing its group"
			: err == -ENOLCK      ? "there is no folder for its group's lock"
					      : strerror(-err));
}

static int set_aside(const struct context *context, struct handover *handover, struct entry *entry)
{
	const char *what = entry->state == ENTRY_DAMAGED ? "is damaged" : "is not root's own file";
	char name[64], why[256];
	int err =
		journal_set_aside(handover->journal, entry, handover->patience, name, sizeof(name));

	if (err)
		return explain(entry, "set aside", err);
	snprintf(why, sizeof(why), "%s %s: kept as %s", entry->name, what, name);
	note_record(context, handover, why, EXIT_NOT_RESTORED);
	return complain(EXIT_NOT_RESTORED, entry->name,
			"%s: dmaown keeps it as %s/%s and puts nothing back from it", what,
			journal_folder(handover->journal), name);
}

/* What another boot had claimed this one has not. */
static int forget(const struct context *context, struct handover *handover, struct entry *entry)
{
	int err = journal_forget(handover->journal, entry, handover->patience);
	char why[128];

	if (err)
		return explain(entry, "removed", err);
	snprintf(why, sizeof(why), "%s is from another boot: removed", entry->name);
	note_record(context, handover, why, EXIT_DONE);
	if (context->verbosity >= 0)
		print_line("%s: removed: it is of another boot, so there is nothing to put back",
			   entry->name);
	return EXIT_DONE;
}

static int leave(const struct context *context, const struct handover *handover,
		 const struct entry *entry)
{
	char why[256];

	claim_words(handover, entry, why, sizeof(why));
	if (context->verbosity >= 0)
		print_line("%s: left: %s", entry->name, why);
	return EXIT_DONE;
}

static int recover_good(const struct context *context, struct handover *handover,
			struct entry *entry)
{
	struct answer held = entry_is_held(entry);

	if (entry->record.kept && entry->record.held)
		return leave(context, handover, entry);
	if (answer_is_no(held))
		return end_claim(context, handover, entry, 0);
	if (answer_is_yes(held))
		return leave(context, handover, entry);
	return complain(EXIT_FAILED, entry->name,
			"left: dmaown can't tell whether somebody stands behind it: %s (try again)",
			strerror(-answer_error(held)));
}

static int recover_entry(const struct context *context, struct handover *handover,
			 struct entry *entry)
{
	switch (entry->state) {
	case ENTRY_DAMAGED:
	case ENTRY_NOT_OURS:
		return set_aside(context, handover, entry);
	case ENTRY_OTHER_BOOT:
		return forget(context, handover, entry);
	case ENTRY_BOOT_NOT_KNOWN:
		return complain(EXIT_FAILED, entry->name, "%s", entry_state_words(entry));
	case ENTRY_GOOD:
		break;
	}
	return recover_good(context, handover, entry);
}

/* ---- what was set aside ---- */

struct asides {
	struct handover *handover;
	int code;
};

static void say_aside(void *context, const char *name)
{
	struct asides *asides = context;

	asides->code = complain(EXIT_NOT_RESTORED, name,
				"was set aside: its devices may not be back on their drivers "
				"(check them, then remove the file from %s)",
				journal_folder(asides->handover->journal));
}

static int say_asides(struct handover *handover)
{
	struct asides asides = {.handover = handover, .code = EXIT_DONE};
	int err = journal_for_each_aside(handover->journal, say_aside, &asides);

	if (err)
		return complain(exit_code_of(err), journal_folder(handover->journal), "%s",
				strerror(-err));
	return asides.code;
}

static int recover_all(const struct context *context, struct handover *handover)
{
	struct entries entries;
	int code = read_entries(handover->journal, &entries), worst;

	if (code != EXIT_DONE)
		return code;
	journal_clean(handover->journal);
	worst = say_asides(handover);
	for (size_t i = 0; i < entries.count; i++) {
		code = recover_entry(context, handover, &entries.all[i]);
		worst = code > worst ? code : worst;
	}
	entries_release(&entries);
	return worst == EXIT_DONE ? finish_output() : worst;
}

enum { OPTION_TIMEOUT = 0x200 };

static const struct option recover_options[] = {
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{0},
};

int command_recover(struct context *context, int argc, char **argv)
{
	unsigned int patience = DEFAULT_PATIENCE;
	struct opened opened;
	int option, code;

	while ((option = command_option(context, argc, argv, recover_options)) != OPTION_END) {
		if (option != OPTION_TIMEOUT || !read_patience(optarg, &patience))
			return EXIT_USAGE;
	}
	if (optind < argc)
		return complain(EXIT_USAGE, argv[optind],
				"recover takes no arguments (leave it out)");
	code = open_handover(context, patience, &opened);
	if (code != EXIT_DONE)
		return code;
	code = recover_all(context, &opened.handover);
	close_handover(&opened);
	return code;
}
