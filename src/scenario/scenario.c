/* SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

const char *stage_name(enum bind_stage stage)
{
	static const char *const names[] = {
		[STAGE_NONE] = SCENARIO_NONE,
		[STAGE_SUPPLIERS] = "suppliers",
		[STAGE_OLD_RESOURCES] = "old-resources",
		[STAGE_PINS] = "pins",
		[STAGE_CONFIGURE] = "configure",
		[STAGE_LINKS] = "links",
		[STAGE_POWER] = "power",
		[STAGE_PROBE] = "probe",
		[STAGE_ATTRIBUTES] = "attributes",
	};

	return (size_t)stage < sizeof(names) / sizeof(*names) ? names[stage] : NULL;
}

const char *direction_name(enum dma_direction direction)
{
	static const char *const names[] = {
		[DMA_FROM_MEMORY] = "from-memory",
		[DMA_TO_MEMORY] = "to-memory",
	};

	return (size_t)direction < sizeof(names) / sizeof(*names) ? names[direction] : NULL;
}

const char *only_name(enum scenario_only only)
{
	static const char *const names[] = {
		[ON_ANY_MACHINE] = "any",
		[ON_SIMULATED_ONLY] = "simulated",
		[ON_LIVE_ONLY] = "live",
	};

	return (size_t)only < sizeof(names) / sizeof(*names) ? names[only] : NULL;
}

size_t scenario_roles(const struct scenario *scenario)
{
	return scenario->device_count + scenario->group_count;
}

const char *scenario_role(const struct scenario *scenario, size_t role)
{
	return role < scenario->device_count ? scenario->devices[role].name
					     : scenario->groups[role - scenario->device_count].name;
}

size_t scenario_find_device(const struct scenario *scenario, const char *name)
{
	size_t i = 0;

	while (i < scenario->device_count && strcmp(scenario->devices[i].name, name) != 0)
		i++;
	return i;
}

size_t scenario_find_group(const struct scenario *scenario, const char *name)
{
	size_t i = 0;

	while (i < scenario->group_count && strcmp(scenario->groups[i].name, name) != 0)
		i++;
	return i;
}

static void free_driver(struct scripted_driver *driver)
{
	for (size_t i = 0; i < driver->script.id_count; i++)
		free(driver->ids[i]);
	free(driver->ids);
	free(driver->name);
	free(driver->bus);
}

static void free_declarations(struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->device_count; i++) {
		free(scenario->devices[i].name);
		free(scenario->devices[i].address);
		free(scenario->devices[i].driver);
	}
	for (size_t i = 0; i < scenario->group_count; i++) {
		free(scenario->groups[i].name);
		free(scenario->groups[i].devices);
	}
	for (size_t i = 0; i < scenario->driver_count; i++)
		free_driver(&scenario->drivers[i]);
	free(scenario->devices);
	free(scenario->groups);
	free(scenario->drivers);
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	free_declarations(scenario);
	for (size_t i = 0; i < scenario->thread_count; i++)
		free(scenario->threads[i]);
	for (size_t i = 0; i < scenario->step_count; i++) {
		free(scenario->steps[i].word);
		free(scenario->steps[i].check.value);
	}
	for (size_t i = 0; i < scenario->final_count; i++)
		free(scenario->finals[i].value);
	free(scenario->threads);
	free(scenario->steps);
	free(scenario->finals);
	free(scenario->file);
	free(scenario->title);
	free(scenario->machine);
	free(scenario);
}
