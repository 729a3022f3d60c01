/* SPDX-License-Identifier: MIT */
#include "end_claim.h"
#include "broken_claims.h"
#include "command.h"
#include "complain.h"
#include "note.h"
#include "output.h"
#include "refusal_words.h"
#include "standing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what became of the devices ---- */

/* Says what was seen, and nothing of a device that was not looked at. */
static void print_outcome(const struct record_device *device,
			  const struct device_progress *progress)
{
	switch (progress->where) {
	case BACK:
		print_line("%s: back on %s", device->address,
			   *progress->driver.text ? progress->driver.text : "no driver");
		break;
	case GONE:
		print_line("%s: has gone", device->address);
		break;
	case REPLACED:
		print_line("%s: has gone (another device has its address)", device->address);
		break;
	default:
		break;
	}
}

static void print_outcomes(const struct context *context, const struct record *record)
{
	for (size_t i = 0; context->verbosity >= 0 && i < record->device_count; i++) {
		if (record->devices[i].treatment != TREATMENT_LEAVE)
			print_outcome(&record->devices[i], &record->progress[i]);
	}
}

/* ---- ending ---- */

void claim_words(const struct handover *handover, const struct entry *entry, char *out, size_t size)
{
	const struct record *record = &entry->record;
	struct standing standing;

	if (record->kept && record->held)
		snprintf(out, size, "kept by %s", record->owner);
	else if (find_standing(handover->journal, entry, &standing) == 0)
		snprintf(out, size, "%s stands behind it: %s (process %ld, since %s)",
			 record->owner, standing.name, standing.pid, standing.since);
	else
		snprintf(out, size, "%s stands behind it, with a process that dmaown can't see",
			 record->owner);
}

static int explain(const struct handover *handover, const struct entry *entry, int err,
		   struct troubles *troubles)
{
	char who[256];

	if (err == -EBUSY) {
		claim_words(handover, entry, who, sizeof(who));
		return complain(EXIT_OWNED, entry->name, "%s (end it, or release --force)", who);
	}
	if (troubles->count == 0)
		return complain(handover_code(err), entry->name, "%s", strerror(-err));
	return complain_troubles(handover_code(err), troubles);
}

int end_claim(const struct context *context, struct handover *handover, struct entry *entry,
	      unsigned int how)
{
	struct troubles troubles = {0};
	int err, code;

	say_broken_claim(handover, entry);
	err = handover_release(handover, entry, how, &troubles);
	if (err == -ENOENT)
		return EXIT_DONE;
	code = err ? explain(handover, entry, err, &troubles) : EXIT_DONE;
	troubles_release(&troubles);
	if (!err || err == -ESTALE)
		print_outcomes(context, &entry->record);
	note_end(context, handover, &entry->record, err, code, NO_STATUS);
	return code;
}
