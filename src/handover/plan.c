/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "plan.h"
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *action_name(enum action action)
{
	static const char *const names[] = {"override", "unbind", "bind", "verify", "grant"};

	return names[action];
}

/* ---- steps ---- */

static int add_step(struct plan *plan, const struct plan_step *step)
{
	struct plan_step *more = array_with_room(plan->steps, plan->step_count, sizeof(*more));

	if (!more)
		return -ENOMEM;
	plan->steps = more;
	plan->steps[plan->step_count++] = *step;
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The step of that action for the device, if there is one to make. */
static int add_device_step(struct plan *plan, enum action action, const struct facts *facts,
			   const struct claim_request *request, const struct device_facts *device)
{
	enum treatment treatment = plan_treatment(facts, request, device);
	struct plan_step step = {.action = action, .group = device->group, .device = device};
	bool give = treatment == TREATMENT_GIVE;

	if (treatment == TREATMENT_LEAVE)
		return 0;
	step.from = action == ACTION_OVERRIDE ? device->override : device->driver;
	step.to = give && action != ACTION_UNBIND ? plan_driver(request, device) : NULL;
	if (action == ACTION_BIND)
		step.from = NULL;
	if (action == ACTION_UNBIND ? !device->driver : !give)
		return 0;
	if (action == ACTION_OVERRIDE && same(step.from, step.to))
		return 0;
	return add_step(plan, &step);
}

static bool is_asked_for(const struct claim_request *request, int group)
{
	for (size_t i = 0; i < request->group_count; i++) {
		if (request->groups[i] == group)
			return true;
	}
	return false;
}

static int add_steps(struct plan *plan, enum action action, const struct facts *facts,
		     const struct claim_request *request)
{
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		if (is_asked_for(request, facts->devices[i].group))
			err = add_device_step(plan, action, facts, request, &facts->devices[i]);
	}
	return err;
}

static int add_group_steps(struct plan *plan, enum action action,
			   const struct claim_request *request)
{
	struct plan_step step = {.action = action};
	int err = 0;

	if (action == ACTION_GRANT) {
		step.from = "root";
		step.to = request->user ? request->user : "root";
	}
	for (size_t i = 0; i < request->group_count && !err; i++) {
		step.group = request->groups[i];
		err = add_step(plan, &step);
	}
	return err;
}

static int make(struct plan *plan, const struct facts *facts, const struct claim_request *request)
{
	int err = plan_refuse(plan, facts, request);

	for (enum action action = ACTION_OVERRIDE; action <= ACTION_BIND && !err; action++)
		err = add_steps(plan, action, facts, request);
	for (enum action action = ACTION_VERIFY; action <= ACTION_GRANT && !err; action++)
		err = add_group_steps(plan, action, request);
	return err;
}

int plan_make(const struct facts *facts, const struct claim_request *request, struct plan *out)
{
	struct plan plan = {0};
	int err = make(&plan, facts, request);

	if (err)
		plan_release(&plan);
	else
		*out = plan;
	return err;
}

void plan_release(struct plan *plan)
{
	for (size_t i = 0; i < plan->refusal_count; i++) {
		free(plan->refusals[i].name);
		free(plan->refusals[i].reason);
		free(plan->refusals[i].remedy);
	}
	free(plan->refusals);
	free(plan->steps);
	free(plan->losses);
	*plan = (struct plan) {0};
}
