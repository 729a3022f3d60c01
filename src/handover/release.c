/* SPDX-License-Identifier: MIT */
/* Releasing: wait until nobody has the groups, then all back. */
#include "clock.h"
#include "handover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_PAUSE = 2, LONGEST_PAUSE = 100 }; /* milliseconds between two looks at a group */

/* ---- waiting ---- */

/* Stores the first group that is open, or that can't be told of. */
static bool is_open(struct handover *handover, const struct record *record, int *group)
{
	for (size_t i = 0; i < record->group_count; i++) {
		struct group_file *file;
		int err = machine_open(handover->machine, record->groups[i].id, &file);

		if (!err)
			group_file_close(file);
		if (!err || err == -ENOENT || err == -ENODEV)
			continue;
		*group = record->groups[i].id;
		return true;
	}
	return false;
}

static void name_holder(struct handover *handover, int group, struct troubles *troubles)
{
	const struct machine_part part = {.group = group};
	const struct group_facts *found;
	struct facts facts = {0};
	char name[32];

	snprintf(name, sizeof(name), "group:%d", group);
	if (machine_read_part(handover->machine, &part, 1, &facts) != 0)
		facts = (struct facts) {0};
	machine_find_users(handover->machine, &facts);
	found = facts_group(&facts, group);
	if (found && found->owner.kind == OWNER_USER && found->owner.pid)
		trouble(troubles, name, "is still open in %s (process %ld)",
			found->owner.name ? found->owner.name : "a program", found->owner.pid);
	else
		trouble(troubles, name, "is still open in a process that can't be seen");
	facts_release(&facts);
}

int handover_wait(struct handover *handover, const struct record *record, bool forever,
		  struct troubles *troubles)
{
	long end = clock_now() + handover->patience, pause = FIRST_PAUSE;
	int group;

	while (is_open(handover, record, &group)) {
		bool interrupted =
			handover->interrupted && handover->interrupted(handover->context);

		if (interrupted || (!forever && clock_now() >= end)) {
			name_holder(handover, group, troubles);
			return interrupted ? -ECANCELED : -ETIMEDOUT;
		}
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
	return 0;
}

/* ---- ending ---- */

int handover_put_back(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	int err;

	/* What can't be noted is done all the same: if we are killed it is to be asked for again.
	 */
	journal_let_go(entry);
	err = handover_restore(handover, &entry->record, troubles);
	if (err)
		return err;
	err = journal_drop(handover->journal, entry);
	if (!err)
		return 0;
	trouble(troubles, entry->name, "can't be removed: %s", strerror(-err));
	return -ENOTRECOVERABLE;
}

static int lock_groups(struct handover *handover, const struct entry *entry,
		       struct group_locks *out, struct troubles *troubles)
{
	const struct record *record = &entry->record;
	int groups[RECORD_GROUPS];
	int err;

	for (size_t i = 0; i < record->group_count; i++)
		groups[i] = record->groups[i].id;
	err = journal_lock(handover->journal, groups, record->group_count, handover->patience, out);
	if (err)
		trouble(troubles, entry->name, "its groups can't be locked: %s",
			err == -ETIMEDOUT ? "another process is changing them" : strerror(-err));
	return err;
}

int handover_end(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	struct group_locks locks;
	int err = lock_groups(handover, entry, &locks, troubles);

	if (err)
		return err;
	err = handover_put_back(handover, entry, troubles);
	journal_unlock(&locks);
	return err;
}

/* The lock of the record is taken last, and tells whether it is still there. */
static int end_unattended(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	struct group_locks locks;
	int err = lock_groups(handover, entry, &locks, troubles);

	if (err)
		return err;
	err = entry_lock(entry);
	if (!err)
		err = handover_put_back(handover, entry, troubles);
	else if (err == -EACCES)
		trouble(troubles, entry->name, "can't be written: %s", strerror(EACCES));
	journal_unlock(&locks);
	return err;
}

int handover_release(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	int err;

	if (entry_is_held(entry))
		return -EBUSY;
	err = handover_wait(handover, &entry->record, false, troubles);
	return err ? err : end_unattended(handover, entry, troubles);
}
