/* SPDX-License-Identifier: MIT */
/* Claiming: plan, refuse or write the record, then the phases of the plan; on failure, all back. */
#define _GNU_SOURCE
#include "clock.h"
#include "errname.h"
#include "leftovers.h"
#include "nodes.h"
#include "phase.h"
#include "precondition.h"
#include "release.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the phases ---- */

struct claiming {
	struct handover *handover;
	const struct claim_request *request;
	struct claim *claim;
	struct phase phase;
	struct troubles *troubles;
};

/* The device's holders, in words, for who waits for it in vain. */
static void describe_holders(const struct claiming *claiming, const char *address, char *out,
			     size_t size)
{
	struct facts *facts = &claiming->claim->facts;
	const struct device_facts *device = facts_device(facts, address);

	snprintf(out, size, "nobody is seen to hold it");
	if (machine_find_uses(claiming->handover->machine, facts) != 0 || !device ||
	    device->use_count == 0)
		return;
	snprintf(out, size, "%s: %s", device->uses[0].name ? device->uses[0].name : "held",
		 device->uses[0].reason ? device->uses[0].reason : device->uses[0].kind);
}

static const char *change_name(enum change_kind kind)
{
	static const enum action actions[] = {[CHANGE_OVERRIDE] = ACTION_OVERRIDE,
					      [CHANGE_UNBIND] = ACTION_UNBIND,
					      [CHANGE_BIND] = ACTION_BIND};

	return action_name(actions[kind]);
}

static void explain(struct claiming *claiming, const struct change *change)
{
	const struct record *record = &claiming->claim->entry.record;
	const char *what = change_name(change->kind);
	const char *which = change->driver ? change->driver : record->devices[change->place].driver;
	char holders[256];

	which = which ? which : "none";
	if (change->result == -ETIMEDOUT) {
		describe_holders(claiming, change->device, holders, sizeof(holders));
		trouble(claiming->troubles, change->device, "%s of %s does not end (%s)", what,
			which, holders);
	} else {
		trouble(claiming->troubles, change->device, "%s of %s failed: %s (%s)", what, which,
			strerror(-change->result), errno_name(change->result));
	}
}

/* A device that was unbound by somebody else meanwhile is as unbound as it should be. */
static int judge(struct claiming *claiming, enum action action)
{
	const struct record *record = &claiming->claim->entry.record;
	int err = 0;

	for (size_t i = 0; i < claiming->phase.made; i++) {
		const struct change *change = &record->changes[i];

		if (!change->result || (action == ACTION_UNBIND && change->result == -ENODEV))
			continue;
		explain(claiming, change);
		if (!err || change->result == -ETIMEDOUT)
			err = change->result;
	}
	return err;
}

static int run_phase(struct claiming *claiming, enum action action, enum change_kind kind)
{
	const struct plan *plan = &claiming->claim->plan;
	struct entry *entry = &claiming->claim->entry;
	struct handover *handover = claiming->handover;
	int err, noted;

	precondition(plan->refusal_count == 0);
	if (handover->interrupted && handover->interrupted(handover->context)) {
		trouble(claiming->troubles, "claim", "interrupted");
		return -ECANCELED;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (step->action == action)
			phase_add(&claiming->phase, kind,
				  record_place(&entry->record, step->device->address), step->to);
	}
	phase_run(&claiming->phase);
	err = judge(claiming, action);
	noted = journal_note(entry, action, entry->record.changes, claiming->phase.made);
	if (!err && noted) {
		trouble(claiming->troubles, entry->name, "can't be written: %s", strerror(-noted));
		err = noted;
	}
	return err;
}

/* ---- verifying and granting ---- */

