/* SPDX-License-Identifier: MIT */
/* Who is on the stage: devices, groups, drivers and buses, as the scenario and the facts have them.
 */
#include "stage_parts.h"

#include "driver_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct stage_group *group_numbered(struct stage *stage, int id)
{
	for (size_t i = 0; i < stage->group_count; i++)
		if (stage->groups[i].facts->id == id)
			return &stage->groups[i];
	return NULL;
}

static struct stage_group *add_group(struct stage *stage, int id, const char *name)
{
	struct stage_group *group = &stage->groups[stage->group_count];

	*group = (struct stage_group) {.stage = stage,
				       .facts = facts_group(stage->facts, id),
				       .name = name,
				       .number = stage->group_count};
	stage->group_count++;
	return group;
}

static const struct device_facts *facts_of_role(const struct stage *stage, size_t role)
{
	return facts_device(stage->facts, stage->scenario->devices[role].address);
}

static void add_device(struct stage *stage, const struct device_facts *facts, const char *name)
{
	struct stage_group *group = NULL;

	if (facts->group >= 0) {
		group = group_numbered(stage, facts->group);
		/* No role has it: it is called as the device is. */
		if (!group)
			group = add_group(stage, facts->group, name);
	}
	stage->devices[stage->device_count++] = (struct stage_device) {
		.stage = stage, .facts = facts, .name = name, .group = group};
}

static bool has_device(const struct stage *stage, const struct device_facts *facts)
{
	for (size_t i = 0; i < stage->device_count; i++)
		if (stage->devices[i].facts == facts)
			return true;
	return false;
}

/* The roles first, under their numbers; then who shares a group with one. */
static int choose_devices(struct stage *stage)
{
	const struct scenario *scenario = stage->scenario;
	const struct facts *facts = stage->facts;

	stage->devices = calloc(facts->device_count + 1, sizeof(*stage->devices));
	stage->groups = calloc(facts->group_count + 1, sizeof(*stage->groups));
	if (!stage->devices || !stage->groups)
		return -ENOMEM;
	stage->device_count = stage->group_count = 0;
	for (size_t i = 0; i < scenario->group_count; i++)
		add_group(stage, facts_of_role(stage, scenario->groups[i].devices[0])->group,
			  scenario->groups[i].name);
	for (size_t i = 0; i < scenario->device_count; i++)
		add_device(stage, facts_of_role(stage, i), scenario->devices[i].name);
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		if (device->group >= 0 && group_numbered(stage, device->group) &&
		    !has_device(stage, device))
			add_device(stage, device, device->address);
	}
	return 0;
}

static void add_driver(struct stage *stage, const char *bus, const char *name, bool managed,
		       bool user, const struct driver_script *script)
{
	struct stage_driver *driver = &stage->drivers[stage->driver_count];

	if (stage_driver_find(stage, bus, name))
		return;
	*driver = (struct stage_driver) {.stage = stage,
					 .name = name,
					 .bus = bus,
					 .user = user,
					 .script = script,
					 .type = {.managed_dma = managed}};
	stage_driver_init(driver, stage->design);
	stage->driver_count++;
}

/* The machine's own driver of that name, if it has one. */
static void add_known_driver(struct stage *stage, const char *bus, const char *name)
{
	const struct driver_facts *driver = facts_driver(stage->facts, bus, name);

	if (driver)
		add_driver(stage, driver->bus, driver->name, driver->managed_dma == KNOWN_YES,
			   driver->user, NULL);
}

static bool takes_driver(const struct step *step)
{
	enum argument second = step->operation->arguments[1];

	return second == ARGUMENT_DRIVER || second == ARGUMENT_DRIVER_OR_NONE;
}

static void mark_leaving(struct stage *stage, const struct step *step)
{
	const struct scripted_driver *driver;

	if (step->operation->arguments[0] != ARGUMENT_SCRIPTED)
		return;
	driver = &stage->scenario->drivers[step->driver];
	stage_driver_find(stage, driver->bus, driver->name)->leaves = true;
}

/* Those that devices have, that steps name, and that the scenario brings along: others would only
 * be asked and say no. */
static int choose_drivers(struct stage *stage)
{
	const struct scenario *scenario = stage->scenario;

	stage->drivers =
		calloc(stage->device_count + scenario->step_count + scenario->driver_count + 1,
		       sizeof(*stage->drivers));
	if (!stage->drivers)
		return -ENOMEM;
	for (size_t i = 0; i < scenario->driver_count; i++) {
		const struct driver_script *script = &scenario->drivers[i].script;

		add_driver(stage, script->bus, script->name, script->managed_dma, script->user,
			   script);
	}
	for (size_t i = 0; i < stage->device_count; i++)
		if (stage->devices[i].facts->driver)
			add_known_driver(stage, stage->devices[i].facts->bus,
					 stage->devices[i].facts->driver);
	for (size_t i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];

		if (takes_driver(step))
			add_known_driver(stage, facts_of_role(stage, (size_t)step->device)->bus,
					 step->word);
		mark_leaving(stage, step);
	}
	return stage->driver_count > 64 ? -E2BIG : 0;
}

/* A device of which no ids are known is known by its address. */
static bool id_matches(const char *id, const struct device_facts *device)
{
	return driver_id_fits(id, device, false) ||
	       (!device->vendor && strcmp(id, device->address) == 0);
}

/* What a device's own driver is, the facts say; of others their ids. */
static bool matches(const struct stage_device *device, const struct stage_driver *driver)
{
	const struct device_facts *facts = device->facts;

	if (strcmp(facts->bus, driver->bus) != 0)
		return false;
	if (!driver->script)
		return facts->driver && !facts->override &&
		       strcmp(facts->driver, driver->name) == 0;
	for (size_t i = 0; i < driver->script->id_count; i++)
		if (id_matches(driver->script->ids[i], facts))
			return true;
	return false;
}

static void find_matches(struct stage *stage)
{
	for (size_t i = 0; i < stage->device_count; i++)
		for (size_t j = 0; j < stage->driver_count; j++)
			if (matches(&stage->devices[i], &stage->drivers[j]))
				stage->devices[i].matches |= UINT64_C(1) << j;
}

static void choose_buses(struct stage *stage)
{
	for (size_t i = 0; i < stage->device_count; i++) {
		const char *name = stage->devices[i].facts->bus;
		size_t j = 0;

		while (j < stage->bus_count && strcmp(stage->buses[j].type.name, name) != 0)
			j++;
		if (j < stage->bus_count)
			continue;
		stage->buses[j] = (struct stage_bus) {.stage = stage, .type = stage_bus_type};
		stage->buses[j].type.name = name;
		if (stage->design->change_bus)
			stage->design->change_bus(&stage->buses[j].type);
		stage->bus_count++;
	}
}

int stage_cast(struct stage *stage)
{
	int err = choose_devices(stage);

	if (!err)
		err = choose_drivers(stage);
	if (err)
		return err;
	choose_buses(stage);
	find_matches(stage);
	stage->iommu_ops = stage_iommu_ops;
	if (stage->design->change_iommu)
		stage->design->change_iommu(&stage->iommu_ops);
	return 0;
}
