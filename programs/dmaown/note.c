/* SPDX-License-Identifier: MIT */
#include "note.h"
#include "audit.h"
#include "command.h"
#include "complain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum audit_result result_of(int err, int code)
{
	if (!err || code == EXIT_DONE)
		return AUDIT_DONE;
	if (err == -EPERM || err == -EBUSY)
		return AUDIT_REFUSED;
	return err == -ENOTRECOVERABLE || err == -ESTALE ? AUDIT_NOT_RESTORED : AUDIT_FAILED;
}

static int append(const struct handover *handover, const struct audit_event *event)
{
	int folder = journal_open_state(handover->journal), err;
	char *line;

	if (folder < 0)
		return folder;
	err = audit_line(event, &line);
	if (!err) {
		err = audit_append(folder, line);
		free(line);
	}
	close(folder);
	return err;
}

static const char *why_not(int err)
{
	return err == -EUCLEAN ? "its file is not root's own" : strerror(-err);
}

static void note(const struct context *context, const struct handover *handover,
		 struct audit_event *event)
{
	int err;

	if (context->machine)
		return;
	event->boot = journal_boot(handover->journal);
	event->command = context->arguments;
	err = append(handover, event);
	if (err && (context->verbosity > 0 || event->result == AUDIT_DONE ||
		    event->result == AUDIT_NOT_RESTORED))
		complain(EXIT_DONE, "audit", "this is not noted in %s: %s",
			 journal_state_folder(handover->journal), why_not(err));
	if (!context->sysroot)
		audit_tell_log("/dev/log", event);
}

void note_claim(const struct context *context, const struct handover *handover,
		const struct claim_request *request, const struct claim *claim, int err, int code)
{
	const struct record *record = &claim->entry.record;
	struct audit_event event = {
		.what = AUDIT_CLAIM,
		.result = result_of(err, code),
		.error = err,
		.exit_code = code,
		.status = NO_STATUS,
		.record = record->owner ? record : NULL,
		.request = request,
	};

	if (err == -EPERM && claim->plan.refusal_count > 0)
		event.reason = claim->plan.refusals[0].reason;
	note(context, handover, &event);
}

void note_end(const struct context *context, const struct handover *handover,
	      const struct record *record, int err, int code, int status)
{
	struct audit_event event = {
		.what = strcmp(context->command->name, "recover") == 0 ? AUDIT_RECOVER
								       : AUDIT_RELEASE,
		.result = result_of(err, code),
		.error = err,
		.exit_code = code,
		.status = status,
		.record = record,
	};

	note(context, handover, &event);
}

void note_abandoned(const struct context *context, const struct handover *handover,
		    const struct record *record, int err)
{
	struct audit_event event = {
		.what = AUDIT_RECOVER,
		.result = result_of(err, CODE_NOT_KNOWN),
		.error = err,
		.exit_code = CODE_NOT_KNOWN,
		.status = NO_STATUS,
		.record = record,
	};

	note(context, handover, &event);
}

void note_record(const struct context *context, const struct handover *handover, const char *why,
		 int code)
{
	struct audit_event event = {
		.what = AUDIT_RECOVER,
		.result = code == EXIT_DONE ? AUDIT_DONE : AUDIT_NOT_RESTORED,
		.exit_code = code,
		.status = NO_STATUS,
		.reason = why,
	};

	note(context, handover, &event);
}
