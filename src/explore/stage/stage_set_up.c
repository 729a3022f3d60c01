/* SPDX-License-Identifier: MIT */
/* Everybody on the stage is made in the arena, in the state that the facts have, and taken away. */
#include "stage_parts.h"

#include "env.h"
#include "errname.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail(struct stage *stage, int err, const char *what, const char *name)
{
	snprintf(stage->why, sizeof(stage->why), "can't %s %s: %s", what, name, errno_name(-err));
	return err;
}

static void warn(void *context, enum dmaown_warning warning, const char *object)
{
	char text[FINDING_TEXT];

	/* These happen where hardware or a scripted driver fails, and say that it was coped with.
	 */
	if (warning == DMAOWN_WARN_LEFT_BLOCKED || warning == DMAOWN_WARN_JOIN_FAILED ||
	    warning == DMAOWN_WARN_JOIN_BOUND)
		return;
	snprintf(text, sizeof(text), "I5: %s: %s", object, dmaown_warning_text(warning));
	explored_fail(FINDING_INVARIANT, text);
}

static int allocate_all(struct stage *stage)
{
	size_t threads = stage->scenario->thread_count;

	stage->now = explored_allocate(sizeof(*stage->now));
	stage->files = explored_allocate(threads * stage->group_count * sizeof(*stage->files) + 1);
	if (!stage->now || !stage->files)
		return -ENOMEM;
	for (size_t i = 0; i < stage->device_count; i++) {
		stage->devices[i].now = explored_allocate(sizeof(struct device_now));
		if (!stage->devices[i].now)
			return -ENOMEM;
		stage->devices[i].now->present = true;
		stage->devices[i].now->described = !stage->design->late_iommu;
	}
	for (size_t i = 0; i < stage->group_count; i++) {
		stage->groups[i].now = explored_allocate(sizeof(struct group_now));
		if (!stage->groups[i].now)
			return -ENOMEM;
	}
	for (size_t i = 0; i < stage->driver_count; i++) {
		stage->drivers[i].now = explored_allocate(sizeof(struct driver_now));
		if (!stage->drivers[i].now)
			return -ENOMEM;
	}
	return 0;
}

static void tell_design(struct dmaown_notifier *notifier, enum dmaown_event event,
			struct dmaown_device *device)
{
	const struct stage_device *stage_device = dmaown_device_context(device);

	stage_device->stage->design->event(device, event);
}

static int add_notifiers(struct stage *stage)
{
	if (!stage->design->event)
		return 0;
	stage->notifiers = explored_allocate(stage->bus_count * sizeof(*stage->notifiers));
	if (!stage->notifiers)
		return -ENOMEM;
	for (size_t i = 0; i < stage->bus_count; i++) {
		stage->notifiers[i].event = tell_design;
		dmaown_bus_add_notifier(stage->buses[i].core, &stage->notifiers[i]);
	}
	return 0;
}

static int make_core(struct stage *stage)
{
	const struct ownership_design *ownership = stage->design->ownership;
	int err = explored_env(&stage->env, warn);

	if (!err)
		err = core_create(&stage->env, ownership ? ownership : &ownership_counted,
				  &stage->core);
	for (size_t i = 0; i < stage->bus_count && !err; i++) {
		err = dmaown_bus_create(stage->core, &stage->buses[i].type, &stage->buses[i].core);
		if (!err)
			dmaown_bus_set_autoprobe(stage->buses[i].core, false);
	}
	if (!err)
		err = dmaown_iommu_register(stage->core, &stage->iommu_ops, stage, &stage->iommu);
	for (size_t i = 0; i < stage->group_count && !err; i++)
		err = dmaown_group_create(stage->iommu, stage->groups[i].name, &stage->groups[i],
					  &stage->groups[i].core);
	return err ? err : add_notifiers(stage);
}

static struct dmaown_bus *bus_named(struct stage *stage, const char *name)
{
	for (size_t i = 0; i < stage->bus_count; i++)
		if (strcmp(stage->buses[i].type.name, name) == 0)
			return stage->buses[i].core;
	return NULL;
}

static int make_device(struct stage *stage, struct stage_device *device)
{
	const struct dmaown_device_description description = {.name = device->name,
							      .context = device};
	int err = dmaown_device_create(bus_named(stage, device->facts->bus), &description,
				       &device->core);

	if (!err)
		err = dmaown_device_add(device->core);
	if (!err && device->facts->override)
		err = dmaown_device_set_override(device->core, device->facts->override);
	return err ? fail(stage, err, "add", device->name) : 0;
}

static int bind_device(struct stage *stage, struct stage_device *device)
{
	struct stage_driver *driver;
	int err;

	if (!device->facts->driver)
		return 0;
	driver = stage_driver_find(stage, device->facts->bus, device->facts->driver);
	if (!driver)
		return fail(stage, -ENODEV, "find the driver of", device->name);
	err = dmaown_device_bind(device->core, driver->now->core);
	return err ? fail(stage, err, "bind at the beginning", device->name) : 0;
}

/* A user who has a group in the facts keeps it. */
static int claim_group(struct stage *stage, struct stage_group *group)
{
	int err;

	if (group->facts->owner.kind != OWNER_USER)
		return 0;
	err = dmaown_group_claim(group->core, stage);
	return err ? fail(stage, err, "give to its user", group->name) : 0;
}

/* The machine's own, or those that the scenario brings along, which look for devices at once. */
static int add_drivers(struct stage *stage, bool scripted)
{
	int err = 0;

	for (size_t i = 0; i < stage->driver_count && !err; i++)
		if (!stage->drivers[i].script == !scripted)
			err = stage_driver_add(&stage->drivers[i]);
	return err;
}

int stage_set_up(void *context)
{
	struct stage *stage = context;
	int err = allocate_all(stage);

	if (!err)
		err = make_core(stage);
	for (size_t i = 0; i < stage->device_count && !err; i++)
		err = make_device(stage, &stage->devices[i]);
	if (!err)
		err = add_drivers(stage, false);
	for (size_t i = 0; i < stage->device_count && !err; i++)
		err = bind_device(stage, &stage->devices[i]);
	for (size_t i = 0; i < stage->group_count && !err; i++)
		err = claim_group(stage, &stage->groups[i]);
	for (size_t i = 0; i < stage->bus_count && !err; i++)
		dmaown_bus_set_autoprobe(stage->buses[i].core, true);
	return err ? err : add_drivers(stage, true);
}

void stage_tear_down(void *context)
{
	struct stage *stage = context;

	dmaown_core_destroy(stage->core);
	explored_env_free(&stage->env);
	explored_free(stage->notifiers);
	for (size_t i = 0; i < stage->driver_count; i++)
		explored_free(stage->drivers[i].now);
	for (size_t i = 0; i < stage->group_count; i++)
		explored_free(stage->groups[i].now);
	for (size_t i = 0; i < stage->device_count; i++)
		explored_free(stage->devices[i].now);
	explored_free(stage->files);
	explored_free(stage->now);
}
