/* SPDX-License-Identifier: MIT */
/* Claiming: look, refuse or write the record, then the phases of the plan; on failure, all back. */
#define _GNU_SOURCE
#include "errname.h"
#include "handover.h"
#include "nodes.h"
#include "phase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a claim that others leave unfinished under our feet is put back before we give up. */
enum { ATTEMPTS = 3 };

/* ---- looking ---- */

static int read_groups(struct handover *handover, const struct claim_request *request,
		       struct facts *facts)
{
	size_t count = request->group_count + request->named_count;
	struct machine_part *parts = calloc(count + 1, sizeof(*parts));
	int err;

	if (!parts)
		return -ENOMEM;
	for (size_t i = 0; i < request->group_count; i++)
		parts[i].group = request->groups[i];
	for (size_t i = 0; i < request->named_count; i++)
		parts[request->group_count + i].device = request->named[i];
	err = machine_read_part(handover->machine, parts, count, facts);
	free(parts);
	return err;
}

/* Adds the drivers that devices are given with; one that there is none of is the plan's matter. */
static int read_drivers(struct handover *handover, const struct claim_request *request, bool load,
			struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const char *name = plan_driver(request, device);
		int err;

		if (plan_treatment(facts, request, device) != TREATMENT_GIVE)
			continue;
		err = machine_read_driver(handover->machine, device->bus, name, facts);
		if (err == -ENODEV && load && machine_load_driver(handover->machine, name) == 0)
			err = machine_read_driver(handover->machine, device->bus, name, facts);
		if (err && err != -ENODEV)
			return err;
	}
	return 0;
}

/* Records are root's: who may not read them does not know who has claimed what, but may be told the
 * rest. */
static int mark_owners(struct handover *handover, struct facts *facts)
{
	int err = journal_mark_owners(handover->journal, facts);

	if (err != -EACCES)
		return err;
	journal_hide_owners(facts, err);
	return 0;
}

int handover_plan(struct handover *handover, const struct claim_request *request, bool load,
		  struct facts *facts, struct plan *plan)
{
	struct facts read;
	int err = read_groups(handover, request, &read);

	if (err)
		return err;
	err = read_drivers(handover, request, load, &read);
	if (!err)
		err = machine_find_uses(handover->machine, &read);
	if (!err)
		err = mark_owners(handover, &read);
	if (!err)
		err = plan_make(&read, request, plan);
	if (err)
		facts_release(&read);
	else
		*facts = read;
	return err;
}

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

static void explain(struct claiming *claiming, const struct plan_step *step,
		    const struct change *change)
{
	const char *what = action_name(step->action);
	const char *which = step->to ? step->to : step->from ? step->from : "none";
	char holders[256];

	if (change->result == -ETIMEDOUT) {
		describe_holders(claiming, change->device, holders, sizeof(holders));
		trouble(claiming->troubles, change->device, "%s of %s does not end (%s)", what,
			which, holders);
	} else {
		trouble(claiming->troubles, change->device, "%s of %s failed: %s (%s)", what, which,
			strerror(-change->result), errno_name(change->result));
	}
}

static const struct plan_step *find_step(const struct claiming *claiming, enum action action,
					 const char *address)
{
	const struct plan *plan = &claiming->claim->plan;
	size_t i = 0;

	while (plan->steps[i].action != action ||
	       strcmp(plan->steps[i].device->address, address) != 0)
		i++;
	return &plan->steps[i];
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
		explain(claiming, find_step(claiming, action, change->device), change);
		if (!err || change->result == -ETIMEDOUT)
			err = change->result;
	}
	return err;
}

static size_t place_in(const struct record *record, const char *address)
{
	size_t i = 0;

	while (strcmp(record->devices[i].address, address) != 0)
		i++;
	return i;
}

