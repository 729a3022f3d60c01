/* SPDX-License-Identifier: MIT */
/*
 * Releasing: access is taken away, nobody has the groups open any more, all is put back, the record
 * goes.
 *
 * While somebody is waited for, the groups are not locked: others may release the same claim
 * meanwhile, and whoever has them next enters the record anew.
 */
#include "release.h"
#include "clock.h"
#include "errname.h"
#include "nodes.h"
#include "put_back.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_PAUSE = 2, LONGEST_PAUSE = 100 }; /* milliseconds between two looks at a group */

struct releasing {
	struct handover *handover;
	struct entry *entry;
	unsigned int how;
	struct troubles *troubles;
	struct group_locks locks;
	bool behind; /* the record's lock is ours */
	int open;    /* the group that was last seen open */
	int hidden;  /* the -errno for which that is not known; 0: it is */
};

/* ---- who has it open ---- */

/* Whether some group is open, or may be. */
static bool is_open(struct releasing *releasing)
{
	struct record *record = &releasing->entry->record;

	for (size_t i = 0; i < record->group_count; i++) {
		struct machine *machine = releasing->handover->machine;
		int group = record->groups[i].id, err;
		struct group_file *file;

		if (!record_group_is_there(machine, record, group))
			continue;
		err = machine_open(machine, group, &file);
		if (!err)
			group_file_close(file);
		if (!err || err == -ENOENT || err == -ENODEV)
			continue;
		releasing->open = group;
		releasing->hidden = err == -EBUSY ? 0 : err;
		return true;
	}
	return false;
}

static void name_holder(const struct releasing *releasing)
{
	const struct machine_part part = {.group = releasing->open};
	struct machine *machine = releasing->handover->machine;
	const struct group_facts *found;
	struct facts facts = {0};
	char name[32];

	snprintf(name, sizeof(name), "group:%d", releasing->open);
	if (releasing->hidden == -ENXIO) {
		trouble(releasing->troubles, name,
			"its node is missing, so dmaown can't tell whether it is open (make "
			"/dev/vfio/%d again with mknod)",
			releasing->open);
		return;
	}
	if (releasing->hidden) {
		trouble(releasing->troubles, name, "dmaown can't tell whether it is open: %s",
			errno_name(releasing->hidden));
		return;
	}
	if (machine_read_part(machine, &part, 1, &facts) != 0)
		facts = (struct facts) {0};
	machine_find_users(machine, &facts);
	found = facts_group(&facts, releasing->open);
	if (found && found->owner.kind == OWNER_USER && found->owner.pid)
		trouble(releasing->troubles, name, "is still open in %s (process %ld)",
			found->owner.name ? found->owner.name : "a program", found->owner.pid);
	else
		trouble(releasing->troubles, name,
			"is still open in a process that dmaown can't see");
	facts_release(&facts);
}

static bool is_interrupted(const struct handover *handover)
{
	return handover->interrupted && handover->interrupted(handover->context);
}

static bool is_over(const struct releasing *releasing, long end)
{
	return !(releasing->how & RELEASE_WAIT) && clock_now() >= end;
}

static void wait_until_free(struct releasing *releasing, long end)
{
	long pause = FIRST_PAUSE;

	while (is_open(releasing) && !is_interrupted(releasing->handover) &&
	       !is_over(releasing, end)) {
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
}

/* ---- the groups' locks, and the record's ---- */

const char *why_not_locked(int err)
{
	switch (err) {
	case -ETIMEDOUT:
		return "another process is changing them";
	case -EINPROGRESS:
		return "a killed process began a change that has not ended";
	case -EUCLEAN:
		return "their locks are not root's own";
	case -ENOLCK:
		return "there is no folder for their locks (make the one around it)";
	default:
		return strerror(-err);
	}
}

int lock_groups(struct handover *handover, const struct entry *entry, struct group_locks *out,
		struct troubles *troubles)
{
	const struct record *record = &entry->record;
	int groups[RECORD_GROUPS];
	int err;

	for (size_t i = 0; i < record->group_count; i++)
		groups[i] = record->groups[i].id;
	err = journal_lock(handover->journal, groups, record->group_count, handover->patience, out);
	if (err)
		trouble(troubles, entry->name, "its groups can't be locked: %s",
			why_not_locked(err));
	return err;
}

/* Takes the record's lock where it is not ours. By force it is done without, as long as nobody has
 * a group open. */
static int stand_behind(struct releasing *releasing)
{
	int err = releasing->behind ? 0 : entry_lock(releasing->entry);

	if (err == -EACCES)
		trouble(releasing->troubles, releasing->entry->name, "can't be written: %s",
			strerror(EACCES));
	if (err == -EBUSY && releasing->how & RELEASE_FORCE)
		return 0;
	releasing->behind = !err;
	return err;
}

static int enter(struct releasing *releasing)
{
	int err = lock_groups(releasing->handover, releasing->entry, &releasing->locks,
			      releasing->troubles);

	if (err)
		return err;
	err = entry_enter(releasing->handover->journal, releasing->entry);
	if (err && err != -ENOENT)
		trouble(releasing->troubles, releasing->entry->name, "can't be read again: %s",
			errno_name(err));
	if (!err)
		err = stand_behind(releasing);
	if (err)
		journal_unlock(&releasing->locks);
	return err;
}

/* ---- the end ---- */

int put_back_and_drop(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	int err, dropped;

	/* What can't be noted is done all the same: if we are killed it is to be asked for again.
	 */
	journal_let_go(entry);
	err = put_back(handover, &entry->record, troubles);
	if (err && err != -ESTALE)
		return err;
	dropped = journal_drop(handover->journal, entry);
	if (!dropped)
		return err;
	trouble(troubles, entry->name, "can't be removed: %s", strerror(-dropped));
	return -ENOTRECOVERABLE;
}

/* Whoever had access before has it again. */
static int give_up(struct releasing *releasing, int err)
{
	name_holder(releasing);
	nodes_grant(releasing->handover, &releasing->entry->record, releasing->troubles);
	return err;
}

/* With the groups locked. -EAGAIN: somebody has to be waited for. */
static int try_to_end(struct releasing *releasing, long end)
{
	struct entry *entry = releasing->entry;
	int err = nodes_revoke(releasing->handover, &entry->record, releasing->troubles);

	if (err)
		return -ENOTRECOVERABLE;
	if (!is_open(releasing))
		return put_back_and_drop(releasing->handover, entry, releasing->troubles);
	if (is_interrupted(releasing->handover))
		return give_up(releasing, -ECANCELED);
	return is_over(releasing, end) ? give_up(releasing, -ETIMEDOUT) : -EAGAIN;
}

int handover_release(struct handover *handover, struct entry *entry, unsigned int how,
		     struct troubles *troubles)
{
	struct releasing releasing = {.handover = handover,
				      .entry = entry,
				      .how = how,
				      .troubles = troubles,
				      .behind = (how & RELEASE_OURS) != 0};
	long end = clock_now() + handover->patience;
	int err;

	do {
		err = enter(&releasing);
		if (err)
			return err;
		err = try_to_end(&releasing, end);
		journal_unlock(&releasing.locks);
		if (err == -EAGAIN)
			wait_until_free(&releasing, end);
	} while (err == -EAGAIN);
	return err;
}
