/* SPDX-License-Identifier: MIT */
/* What forbids a claim: all of it, each reason in words of its own. */
#define _GNU_SOURCE
#include "array.h"
#include "plan.h"
#include "printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		"unknown",
		"not-named",
		"vanished",
		"no-iommu",
	};

	return names[kind];
}

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
			 hidden_words(error));

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

/* A user's own uses are his. */
static bool is_owned(const struct facts *facts, const struct device_facts *device)
{
	const struct group_facts *group = facts_group(facts, device->group);

	return group && group->owner.kind == OWNER_USER;
}

static bool is_asked_for(const struct claim_request *request, int group)
{
	for (size_t i = 0; i < request->group_count; i++) {
		if (request->groups[i] == group)
			return true;
	}
	return false;
}

/* Whether the device loses its driver in the claim, or goes with one that does, or is the user's in
 * the end: then nobody else may use it. What a bus does that is not known is done to it too. */
static bool is_touched(const struct facts *facts, const struct claim_request *request,
		       const struct device_facts *device)
{
	const struct device_facts *carrier = plan_carrier(facts, device);
	const struct driver_facts *driver =
		device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;

	return (driver && driver->user && !is_owned(facts, device)) ||
	       !plan_knows_bus(device->bus) ||
	       plan_treatment(facts, request, carrier ? carrier : device) != TREATMENT_LEAVE;
}

/* What a use is called in messages and by who takes it. */
static const char *name_of(const struct use_facts *use)
{
	return use->name ? use->name : use->kind;
}

static bool has_use(const struct device_facts *device, const char *name)
{
	for (size_t i = 0; i < device->use_count; i++) {
		if (strcmp(name_of(&device->uses[i]), name) == 0)
			return true;
	}
	return false;
}

/* Whether the claim touches another device that has a use of that name. */
static bool is_shared(const struct facts *facts, const struct claim_request *request,
		      const struct device_facts *device, const char *name)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *other = &facts->devices[i];

		if (other != device && is_asked_for(request, other->group) &&
		    has_use(other, name) && is_touched(facts, request, other))
			return true;
	}
	return false;
}

/* Whether the request takes the use of that name, as it is or as it was printed, of this device. A
 * name alone is that of one device. */
static bool is_taken(const struct claim_request *request, const struct device_facts *device,
		     const char *name, bool shared)
{
	size_t length = strlen(device->address);

	if (request->force)
		return true;
	for (size_t i = 0; i < request->take_count; i++) {
		const char *take = request->takes[i];

		if (!shared && printable_names(take, name))
			return true;
		if (strncmp(take, device->address, length) == 0 && take[length] == '/' &&
		    printable_names(take + length + 1, name))
			return true;
	}
	return false;
}

/* Virtual functions: VFIO takes no function that has some. */
static bool has_virtual_functions(const struct use_facts *use)
{
	return strcmp(use->kind, "virtual-functions") == 0;
}

/* Stores what frees the device of a use that no option takes; NULL: nothing is known to. */
static int find_remedy(const struct device_facts *device, const struct use_facts *use, char **out)
{
	if (use->remedy)
		*out = strdup(use->remedy);
	else if (!has_virtual_functions(use))
		return 0;
	else if (asprintf(out, "echo 0 > /sys/bus/pci/devices/%s/sriov_numvfs", device->address) <
		 0)
		*out = NULL;
	return *out ? 0 : -ENOMEM;
}

static int refuse_use(struct plan *plan, const struct facts *facts,
		      const struct claim_request *request, const struct device_facts *device,
		      const struct use_facts *use)
{
	const char *name = name_of(use);
	bool firm = use->vital || has_virtual_functions(use);
	bool shared = !firm && is_shared(facts, request, device, name);
	int err;

	if (!firm && is_taken(request, device, name, shared))
		return plan_lose(plan, device, use);
	err = refuse(plan, firm ? REFUSAL_VITAL : REFUSAL_IN_USE, device->group, device->address,
		     name, "%s%s%s", name, use->reason ? ": " : "", use->reason ? use->reason : "");
	if (err)
		return err;
	plan->refusals[plan->refusal_count - 1].shared = shared;
	return firm ? find_remedy(device, use, &plan->refusals[plan->refusal_count - 1].remedy) : 0;
}