static int verify_devices(struct claiming *claiming)
{
	const struct record *record = &claiming->claim->entry.record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		struct driver_name driver;
		int err;

		if (device->treatment != TREATMENT_GIVE)
			continue;
		err = machine_driver(claiming->handover->machine, device->address, &driver);
		if (err) {
			trouble(claiming->troubles, device->address, "can't be looked at: %s",
				strerror(-err));
			return err;
		}
		if (strcmp(driver.text, device->to) != 0) {
			trouble(claiming->troubles, device->address, "is on %s instead of %s",
				*driver.text ? driver.text : "no driver", device->to);
			return -EBUSY;
		}
	}
	return 0;
}

/* The kernel alone decides whether the group can be had: a claim of it is tried. */
static int try_group(struct handover *handover, int group)
{
	struct group_file *file;
	int err = machine_open(handover->machine, group, &file);

	if (err)
		return err;
	err = group_file_claim(file);
	group_file_close(file);
	return err;
}

static const char *why_not(int err)
{
	switch (err) {
	case -EBUSY:
		return "somebody else has it open";
	case -EPERM:
		return "a native driver is bound in it, or somebody owns it";
	case -ENOENT:
		return "it has no node (is VFIO there? dmaown doctor tells)";
	default:
		return strerror(-err);
	}
}

static int verify_group(struct claiming *claiming, int group)
{
	int err = try_group(claiming->handover, group);
	char name[32];

	if (!err)
		return 0;
	snprintf(name, sizeof(name), "group:%d", group);
	trouble(claiming->troubles, name, "can't be claimed: %s (%s)", why_not(err),
		errno_name(err));
	return err == -EPERM ? -EBUSY : err == -ENOENT ? -ENODEV : err;
}

static int close_group(struct claiming *claiming, int group)
{
	return node_close(claiming->handover, group, claiming->troubles);
}

static int grant_group(struct claiming *claiming, int group)
{
	const struct claim_request *request = claiming->request;

	return node_grant(claiming->handover, group, request->user, request->uid,
			  claiming->troubles);
}

static int for_each_group(struct claiming *claiming,
			  int (*step)(struct claiming *claiming, int group))
{
	int err = 0;

	for (size_t i = 0; i < claiming->request->group_count && !err; i++)
		err = step(claiming, claiming->request->groups[i]);
	return err;
}

static int hold(struct claiming *claiming)
{
	struct entry *entry = &claiming->claim->entry;
	int err = journal_hold(entry);

	if (err)
		trouble(claiming->troubles, entry->name, "can't be written: %s", strerror(-err));
	return err;
}

static int execute(struct claiming *claiming)
{
	int err = run_phase(claiming, ACTION_OVERRIDE, CHANGE_OVERRIDE);

	if (!err)
		err = run_phase(claiming, ACTION_UNBIND, CHANGE_UNBIND);
	if (!err)
		err = run_phase(claiming, ACTION_BIND, CHANGE_BIND);
	if (!err)
		err = verify_devices(claiming);
	if (!err)
		err = for_each_group(claiming, close_group);
	if (!err)
		err = for_each_group(claiming, verify_group);
	if (!err)
		err = for_each_group(claiming, grant_group);
	if (!err)
		err = hold(claiming);
	return err;
}

/* ---- a claim ---- */

static void explain_folder(const char *folder, int err, struct troubles *troubles)
{
	if (err == -ENOKEY)
		trouble(troubles, "claim",
			"dmaown can't tell this boot from another (/proc/sys/kernel/random/boot_id "
			"must be readable)");
	else
		trouble(troubles, folder, "can't be written: %s (dmaown doctor says what to do)",
			err == -EUCLEAN ? "others may write to it" : strerror(-err));
}

static int begin(struct handover *handover, const struct claim_request *request,
		 struct claim *claim, struct troubles *troubles)
{
	struct record record;
	const char *boot = journal_boot(handover->journal);
	int err = record_make(handover->machine, &claim->facts, request, boot ? boot : "not known",
			      getpid(), getuid(), &record);

	if (err && err != -ENOMEM)
		nodes_explain(handover, request->groups, request->group_count, troubles);
	if (err)
		return err;
	err = journal_begin(handover->journal, &record, &claim->entry);
	if (err) {
		explain_folder(journal_state_folder(handover->journal), err, troubles);
		record_release(&record);
	}
	return err;
}

