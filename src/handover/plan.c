/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "plan.h"
#include "array.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *action_name(enum action action)
{
	static const char *const names[] = {"override", "unbind", "bind", "verify", "grant"};

	return names[action];
}

const char *refusal_name(enum refusal_kind kind)
{
	static const char *const names[] = {
		"no-iommu",
		"firmware-regions",
		"nothing-to-give",
		"no-driver",
		"native-driver",
		"no-user-driver",
		"busy",
		"owned",
		"in-use",
		"in-use",
		"unknown",
	};

	return names[kind];
}

const char *user_driver(const char *bus)
{
	static const char *const drivers[][2] = {
		{"pci", "vfio-pci"},       {"platform", "vfio-platform"}, {"amba", "vfio-amba"},
		{"fsl-mc", "vfio-fsl-mc"}, {"cdx", "vfio-cdx"},
	};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		if (strcmp(drivers[i][0], bus) == 0)
			return drivers[i][1];
	}
	return NULL;
}

const char *plan_driver(const struct claim_request *request, const struct device_facts *device)
{
	return request->driver ? request->driver : user_driver(device->bus);
}

static bool is_named(const struct claim_request *request, const struct device_facts *device)
{
	for (size_t i = 0; i < request->named_count; i++) {
		if (strcmp(request->named[i], device->address) == 0)
			return true;
	}
	return false;
}

static bool has_class(const struct device_facts *device, const char *class)
{
	return device->class && strncmp(device->class, class, strlen(class)) == 0;
}

/* Two buses with something between: VFIO takes none of them. */
static bool is_bridge(const struct device_facts *device)
{
	return has_class(device, "0604") || (device->pci && device->pci->bridge);
}

enum treatment plan_treatment(const struct facts *facts, const struct claim_request *request,
			      const struct device_facts *device)
{
	const struct driver_facts *driver =
		device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;
	bool native = facts_native(facts, device);

	if (is_bridge(device) || !plan_driver(request, device))
		return native ? TREATMENT_FREE : TREATMENT_LEAVE;
	if (native || is_named(request, device))
		return driver && driver->user ? TREATMENT_LEAVE : TREATMENT_GIVE;
	return device->driver || has_class(device, "06") ? TREATMENT_LEAVE : TREATMENT_GIVE;
}

/* ---- refusals ---- */

/* A refusal that there is no memory for is -ENOMEM, and the plan as it was. */
__attribute__((format(printf, 6, 7))) static int refuse(struct plan *plan, enum refusal_kind kind,
							int group, const char *device,
							const char *name, const char *format, ...)
{
	struct refusal *more = array_with_room(plan->refusals, plan->refusal_count, sizeof(*more));
	struct refusal made = {.kind = kind, .group = group, .device = device};
	va_list args;
	int length;

	if (!more)
		return -ENOMEM;
	plan->refusals = more;
	made.name = name ? strdup(name) : NULL;
	if (name && !made.name)
		return -ENOMEM;
	va_start(args, format);
	length = vasprintf(&made.reason, format, args);
	va_end(args);
	if (length < 0) {
		free(made.name);
		return -ENOMEM;
	}
	plan->refusals[plan->refusal_count++] = made;
	return 0;
}

/* `about`: what is not known of the device or, with NULL, of the group. */
static int refuse_unknown(struct plan *plan, int group, const char *device, const char *about,
			  int error)
{
	int err = refuse(plan, REFUSAL_UNKNOWN, group, device, NULL, "%s: %s", about,
			 error ? strerror(-error) : "nobody looked");

	if (!err)
		plan->refusals[plan->refusal_count - 1].hidden_by = error;
	return err;
}

static int refuse_owned(struct plan *plan, const struct group_facts *group)
{
	const struct owner_facts *owner = &group->owner;
	const char *name = owner->name ? owner->name : "a user";

	if (owner->kind == OWNER_NOT_KNOWN)
		return refuse_unknown(plan, group->id, NULL, "who has it open", owner->hidden_by);
	if (owner->kind != OWNER_USER)
		return 0;
	if (owner->pid)
		return refuse(plan, REFUSAL_OWNED, group->id, NULL, name, "%s (process %ld) has it",
			      name, owner->pid);
	return refuse(plan, REFUSAL_OWNED, group->id, NULL, name, "%s has it", name);
}

/* Whether the request takes the use of that name from whatever device, or from this one. */
static bool is_taken(const struct claim_request *request, const struct device_facts *device,
		     const char *name)
{
	size_t length = strlen(device->address);

	if (request->force)
		return true;
	for (size_t i = 0; i < request->take_count; i++) {
		const char *take = request->takes[i];

		if (strcmp(take, name) == 0)
			return true;
		if (strncmp(take, device->address, length) == 0 && take[length] == '/' &&
		    strcmp(take + length + 1, name) == 0)
			return true;
	}
	return false;
}

