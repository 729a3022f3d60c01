/* SPDX-License-Identifier: MIT */
/*
 * dmaown claim: gives whole groups to a user.
 *
 * With a command the claim lasts as long as the command and whatever it leaves behind that has the
 * group open; what dmaown itself fails at is then exit code 125, for the others are the command's.
 */
#define _GNU_SOURCE
#include "broken_claims.h"
#include "child_life.h"
#include "child_signals.h"
#include "claim_text.h"
#include "command.h"
#include "complain.h"
#include "note.h"
#include "open_handover.h"
#include "option_value.h"
#include "printable.h"
#include "refusal_words.h"
#include "request.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a claim that is kept ---- */

static bool owns_all(struct handover *handover, struct entry *entry,
		     const struct claim_request *request)
{
	if (entry->state != ENTRY_GOOD || !entry->record.kept || !entry->record.held ||
	    strcmp(entry->record.owner, request->owner) != 0)
		return false;
	for (size_t i = 0; i < request->group_count; i++) {
		if (!record_has_group(&entry->record, request->groups[i]))
			return false;
	}
	return handover_inspect(handover, entry, &(struct troubles) {0}) == 0;
}

/* Whether the owner has these groups already; it is then told what it has. */
static bool has_it(const struct context *context, struct handover *handover,
		   const struct claim_request *request, int *code)
{
	struct entries entries;
	bool found = false;

	if (journal_read(handover->journal, &entries) != 0)
		return false;
	for (size_t i = 0; i < entries.count && !found; i++) {
		found = owns_all(handover, &entries.all[i], request);
		if (found)
			*code = print_claim(context, &entries.all[i].record);
	}
	entries_release(&entries);
	return found;
}

static int explain(const struct context *context, struct handover *handover,
		   const struct claim_request *request, const struct claim *claim, int err,
		   struct troubles *troubles)
{
	int code;

	if (err != -EPERM && troubles->count == 0)
		return complain(handover_code(err), "claim", "%s", strerror(-err));
	if (err != -EPERM)
		return complain_troubles(handover_code(err), troubles);
	if (request->kept && has_it(context, handover, request, &code))
		return code;
	return complain_refusals(&claim->plan);
}

/* Nobody would know of it: whoever asked for it is told that there is none. */
static int undo(struct handover *handover, struct claim *claim, int err)
{
	struct troubles troubles = {0};
	int failed = handover_release(handover, &claim->entry, RELEASE_OURS, &troubles);

	complain_troubles(EXIT_FAILED, &troubles);
	if (failed)
		return complain(EXIT_NOT_RESTORED, "standard output",
				"%s: the claim stays (dmaown release ends it)", strerror(-err));
	return complain(EXIT_FAILED, "standard output", "%s: the claim is undone", strerror(-err));
}

static int claim_kept(const struct context *context, struct handover *handover,
		      const struct claim_request *request)
{
	struct troubles troubles = {0};
	struct claim claim;
	int err, code = EXIT_DONE;

	hold_signals(&context->found);
	err = handover_claim(handover, request, &claim, &troubles);
	if (err) {
		code = explain(context, handover, request, &claim, err, &troubles);
	} else {
		err = write_claim(context, &claim.entry.record);
		if (err)
			code = undo(handover, &claim, err);
	}
	note_claim(context, handover, request, &claim, err, code);
	troubles_release(&troubles);
	claim_close(&claim);
	return code;
}

/* ---- a claim for a command ---- */

/* Ends the claim when nobody has the group any more, saying once who it is that has. */
static int end_own(const struct context *context, struct handover *handover, struct entry *entry)
{
	struct troubles troubles = {0};
	int err;

	say_broken_claim(handover, entry);
	err = handover_release(handover, entry, RELEASE_OURS, &troubles);

	if (err == -ETIMEDOUT) {
		complain_troubles(EXIT_OWN_FAILURE, &troubles);
		err = handover_release(handover, entry, RELEASE_OURS | RELEASE_WAIT, &troubles);
	}
	complain_troubles(EXIT_OWN_FAILURE, &troubles);
	if (err == -ECANCELED)
		complain(EXIT_OWN_FAILURE, "claim",
			 "interrupted: the groups stay claimed (dmaown recover puts them back)");
	return err;
}

/* The command stands behind its claim as we do. */
static int run(struct claim *claim, struct child *child)
{
	int lock, err = entry_share(&claim->entry, &lock);

	if (err)
		return complain(EXIT_OWN_FAILURE, claim->entry.name, "can't be shared: %s",
				strerror(-err));
	return run_child(child, &claim->entry.record, lock);
}

static int run_and_release(const struct context *context, struct handover *handover,
			   const struct claim_request *request, struct claim *claim,
			   struct child *child)
{
	int status, err, code;

	note_claim(context, handover, request, claim, 0, CODE_NOT_KNOWN);
	status = run(claim, child);
	err = end_own(context, handover, &claim->entry);
	code = err ? EXIT_OWN_FAILURE : status;
	note_end(context, handover, &claim->entry.record, err, code, status);
	return code;
}

