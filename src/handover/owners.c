/* SPDX-License-Identifier: MIT */
/* The owners that facts have by the journal's records. */
#include "standing.h"

#include <errno.h>
#include <string.h>

/* The process is the one that stands behind the claim now; of one that is kept there is none. */
static int set_owner(struct group_facts *group, const struct record *record, long pid)
{
	int err = facts_set_string(&group->owner.name, record->owner);

	if (err)
		return err;
	group->owner.pid = pid;
	group->owner.kind = OWNER_USER;
	group->owner.uid = record->uid;
	return 0;
}

/* A claim has the groups in which at least one device is its own. */
static int mark_owner(const struct record *record, long pid, struct facts *facts)
{
	int err = 0;

	for (size_t i = 0; i < record->device_count && !err; i++) {
		const struct record_device *device = &record->devices[i];
		const struct device_facts *now = facts_device(facts, device->address);
		struct group_facts *group = now && record_has_device(record, i, now)
						    ? facts_group(facts, now->group)
						    : NULL;

		if (group)
			err = set_owner(group, record, pid);
	}
	return err;
}

static long process_of(const struct journal *journal, const struct entry *entry)
{
	struct standing standing;

	if (entry->record.kept || find_standing(journal, entry, &standing) != 0)
		return 0;
	return standing.pid;
}

int journal_mark_owners(struct journal *journal, struct facts *facts)
{
	struct entries entries;
	bool unread = false;
	int err = journal_read(journal, &entries);

	if (err)
		return err;
	for (size_t i = 0; i < entries.count && !err; i++) {
		const struct entry *entry = &entries.all[i];

		unread = unread || (entry->state != ENTRY_GOOD && entry->state != ENTRY_OTHER_BOOT);
		if (entry_lives(entry))
			err = mark_owner(&entry->record, process_of(journal, entry), facts);
	}
	entries_release(&entries);
	if (!err && unread)
		journal_hide_owners(facts, -EUCLEAN);
	return err;
}

void journal_hide_owners(struct facts *facts, int err)
{
	for (size_t i = 0; i < facts->group_count; i++) {
		struct owner_facts *owner = &facts->groups[i].owner;

		if (owner->kind == OWNER_NONE)
			*owner = (struct owner_facts) {
				.kind = OWNER_NOT_KNOWN, .hidden_by = err, .uid = -1};
	}
}
