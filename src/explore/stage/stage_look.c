/* SPDX-License-Identifier: MIT */
/*
 * What can be seen of the stage, at any state.
 *
 * Not instrumented, and takes no locks: it looks at what threads may be in the middle of changing.
 * What a lock guards is judged only where nobody holds that lock.
 */
#include "invariants.h"
#include "objects.h"
#include "stage_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_free(const struct lock *lock)
{
	return ((const struct explored_lock *)&lock->embedders)->holder == 0;
}

static bool lock_is_free(const void *lock)
{
	return is_free(lock);
}

__attribute__((format(printf, 3, 4))) static bool
wrong(struct finding *finding, enum finding_kind kind, const char *format, ...)
{
	va_list args;

	finding->kind = kind;
	finding->code = finding->other_code = NULL;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	return false;
}

/* ---- isolation: whatever the design says of it ---- */

/* The thread that has claimed the group; -1: none. */
static int claimer(struct stage *stage, const struct stage_group *group)
{
	for (unsigned int thread = 0; thread < stage->scenario->thread_count; thread++)
		if (stage_file(stage, thread, group->number)->claimed)
			return (int)thread;
	return -1;
}

/* Where the device's hardware should be; NULL: its DMA is blocked. */
static const void *wanted_hardware(const struct dmaown_device *device)
{
	const struct dmaown_domain *current = device->group->current;

	return device->resetting || device->stranded || !current ? NULL : current->hardware;
}

/* A native driver at work has its device on the group's default domain, and nobody else there. */
static bool check_device(struct stage *stage, const struct stage_device *device,
			 struct finding *finding)
{
	const struct dmaown_group *group = device->core->group;
	const struct hardware_domain *attached = device->now->attached;
	int user;

	if (attached && attached->kind == DMAOWN_DOMAIN_NONE)
		return wrong(finding, FINDING_INVARIANT,
			     "I4: %s's hardware is attached to a domain that has been freed",
			     device->name);
	if (!group || !is_free(&group->mutex))
		return true;
	if (attached != wanted_hardware(device->core))
		return wrong(finding, FINDING_INVARIANT,
			     "I3: %s's hardware is not on its group's current domain",
			     device->name);
	if (!device->now->working)
		return true;
	user = stage->now->files_lock.holder ? -1 : claimer(stage, device->group);
	if (user >= 0)
		return wrong(finding, FINDING_INVARIANT, "I8: %s drives %s while %s has its group",
			     device->core->driver ? device->core->driver->type->name : "a driver",
			     device->name, stage->scenario->threads[user]);
	if (!group->default_domain || (attached && attached != group->default_domain->hardware))
		return wrong(finding, FINDING_INVARIANT,
			     "I3: a native driver is at work on %s, whose hardware is not on the "
			     "default domain",
			     device->name);
	return true;
}

bool stage_check(void *context, struct finding *finding)
{
	struct stage *stage = context;
	char why[FINDING_TEXT];

	for (size_t i = 0; i < stage->device_count; i++)
		if (!check_device(stage, &stage->devices[i], finding))
			return false;
	if (core_check_invariants_at(stage->core, stage->design->counts, lock_is_free, why,
				     sizeof(why)))
		return wrong(finding, FINDING_INVARIANT, "%s", why);
	return true;
}

bool stage_check_end(void *context, struct finding *finding)
{
	struct stage *stage = context;
	char room[PROPERTY_ROOM];
	const char *is;

	stage_close_files(stage);
	if (!stage_check(context, finding))
		return false;
	for (size_t i = 0; i < stage->scenario->final_count; i++) {
		const struct expectation *final = &stage->scenario->finals[i];

		if (!stage_is_as_expected(stage, final, room, &is))
			return wrong(finding, FINDING_EXPECTATION,
				     "line %u: in the end %s is %s, expected %s", final->line,
				     scenario_role(stage->scenario, final->role), is, final->value);
	}
	return true;
}

/* ---- properties ---- */

static const char *kind_word(const struct dmaown_domain *domain)
{
	return domain ? dmaown_domain_kind_name(domain->kind) : SCENARIO_NONE;
}

static const char *driver_word(const struct stage_device *device)
{
	const struct dmaown_driver *driver = device->core->driver;

	return driver ? driver->type->name : SCENARIO_NONE;
}

static bool is_viable(const struct stage_group *group)
{
	const struct stage *stage = group->stage;

	for (size_t i = 0; i < stage->device_count; i++) {
		const struct dmaown_device *core = stage->devices[i].core;

		if (stage->devices[i].group == group && core->driver &&
		    !core->driver->type->managed_dma)
			return false;
	}
	return true;
}