/* Gives why it failed, or what could not be put back. */
static int end_failed(struct handover *handover, struct claim *claim, int err,
		      struct troubles *troubles)
{
	int left;

	/* A user who was granted some of the groups is not to open one while it goes; what became
	 * of the nodes is looked at in the end. */
	nodes_revoke(handover, &claim->entry.record, troubles);
	left = put_back_and_drop(handover, &claim->entry, troubles);
	return left ? left : err;
}

/* With the groups locked. */
static int claim_locked(struct handover *handover, const struct claim_request *request,
			struct claim *claim, struct troubles *troubles)
{
	struct claiming claiming = {
		.handover = handover, .request = request, .claim = claim, .troubles = troubles};
	int err = handover_plan(handover, request, true, &claim->facts, &claim->plan);

	if (!err && claim->plan.refusal_count > 0)
		err = -EPERM;
	if (!err)
		err = note_taken_over(handover, &claim->facts, request, troubles);
	if (!err)
		err = begin(handover, request, claim, troubles);
	if (err)
		return err;
	if (handover->about_to)
		handover->about_to(handover->context, &claim->plan);
	phase_init(&claiming.phase, handover, &claim->entry.record);
	err = execute(&claiming);
	return err ? end_failed(handover, claim, err, troubles) : 0;
}

/* ---- attempts ---- */

static int lock(struct handover *handover, const struct claim_request *request,
		struct group_locks *locks, struct troubles *troubles)
{
	int err = journal_lock(handover->journal, request->groups, request->group_count,
			       handover->patience, locks);

	if (err == -ETIMEDOUT || err == -EINPROGRESS || err == -ENOLCK)
		trouble(troubles, "claim", "its groups can't be locked: %s", why_not_locked(err));
	else if (err)
		explain_folder(journal_locks_folder(handover->journal), err, troubles);
	return err;
}

/* Somebody else may have ended it meanwhile, or stand behind it again. */
static int end_abandoned(struct handover *handover, struct entry *entry, struct troubles *troubles)
{
	int err = handover_release(handover, entry, 0, troubles);

	if (err == -EBUSY || err == -ENOENT)
		return 0;
	if (handover->ended)
		handover->ended(handover->context, &entry->record, err);
	return err == -ESTALE ? 0 : err;
}

/* A claim that others leave unfinished is put back, and then ours is tried again. */
static int attempt(struct handover *handover, const struct claim_request *request,
		   struct claim *claim, struct troubles *troubles, bool *again)
{
	struct group_locks locks;
	struct entry abandoned = {.fd = -1};
	int err = lock(handover, request, &locks, troubles);

	*again = false;
	if (err)
		return err;
	err = find_abandoned(handover, request, &abandoned, troubles);
	if (!err && abandoned.fd < 0)
		err = claim_locked(handover, request, claim, troubles);
	journal_unlock(&locks);
	if (!err && abandoned.fd >= 0) {
		*again = true;
		err = end_abandoned(handover, &abandoned, troubles);
	}
	entry_close(&abandoned);
	return err;
}

int handover_claim(struct handover *handover, const struct claim_request *request,
		   struct claim *out, struct troubles *troubles)
{
	long end = clock_now() + handover->patience;
	bool again = true;
	int err = 0;

	*out = (struct claim) {.entry.fd = -1};
	/* Each of the groups may have a claim to be put back, and others may leave more. */
	for (size_t i = 0; again && !err && (i <= request->group_count || clock_now() < end); i++)
		err = attempt(handover, request, out, troubles, &again);
	if (err || !again)
		return err;
	trouble(troubles, "claim",
		"others leave claims of these groups unfinished as fast as they are put back (try "
		"again)");
	return -EAGAIN;
}

void claim_close(struct claim *claim)
{
	plan_release(&claim->plan);
	facts_release(&claim->facts);
	entry_close(&claim->entry);
}
