/* SPDX-License-Identifier: MIT */
/* Looking at what a claim is to take, and planning it: what handover_plan() does. */
#include "handover.h"

#include <errno.h>
#include <stdlib.h>

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