/* Whether it is the token of a file, open or not, or of the user that the machine began with. */
static bool is_users(const struct stage *stage, const void *owner)
{
	const struct file_now *file = owner;
	size_t files = stage->scenario->thread_count * stage->group_count;

	return owner == stage || (file >= stage->files && file < stage->files + files);
}

static const char *owner_word(struct stage *stage, const struct stage_group *group)
{
	if (is_users(stage, group->core->owner) || claimer(stage, group) >= 0)
		return "user";
	/* Some designs have a token for the kernel. */
	if (group->core->owner)
		return "kernel";
	return is_viable(group) ? SCENARIO_NONE : "kernel";
}

static const char *word_of_device(enum property property, const struct stage_device *device)
{
	if (property == PROPERTY_PRESENT)
		return device->core->added ? "yes" : "no";
	if (!device->core->added)
		return PROPERTY_ABSENT;
	switch (property) {
	case PROPERTY_DRIVER:
		return driver_word(device);
	case PROPERTY_OVERRIDE:
		return device->core->override ? device->core->override : SCENARIO_NONE;
	case PROPERTY_GROUP:
		return device->core->group ? device->group->name : SCENARIO_NONE;
	case PROPERTY_PRESENT:
	case PROPERTY_VIABLE:
	case PROPERTY_TYPE:
	case PROPERTY_OWNER:
	case PROPERTY_COUNT:
	case PROPERTY_DOMAIN:
	case PROPERTIES:
		break;
	}
	return PROPERTY_ABSENT;
}

static const char *word_of_group(enum property property, struct stage_group *group,
				 char room[PROPERTY_ROOM])
{
	if (list_empty(&group->core->devices))
		return PROPERTY_ABSENT;
	switch (property) {
	case PROPERTY_VIABLE:
		return is_viable(group) ? "yes" : "no";
	case PROPERTY_TYPE:
		return kind_word(group->core->default_domain);
	case PROPERTY_OWNER:
		return owner_word(group->stage, group);
	case PROPERTY_COUNT:
		snprintf(room, PROPERTY_ROOM, "%u", group->core->count);
		return room;
	case PROPERTY_DOMAIN:
		return kind_word(group->core->current);
	case PROPERTY_PRESENT:
	case PROPERTY_DRIVER:
	case PROPERTY_OVERRIDE:
	case PROPERTY_GROUP:
	case PROPERTIES:
		break;
	}
	return PROPERTY_ABSENT;
}

bool stage_is_as_expected(struct stage *stage, const struct expectation *expected,
			  char room[PROPERTY_ROOM], const char **value)
{
	size_t devices = stage->scenario->device_count;

	if (expected->role < devices)
		*value = word_of_device(expected->property, &stage->devices[expected->role]);
	else
		*value = word_of_group(expected->property, &stage->groups[expected->role - devices],
				       room);
	/* A design that doesn't count has no count to be wrong. */
	if (expected->property == PROPERTY_COUNT && !stage->design->counts)
		return true;
	return strcmp(*value, expected->value) == 0;
}

/* ---- words ---- */

static void describe_device(const struct stage_device *device, FILE *out)
{
	fprintf(out, " %s=%s", device->name,
		device->core->added ? driver_word(device) : PROPERTY_ABSENT);
}

void stage_describe(void *context, FILE *out)
{
	struct stage *stage = context;
	const char *between = "";

	for (size_t i = 0; i < stage->group_count; i++) {
		const struct stage_group *group = &stage->groups[i];

		fprintf(out, "%s%s: %s %u, %s;", between, group->name, owner_word(stage, group),
			group->core->count, kind_word(group->core->current));
		for (size_t j = 0; j < stage->device_count; j++)
			if (stage->devices[j].group == group)
				describe_device(&stage->devices[j], out);
		between = " | ";
	}
}

/* A member of an object of the core's, by where it is. */
struct member {
	size_t offset, size;
	const char *name;
};
#define MEMBER(type, member)                                                                       \
	{                                                                                          \
		offsetof(struct type, member), sizeof(((struct type *)0)->member), #member         \
	}

