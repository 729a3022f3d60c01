/* SPDX-License-Identifier: MIT */
#include "leftovers.h"
#include "errname.h"

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