static int refuse_use(struct plan *plan, const struct claim_request *request,
		      const struct device_facts *device, const struct use_facts *use)
{
	const char *name = use->name ? use->name : use->kind;

	if (!use->vital && is_taken(request, device, name))
		return 0;
	return refuse(plan, use->vital ? REFUSAL_VITAL : REFUSAL_IN_USE, device->group,
		      device->address, name, "%s%s%s", name, use->reason ? ": " : "",
		      use->reason ? use->reason : "");
}

/* A device that nobody has looked at is not idle. */
static int refuse_uses(struct plan *plan, const struct claim_request *request,
		       const struct device_facts *device)
{
	int err = 0;

	for (size_t i = 0; i < device->use_count && !err; i++)
		err = refuse_use(plan, request, device, &device->uses[i]);
	for (size_t i = 0; i < device->unknown_count && !err; i++)
		err = refuse_unknown(plan, device->group, device->address,
				     device->unknowns[i].about, device->unknowns[i].error);
	if (!err && !device->uses_known)
		err = refuse_unknown(plan, device->group, device->address, "what it is in use for",
				     0);
	return err;
}

static int refuse_driver(struct plan *plan, const struct facts *facts,
			 const struct claim_request *request, const struct device_facts *device)
{
	const char *name = plan_driver(request, device);
	const struct driver_facts *driver = facts_driver(facts, device->bus, name);

	if (!driver)
		return refuse(plan, REFUSAL_NO_DRIVER, device->group, device->address, name,
			      "no driver %s on bus %s", name, device->bus);
	if (driver->managed_dma == KNOWN_NO)
		return refuse(plan, REFUSAL_NATIVE_DRIVER, device->group, device->address, name,
			      "%s is a native driver: it would make the group the kernel's", name);
	if (driver->managed_dma == KNOWN_YES && !driver->user)
		return refuse(plan, REFUSAL_NO_USER_DRIVER, device->group, device->address, name,
			      "%s gives no device to a user", name);
	return 0;
}

static int refuse_device(struct plan *plan, const struct facts *facts,
			 const struct claim_request *request, const struct device_facts *device)
{
	enum treatment treatment = plan_treatment(facts, request, device);
	int err = 0;

	if (device->busy)
		err = refuse(plan, REFUSAL_BUSY, device->group, device->address, device->driver,
			     "%s was told to let go of it and has not yet", device->driver);
	if (!err && treatment == TREATMENT_GIVE)
		err = refuse_driver(plan, facts, request, device);
	if (!err && treatment != TREATMENT_LEAVE)
		err = refuse_uses(plan, request, device);
	return err;
}

/* Whether any device of the group would be a user's in the end. */
static bool gives_something(const struct facts *facts, const struct claim_request *request,
			    int group)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];
		const struct driver_facts *driver =
			device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;

		if (device->group == group &&
		    (plan_treatment(facts, request, device) == TREATMENT_GIVE ||
		     (driver && driver->user)))
			return true;
	}
	return false;
}

static int refuse_group(struct plan *plan, const struct facts *facts,
			const struct claim_request *request, int id)
{
	const struct group_facts *group = facts_group(facts, id);
	int err = 0;

	if (!group)
		return refuse(plan, REFUSAL_NO_GROUP, id, NULL, NULL, "it has vanished");
	if (group->direct_regions == KNOWN_NOT)
		err = refuse_unknown(plan, id, NULL, "whether firmware needs memory of it", 0);
	if (!err && group->direct_regions == KNOWN_YES)
		err = refuse(plan, REFUSAL_DIRECT_REGIONS, id, NULL, NULL,
			     "firmware needs memory of it, so no user may have it");
	if (!err && !gives_something(facts, request, id))
		err = refuse(plan, REFUSAL_NOTHING_TO_GIVE, id, NULL, NULL,
			     "nothing in it can be given to a user");
	if (!err)
		err = refuse_owned(plan, group);
	for (size_t i = 0; i < facts->device_count && !err; i++) {
		if (facts->devices[i].group == id)
			err = refuse_device(plan, facts, request, &facts->devices[i]);
	}
	return err;
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

static int refuse_ungrouped(struct plan *plan, const struct facts *facts,
			    const struct claim_request *request)
{
	int err = 0;

	for (size_t i = 0; i < request->named_count && !err; i++) {
		const struct device_facts *device = facts_device(facts, request->named[i]);

		if (device && device->group < 0)
			err = refuse(plan, REFUSAL_NO_GROUP, -1, device->address, NULL,
				     "no IOMMU translates for it, so it has no group");
	}
	return err;
}

static int make(struct plan *plan, const struct facts *facts, const struct claim_request *request)
{
	int err = refuse_ungrouped(plan, facts, request);

	for (size_t i = 0; i < request->group_count && !err; i++)
		err = refuse_group(plan, facts, request, request->groups[i]);
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
	}
	free(plan->refusals);
	free(plan->steps);
	*plan = (struct plan) {0};
}