/* A device that nobody has looked at is not idle. */
static int refuse_uses(struct plan *plan, const struct facts *facts,
		       const struct claim_request *request, const struct device_facts *device)
{
	int err = 0;

	for (size_t i = 0; i < device->use_count && !err; i++)
		err = refuse_use(plan, facts, request, device, &device->uses[i]);
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
	return driver->user ? 0
			    : refuse_unknown(plan, device->group, device->address,
					     "whether the driver asked for is native", 0);
}

static int refuse_not_named(struct plan *plan, const struct claim_request *request,
			    const struct device_facts *device)
{
	if (!plan_is_of_machine(device) || plan_is_named(request, device))
		return 0;
	return refuse(plan, REFUSAL_NOT_NAMED, device->group, device->address, device->driver,
		      "%s is bound to this function of the machine and would be unbound",
		      device->driver ? device->driver : "a driver that is not known");
}

static int refuse_busy(struct plan *plan, const struct device_facts *device)
{
	if (!device->driver)
		return refuse(plan, REFUSAL_BUSY, device->group, device->address, NULL,
			      "its driver's probe or unbind has not ended");
	return refuse(plan, REFUSAL_BUSY, device->group, device->address, device->driver,
		      "%s has not let go of it yet", device->driver);
}

static int refuse_device(struct plan *plan, const struct facts *facts,
			 const struct claim_request *request, const struct device_facts *device)
{
	enum treatment treatment = plan_treatment(facts, request, device);
	bool touched = is_touched(facts, request, device);
	int err = 0;

	if (device->busy)
		err = refuse_busy(plan, device);
	if (!err && treatment == TREATMENT_GIVE)
		err = refuse_driver(plan, facts, request, device);
	if (!err && treatment == TREATMENT_FREE)
		err = refuse_not_named(plan, request, device);
	if (!err && touched && device->pci && device->pci->config == CONFIG_SILENT)
		err = refuse(plan, REFUSAL_SILENT, device->group, device->address, NULL,
			     "it does not answer: all of its configuration space reads ff");
	if (!err && touched)
		err = refuse_uses(plan, facts, request, device);
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
		return refuse(plan, REFUSAL_VANISHED, id, NULL, NULL, "it has vanished");
	if (group->noiommu == KNOWN_YES)
		return refuse(
			plan, REFUSAL_ISOLATES_NOTHING, id, NULL, NULL,
			"no IOMMU isolates it: VFIO made this group for a device without one");
	if (group->noiommu == KNOWN_NOT)
		err = refuse_unknown(plan, id, NULL, "whether an IOMMU translates for it", 0);
	if (!err && group->direct_regions == KNOWN_NOT)
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

/* What was named is claimed or refused, never forgotten. */
static int refuse_named(struct plan *plan, const struct facts *facts,
			const struct claim_request *request, const char *name)
{
	const struct device_facts *device = facts_device(facts, name);

	if (!device)
		return refuse(plan, REFUSAL_VANISHED, -1, name, NULL, "it has vanished");
	if (device->group < 0)
		return refuse(plan, REFUSAL_NO_GROUP, -1, name, NULL,
			      "no IOMMU translates for it, so it has no group");
	if (!is_asked_for(request, device->group))
		return refuse(plan, REFUSAL_VANISHED, -1, name, NULL,
			      "it has come into group %d just now", device->group);
	return 0;
}

int plan_refuse(struct plan *plan, const struct facts *facts, const struct claim_request *request)
{
	int err = 0;

	for (size_t i = 0; i < request->named_count && !err; i++)
		err = refuse_named(plan, facts, request, request->named[i]);
	for (size_t i = 0; i < request->group_count && !err; i++)
		err = refuse_group(plan, facts, request, request->groups[i]);
	return err;
}