static int run_phase(struct claiming *claiming, enum action action, enum change_kind kind)
{
	const struct plan *plan = &claiming->claim->plan;
	struct entry *entry = &claiming->claim->entry;
	struct handover *handover = claiming->handover;
	int err, noted;

	if (handover->interrupted && handover->interrupted(handover->context)) {
		trouble(claiming->troubles, "claim", "interrupted");
		return -ECANCELED;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct plan_step *step = &plan->steps[i];

		if (step->action == action)
			phase_add(&claiming->phase, kind,
				  place_in(&entry->record, step->device->address), step->to);
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

static void explain_folder(struct handover *handover, int err, struct troubles *troubles)
{
	trouble(troubles, journal_folder(handover->journal),
		"can't be written: %s (dmaown doctor says what to do)", strerror(-err));
}

static int begin(struct handover *handover, const struct claim_request *request,
		 struct claim *claim, struct troubles *troubles)
{
	struct record record;
	int err = record_make(handover->machine, &claim->facts, request,
			      journal_boot(handover->journal), getpid(), getuid(), &record);

	if (err && err != -ENOMEM)
		nodes_explain(handover, request->groups, request->group_count, troubles);
	if (err)
		return err;
	err = journal_begin(handover->journal, &record, &claim->entry);
	if (err) {
		explain_folder(handover, err, troubles);
		record_release(&record);
	}
	return err;
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
		err = begin(handover, request, claim, troubles);
	if (err)
		return err;
	if (handover->about_to)
		handover->about_to(handover->context, &claim->plan);
	phase_init(&claiming.phase, handover, &claim->entry.record);
	err = execute(&claiming);
	if (err && handover_put_back(handover, &claim->entry, troubles) != 0)
		err = -ENOTRECOVERABLE;
	return err;
}

/* ---- what others left ---- */

static bool concerns(const struct entry *entry, const struct claim_request *request)
{
	for (size_t i = 0; i < request->group_count; i++) {
		if (record_has_group(&entry->record, request->groups[i]))
			return true;
	}
	return false;
}

/* Of a record that tells nothing it can't be known whether it is about our groups. */
static int judge_entry(const struct entry *entry, struct troubles *troubles)
{
	if (entry->state == ENTRY_GOOD)
		return 0;
	trouble(troubles, entry->name,
		entry->state == ENTRY_DAMAGED ? "is damaged (dmaown recover sets it aside)"
					      : "is from another boot (dmaown recover drops it)");
	return -EUCLEAN;
}

/* Stores the first record of our groups that nobody stands behind; none: its descriptor is -1. */
static int find_abandoned(struct handover *handover, const struct claim_request *request,
			  struct entry *out, struct troubles *troubles)
{
	struct entries entries;
	int err = journal_read(handover->journal, &entries);

	*out = (struct entry) {.fd = -1};
	if (err)
		trouble(troubles, journal_folder(handover->journal),
			"its records can't be read: %s (dmaown doctor says what to do)",
			strerror(-err));
	if (err)
		return err;
	for (size_t i = 0; i < entries.count && !err && out->fd < 0; i++) {
		struct entry *entry = &entries.all[i];

		err = judge_entry(entry, troubles);
		if (!err && concerns(entry, request) && !entry_lives(entry)) {
			*out = *entry;
			*entry = (struct entry) {.fd = -1};
		}
	}
	entries_release(&entries);
	return err;
}

static int attempt(struct handover *handover, const struct claim_request *request,
		   struct claim *claim, struct troubles *troubles, bool *again)
{
	struct group_locks locks;
	struct entry abandoned = {.fd = -1};
	int err = journal_lock(handover->journal, request->groups, request->group_count,
			       handover->patience, &locks);

	*again = false;
	if (err == -ETIMEDOUT) {
		trouble(troubles, "claim", "the group is being changed by another process");
		return -EBUSY;
	}
	if (err) {
		explain_folder(handover, err, troubles);
		return err;
	}
	err = find_abandoned(handover, request, &abandoned, troubles);
	if (!err && abandoned.fd < 0)
		err = claim_locked(handover, request, claim, troubles);
	journal_unlock(&locks);
	if (!err && abandoned.fd >= 0) {
		*again = true;
		err = handover_release(handover, &abandoned, troubles);
		if (err == -EBUSY || err == -ENOENT)
			err = 0;
	}
	entry_close(&abandoned);
	return err;
}

int handover_claim(struct handover *handover, const struct claim_request *request,
		   struct claim *out, struct troubles *troubles)
{
	bool again = true;
	int err = 0;

	*out = (struct claim) {.entry.fd = -1};
	for (int i = 0; i < ATTEMPTS && again && !err; i++)
		err = attempt(handover, request, out, troubles, &again);
	return err || !again ? err : -EAGAIN;
}

void claim_release(struct claim *claim)
{
	plan_release(&claim->plan);
	facts_release(&claim->facts);
	entry_close(&claim->entry);
}
