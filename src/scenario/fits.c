/* SPDX-License-Identifier: MIT */
/* Whether a scenario can start on a machine. */
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Stores the message, and gives the error to return. */
__attribute__((format(printf, 3, 4))) static int refuse(char **why, int err, const char *format,
							...)
{
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	*why = text;
	return err;
}

static bool is_live(const struct facts *facts)
{
	return facts->machine && strcmp(facts->machine, "live") == 0;
}

static int fits_kind(const struct scenario *scenario, const struct facts *facts, char **why)
{
	bool live = is_live(facts);

	if (live && scenario->only == ON_SIMULATED_ONLY)
		return refuse(why, -EOPNOTSUPP,
			      "%s: for simulated machines only (--machine FILE names one)",
			      scenario->file);
	if (live && scenario->driver_count)
		return refuse(why, -EOPNOTSUPP,
			      "%s: brings its own driver %s, which a live machine can't load "
			      "(--machine FILE names a simulated one)",
			      scenario->file, scenario->drivers[0].name);
	if (!live && scenario->only == ON_LIVE_ONLY)
		return refuse(why, -EOPNOTSUPP, "%s: for a live machine only (--machine live)",
			      scenario->file);
	return 0;
}

static int fits_device(const struct scenario *scenario, const struct device_role *role,
		       const struct facts *facts, char **why)
{
	const struct device_facts *device = facts_device(facts, role->address);
	const char *driver;

	if (!device)
		return refuse(why, -ENODEV, "%s: %s (%s) is not on this machine", scenario->file,
			      role->name, role->address);
	driver = device->driver ? device->driver : SCENARIO_NONE;
	if (role->driver && strcmp(role->driver, driver) != 0)
		return refuse(why, -ESTALE,
			      "%s: %s (%s) starts with driver %s, and has %s (bind it first)",
			      scenario->file, role->name, role->address, role->driver, driver);
	return 0;
}

static int fits_group(const struct scenario *scenario, const struct group_role *role,
		      const struct facts *facts, char **why)
{
	const struct device_role *first = &scenario->devices[role->devices[0]];
	int group = facts_device(facts, first->address)->group;

	if (group == -1)
		return refuse(why, -ENODEV, "%s: %s (%s) is in no IOMMU group on this machine",
			      scenario->file, first->name, first->address);
	for (size_t i = 1; i < role->device_count; i++) {
		const struct device_role *member = &scenario->devices[role->devices[i]];

		if (facts_device(facts, member->address)->group != group)
			return refuse(why, -ENODEV,
				      "%s: %s and %s are not in one IOMMU group on this machine",
				      scenario->file, first->name, member->name);
	}
	return 0;
}

static bool brings_driver(const struct scenario *scenario, const char *name)
{
	for (size_t i = 0; i < scenario->driver_count; i++)
		if (strcmp(scenario->drivers[i].name, name) == 0)
			return true;
	return false;
}

/* A driver that is bound by name has to exist, unless the scenario expects that it doesn't. */
static int fits_bind(const struct scenario *scenario, const struct step *step,
		     const struct facts *facts, char **why)
{
	const struct device_facts *device =
		facts_device(facts, scenario->devices[step->device].address);

	if (step_as_expected(step, (struct outcome) {.error = ENODEV}) ||
	    brings_driver(scenario, step->word) || facts_driver(facts, device->bus, step->word))
		return 0;
	return refuse(why, -ENODEV, "%s:%u: driver %s is not on this machine (load its module)",
		      scenario->file, step->line, step->word);
}

/* Keeps track of who has which device open: `opened` has each device's step, or NULL. */
static void follow_open_devices(const struct scenario *scenario, const struct step *step,
				const struct step **opened)
{
	const char *name = step->operation->name;

	if (strcmp(name, "open-device") == 0 && step_as_expected(step, (struct outcome) {0}))
		opened[step->device] = step;
	if (strcmp(name, "close-device") == 0)
		opened[step->device] = NULL;
	for (size_t i = 0; strcmp(name, "close") == 0 && i < scenario->device_count; i++)
		if (opened[i] && opened[i]->group == step->group &&
		    opened[i]->thread == step->thread)
			opened[i] = NULL;
}

/*
 * A kernel lets an unbind wait until the device's user has closed it, and in a run, which takes one
 * step after the other, the user would never get to it.
 */
static int fits_without_waiting(const struct scenario *scenario, char **why)
{
	const struct step **opened = calloc(scenario->device_count + 1, sizeof(*opened));
	int err = opened ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];
		const char *name = step->operation->name;

		if ((strcmp(name, "unbind") == 0 || strcmp(name, "remove") == 0) &&
		    opened[step->device])
			err = refuse(why, -EOPNOTSUPP,
				     "%s:%u: on a live machine this waits for the device that is "
				     "opened in line %u to be closed (--machine FILE names a "
				     "simulated one)",
				     scenario->file, step->line, opened[step->device]->line);
		follow_open_devices(scenario, step, opened);
	}
	free(opened);
	return err;
}

int scenario_fits(const struct scenario *scenario, const struct facts *facts, char **why)
{
	int err = fits_kind(scenario, facts, why);

	for (size_t i = 0; !err && i < scenario->device_count; i++)
		err = fits_device(scenario, &scenario->devices[i], facts, why);
	for (size_t i = 0; !err && i < scenario->group_count; i++)
		err = fits_group(scenario, &scenario->groups[i], facts, why);
	for (size_t i = 0; !err && i < scenario->step_count; i++)
		if (scenario->steps[i].operation->arguments[1] == ARGUMENT_DRIVER)
			err = fits_bind(scenario, &scenario->steps[i], facts, why);
	if (!err && is_live(facts))
		err = fits_without_waiting(scenario, why);
	return err;
}