static const struct member device_members[] = {
	MEMBER(dmaown_device, lock),        MEMBER(dmaown_device, driver),
	MEMBER(dmaown_device, adding),      MEMBER(dmaown_device, added),
	MEMBER(dmaown_device, removing),    MEMBER(dmaown_device, configured),
	MEMBER(dmaown_device, native),      MEMBER(dmaown_device, resetting),
	MEMBER(dmaown_device, stranded),    MEMBER(dmaown_device, direct),
	MEMBER(dmaown_device, use),         MEMBER(dmaown_device, claims),
	MEMBER(dmaown_device, attached),    MEMBER(dmaown_device, mappings),
	MEMBER(dmaown_device, group),       MEMBER(dmaown_device, on_group),
	MEMBER(dmaown_device, on_driver),   MEMBER(dmaown_device, on_bus),
	MEMBER(dmaown_device, on_deferred), MEMBER(dmaown_device, override),
	MEMBER(dmaown_device, references),  {0},
};

static const struct member group_members[] = {
	MEMBER(dmaown_group, mutex),         MEMBER(dmaown_group, owner),
	MEMBER(dmaown_group, count),         MEMBER(dmaown_group, default_domain),
	MEMBER(dmaown_group, current),       MEMBER(dmaown_group, pasids),
	MEMBER(dmaown_group, devices),       MEMBER(dmaown_group, blocking_domain),
	MEMBER(dmaown_group, claimed_whole), MEMBER(dmaown_group, on_iommu),
	MEMBER(dmaown_group, references),    {0},
};

static const struct member driver_members[] = {
	MEMBER(dmaown_driver, lock),
	MEMBER(dmaown_driver, bound),
	MEMBER(dmaown_driver, references),
	MEMBER(dmaown_driver, registered),
	{0},
};

static const struct member bus_members[] = {
	MEMBER(dmaown_bus, chain_lock), MEMBER(dmaown_bus, lists_lock),
	MEMBER(dmaown_bus, notifiers),  MEMBER(dmaown_bus, notifier_count),
	MEMBER(dmaown_bus, autoprobe),  MEMBER(dmaown_bus, devices),
	MEMBER(dmaown_bus, drivers),    {0},
};

static const struct member core_members[] = {
	MEMBER(dmaown_core, iommu_lock),     MEMBER(dmaown_core, lists_lock),
	MEMBER(dmaown_core, deferred_lock),  MEMBER(dmaown_core, deferred),
	MEMBER(dmaown_core, deferred_count), MEMBER(dmaown_core, triggers),
	MEMBER(dmaown_core, retry_deferred), {0},
};

static const struct member stage_members[] = {
	MEMBER(stage_now, files_lock),
	MEMBER(stage_now, drivers_lock),
	MEMBER(stage_now, unnamed),
	{0},
};

/* Writes "WHOSE.MEMBER" if the address is in the object. */
static bool name_in(const void *object, size_t size, const struct member *members,
		    const char *whose, const void *address, FILE *out)
{
	size_t offset = (size_t)((const char *)address - (const char *)object);

	if (!object || offset >= size)
		return false;
	for (; members->name; members++)
		if (offset - members->offset < members->size) {
			fprintf(out, "%s.%s", whose, members->name);
			return true;
		}
	fputs(whose, out);
	return true;
}

static bool name_driver(const struct stage *stage, const void *object, FILE *out)
{
	for (size_t i = 0; i < stage->driver_count; i++)
		if (name_in(stage->drivers[i].now->core, sizeof(struct dmaown_driver),
			    driver_members, stage->drivers[i].name, object, out))
			return true;
	return false;
}

static bool name_common(const struct stage *stage, const void *object, FILE *out)
{
	for (size_t i = 0; i < stage->bus_count; i++)
		if (name_in(stage->buses[i].core, sizeof(struct dmaown_bus), bus_members,
			    stage->buses[i].type.name, object, out))
			return true;
	return name_in(stage->core, sizeof(struct dmaown_core), core_members, "core", object,
		       out) ||
	       name_in(stage->now, sizeof(struct stage_now), stage_members, "vfio", object, out);
}

bool stage_object_name(void *context, const void *object, FILE *out)
{
	const struct stage *stage = context;

	for (size_t i = 0; i < stage->device_count; i++)
		if (name_in(stage->devices[i].core, sizeof(struct dmaown_device), device_members,
			    stage->devices[i].name, object, out))
			return true;
	for (size_t i = 0; i < stage->group_count; i++)
		if (name_in(stage->groups[i].core, sizeof(struct dmaown_group), group_members,
			    stage->groups[i].name, object, out))
			return true;
	return name_driver(stage, object, out) || name_common(stage, object, out);
}
