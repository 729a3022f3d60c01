/* SPDX-License-Identifier: MIT */
/* The records of other claims: those that nobody stands behind, and those that are broken. */
#include "errname.h"
#include "parts.h"

#include <errno.h>
#include <string.h>

static bool is_asked_for(const struct claim_request *request, int group)
{
	for (size_t i = 0; i < request->group_count; i++) {
		if (request->groups[i] == group)
			return true;
	}
	return false;
}

static int read_entries(struct handover *handover, struct entries *out, struct troubles *troubles)
{
	int err = journal_read(handover->journal, out);

	if (err)
		trouble(troubles, journal_state_folder(handover->journal),
			"its records can't be read: %s (dmaown doctor says what to do)",
			err == -EUCLEAN ? "others may write to it" : strerror(-err));
	return err;
}

/* ---- those that nobody stands behind ---- */

/* Of a record that tells nothing it can't be known whether it is about our groups. */
static int judge_entry(const struct entry *entry, struct troubles *troubles)
{
	if (entry->state == ENTRY_GOOD)
		return 0;
	trouble(troubles, entry->name, "%s", entry_state_words(entry));
	return -EUCLEAN;
}

/* Stores whether the record's device is in one of our groups: by what it is, not by the number that
 * its group had. */
static int concerns_us(struct handover *handover, struct record *record, size_t place,
		       const struct claim_request *request, bool *out)
{
	const struct machine_part part = {.device = record->devices[place].address};
	enum whereabouts where;
	int group, err;

	if (record->devices[place].treatment == TREATMENT_LEAVE)
		return 0;
	where = record_look(handover->machine, record, place);
	if (where == GONE || where == REPLACED)
		return 0;
	err = machine_find_group(handover->machine, &part, &group);
	if (err == -ENODEV)
		return 0;
	if (!err)
		*out = *out || is_asked_for(request, group);
	return err;
}

static int concerns(struct handover *handover, struct entry *entry,
		    const struct claim_request *request, bool *out, struct troubles *troubles)
{
	struct record *record = &entry->record;
	int err = 0;

	*out = false;
	for (size_t i = 0; i < record->device_count && !err && !*out; i++) {
		err = concerns_us(handover, record, i, request, out);
		if (err)
			trouble(troubles, record->devices[i].address, "can't be looked at: %s",
				errno_name(err));
	}
	return err;
}

int find_abandoned(struct handover *handover, const struct claim_request *request,
		   struct entry *out, struct troubles *troubles)
{
	struct entries entries;
	int err = read_entries(handover, &entries, troubles);

	*out = (struct entry) {.fd = -1};
	if (err)
		return err;
	for (size_t i = 0; i < entries.count && !err && out->fd < 0; i++) {
		struct entry *entry = &entries.all[i];
		bool ours = false;

		err = judge_entry(entry, troubles);
		if (!err && !entry_lives(entry))
			err = concerns(handover, entry, request, &ours, troubles);
		if (!err && ours) {
			*out = *entry;
			*entry = (struct entry) {.fd = -1};
		}
	}
	entries_release(&entries);
	return err;
}

/* ---- those that are broken ---- */

/* A device that has come back to its native driver is anybody's, though a record lists it. */
static bool is_lost(const struct record *record, size_t place, const struct facts *facts,
		    const struct claim_request *request)
{
	const struct record_device *device = &record->devices[place];
	const struct device_facts *now = facts_device(facts, device->address);

	return now && is_asked_for(request, now->group) && device->treatment != TREATMENT_LEAVE &&
	       (!device->instance || device->instance == now->instance);
}

static int note_in(struct entry *entry, const struct facts *facts,
		   const struct claim_request *request)
{
	int err = 0;

	for (size_t i = 0; i < entry->record.device_count && !err; i++) {
		if (is_lost(&entry->record, i, facts, request))
			err = journal_note_lost(entry, i);
	}
	return err;
}

int note_taken_over(struct handover *handover, const struct facts *facts,
		    const struct claim_request *request, struct troubles *troubles)
{
	struct entries entries;
	int err = read_entries(handover, &entries, troubles);

	if (err)
		return err;
	for (size_t i = 0; i < entries.count && !err; i++) {
		struct entry *entry = &entries.all[i];

		if (entry->state == ENTRY_GOOD)
			err = note_in(entry, facts, request);
		if (err)
			trouble(troubles, entry->name, "can't be written: %s", strerror(-err));
	}
	entries_release(&entries);
	return err;
}

/* ---- whether a claim has what it was given ---- */

/* The driver that the claim's device is on while the claim lasts; NULL: it is not looked at. */
static const char *expected(const struct record_device *device)
{
	if (device->to)
		return device->to;
	return device->treatment == TREATMENT_FREE ? "" : NULL;
}

static int inspect_device(struct handover *handover, struct record *record, size_t place,
			  struct troubles *troubles)
{
	const struct record_device *device = &record->devices[place];
	const struct device_progress *progress = &record->progress[place];
	const char *wanted = expected(device);

	if (device->lost) {
		trouble(troubles, device->address, "is another claim's by now");
		return -ESTALE;
	}
	if (!wanted)
		return 0;
	switch (record_look(handover->machine, record, place)) {
	case HIDDEN:
		trouble(troubles, device->address, "can't be looked at: %s",
			errno_name(progress->error));
		return progress->error;
	case GONE:
		trouble(troubles, device->address, "has gone");
		return -ESTALE;
	case REPLACED:
		trouble(troubles, device->address, "has gone, and another device has its address");
		return -ESTALE;
	default:
		break;
	}
	if (strcmp(progress->driver.text, wanted) == 0)
		return 0;
	trouble(troubles, device->address, "is on %s instead of %s",
		*progress->driver.text ? progress->driver.text : "no driver",
		*wanted ? wanted : "no driver");
	return -ESTALE;
}

int handover_inspect(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	struct record *record = &entry->record;
	int worst = 0;

	for (size_t i = 0; i < record->device_count && record->held; i++) {
		int err = inspect_device(handover, record, i, troubles);

		if (err && (!worst || worst == -ESTALE))
			worst = err;
	}
	return worst;
}
