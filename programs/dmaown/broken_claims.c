/* SPDX-License-Identifier: MIT */
#include "broken_claims.h"
#include "complain.h"

#include <errno.h>

void say_broken_claim(struct handover *handover, struct entry *entry)
{
	struct troubles troubles = {0};
	int err = handover_inspect(handover, entry, &troubles);

	for (size_t i = 0; err && i < troubles.count; i++)
		complain(EXIT_DONE, troubles.all[i].thing, "%s: %s of %s is broken",
			 troubles.all[i].reason,
			 err == -ESTALE ? "the claim" : "it is not known whether the claim",
			 entry->record.owner);
	troubles_release(&troubles);
}

static bool has_one_of(const struct record *record, const int *groups, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (record_has_group(record, groups[i]))
			return true;
	}
	return !groups;
}

void say_broken_claims(struct handover *handover, const int *groups, size_t count)
{
	struct entries entries;

	if (journal_read(handover->journal, &entries) != 0)
		return;
	for (size_t i = 0; i < entries.count; i++) {
		struct entry *entry = &entries.all[i];

		if (entry->state == ENTRY_GOOD && has_one_of(&entry->record, groups, count))
			say_broken_claim(handover, entry);
	}
	entries_release(&entries);
}