static int claim_for_command(const struct context *context, struct handover *handover,
			     const struct claim_request *request, struct child *child)
{
	struct troubles troubles = {0};
	struct claim claim;
	int err, code;

	hold_signals(&context->found);
	err = handover_claim(handover, request, &claim, &troubles);
	if (err) {
		explain(context, handover, request, &claim, err, &troubles);
		code = EXIT_OWN_FAILURE;
		note_claim(context, handover, request, &claim, err, code);
	} else {
		code = run_and_release(context, handover, request, &claim, child);
	}
	troubles_release(&troubles);
	claim_close(&claim);
	return code;
}

/* ---- the command line ---- */

/* Takes "-- CMD ARG..." off the arguments; NULL: there is none. */
static char **take_command(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			*argc = i;
			return argv + i + 1;
		}
	}
	return NULL;
}

/* With a command, the exit code of what dmaown itself failed at. */
static int own_failure(char **command, int code)
{
	return command && code != EXIT_DONE && code < EXIT_OWN_FAILURE ? EXIT_OWN_FAILURE : code;
}

enum { OWNER_SIZE = NAME_LENGTH + 1 };

/* A claim without a name is called after who asks for it. Root's name is not looked up: that may
 * ask a directory service, and takes a tenth of a claim. */
static const char *asker(void)
{
	const struct passwd *user = getuid() == 0 ? NULL : getpwuid(getuid());

	if (user)
		return user->pw_name;
	return getuid() == 0 ? "root" : "user";
}

/* Or after its command, whose name may be any bytes: as much as there is room for, made printable.
 */
static void name_owner(char **command, char owner[OWNER_SIZE])
{
	const char *name = command ? basename(command[0]) : asker();

	printable_copy(name, strlen(name), owner, OWNER_SIZE);
}

static void tell_losses(void *context, const struct plan *plan)
{
	say_losses(plan);
}

/* What the handover calls its context. */
struct claimer {
	const struct context *context;
	const struct handover *handover;
};

static void note_other(void *context, const struct record *record, int err)
{
	const struct claimer *claimer = context;

	note_abandoned(claimer->context, claimer->handover, record, err);
}

static int claim_with_command(struct context *context, struct opened *opened,
			      const struct request_options *options, const struct request *request,
			      char **command)
{
	const struct user *user = request->claim.user ? &request->user : NULL;
	struct child child;
	int code;

	if (user && user->uid == 0 && options->child.becoming.new_privs)
		return complain(EXIT_OWN_FAILURE, "--new-privs",
				"root would get all its rights back (leave out --user)");
	code = child_make(user, &options->child, command, &context->found, &child);
	if (code != EXIT_DONE)
		return code;
	if (options->dry_run || request->claim.group_count == 0)
		code = own_failure(command,
				   print_plan(context, &opened->handover, &request->claim));
	else
		code = claim_for_command(context, &opened->handover, &request->claim, &child);
	child_release(&child);
	return code;
}

static int claim_request(struct context *context, struct opened *opened,
			 const struct request_options *options, char **whats, size_t count,
			 char **command)
{
	struct claimer claimer = {.context = context, .handover = &opened->handover};
	char owner[OWNER_SIZE];
	struct request request;
	int code = make_request(opened->handover.machine, options, whats, count, &request);

	if (code != EXIT_DONE)
		return own_failure(command, code);
	if (!options->owner) {
		name_owner(command, owner);
		request.claim.owner = owner;
	}
	request.claim.kept = !command;
	opened->handover.interrupted = signals_pending;
	opened->handover.about_to = tell_losses;
	opened->handover.ended = note_other;
	opened->handover.context = &claimer;
	say_broken_claims(&opened->handover, request.claim.groups, request.claim.group_count);
	if (command && !context->machine)
		code = claim_with_command(context, opened, options, &request, command);
	else if (options->dry_run || request.claim.group_count == 0)
		code = own_failure(command, print_plan(context, &opened->handover, &request.claim));
	else
		code = claim_kept(context, &opened->handover, &request.claim);
	release_request(&request);
	return code;
}

static int check_command(const struct context *context, const struct request_options *options,
			 char **command)
{
	if (command && !*command)
		return complain(EXIT_USAGE, "--", "a command must follow it");
	if (!check_options_of_command(options, command))
		return EXIT_USAGE;
	if (command && context->machine && !options->dry_run)
		return complain(EXIT_USAGE, command[0],
				"a command can't use a group of a machine file (--dry-run shows "
				"what a claim would do)");
	return EXIT_DONE;
}

int command_claim(struct context *context, int argc, char **argv)
{
	char **command = take_command(&argc, argv);
	struct request_options options;
	struct opened opened;
	int code = read_request_options(context, argc, argv, &options);

	if (code == EXIT_DONE)
		code = check_command(context, &options, command);
	if (code == EXIT_DONE)
		code = open_handover(context, options.patience, &opened);
	if (code != EXIT_DONE)
		return own_failure(command, code);
	code = claim_request(context, &opened, &options, argv + optind, (size_t)(argc - optind),
			     command);
	close_handover(&opened);
	return code;
}
