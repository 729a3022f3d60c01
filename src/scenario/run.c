/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "run.h"

#include "errname.h"
#include "invariant.h"

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

/* ---- whether it can start ---- */

static int fits_kind(const struct scenario *scenario, const struct facts *facts, char **why)
{
	bool live = facts->machine && strcmp(facts->machine, "live") == 0;

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

	if (step->expected.error == ENODEV || brings_driver(scenario, step->word) ||
	    facts_driver(facts, device->bus, step->word))
		return 0;
	return refuse(why, -ENODEV, "%s:%u: driver %s is not on this machine (load its module)",
		      scenario->file, step->line, step->word);
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
	return err;
}

/* ---- the run ---- */

static int read_machine(struct machine *machine, struct facts *facts, char **why)
{
	int err = machine_read(machine, facts);

	if (!err || err == -ENOMEM)
		return err;
	return refuse(why, err, "can't read the machine: %s", errno_name(err));
}

/* Stores the first invariant that is broken in one of the scenario's groups. */
static int look_at_invariants(const struct players *players, const struct facts *facts,
			      char **broken)
{
	const struct scenario *scenario = players->scenario;
	int err = 0;

	for (size_t i = 0; scenario->invariants && !err && !*broken && i < scenario->group_count;
	     i++)
		err = invariants_look(facts, players->groups[i], broken);
	return err;
}

/* Sees what there is now. */
static int look(struct players *players, struct view *view, char **broken, char **why)
{
	struct facts facts = {0};
	int err = read_machine(players->machine, &facts, why);

	if (err)
		return err;
	players_find_groups(players, &facts);
	err = view_init(view, players, &facts);
	if (!err)
		err = look_at_invariants(players, &facts, broken);
	facts_release(&facts);
	return err;
}

static enum verdict judge(const struct view *view, const struct expectation *expected)
{
	const char *word = view_word(view, expected->role, expected->property);

	if (!word)
		return NOT_VISIBLE;
	return strcmp(word, expected->value) == 0 ? AS_EXPECTED : OTHERWISE;
}

static int run_step(struct players *players, struct timeline *timeline, const struct step *step,
		    char **why)
{
	struct event *event = &timeline->events[timeline->event_count];
	int err;

	event->step = step;
	if (step->operation->perform)
		step->operation->perform(players, step, &event->outcome);
	timeline->event_count++;
	err = look(players, &event->after, &event->broken, why);
	if (err)
		return err;
	if (!step->operation->perform)
		event->verdict = judge(&event->after, &step->check);
	else if (!outcome_same(step->operation, event->outcome, step->expected))
		event->verdict = OTHERWISE;
	timeline->otherwise += event->verdict == OTHERWISE;
	timeline->otherwise += event->broken != NULL;
	return 0;
}

static int look_at_end(struct players *players, struct timeline *timeline, char **why)
{
	const struct scenario *scenario = timeline->scenario;
	int err = look(players, &timeline->end, &timeline->broken, why);

	for (size_t i = 0; !err && i < scenario->final_count; i++) {
		timeline->finals[i] = judge(&timeline->end, &scenario->finals[i]);
		timeline->otherwise += timeline->finals[i] == OTHERWISE;
	}
	timeline->otherwise += !err && timeline->broken;
	return err;
}

static int add_drivers(const struct scenario *scenario, struct machine *machine, char **why)
{
	for (size_t i = 0; i < scenario->driver_count; i++) {
		const struct scripted_driver *driver = &scenario->drivers[i];
		int err = machine_add_driver(machine, &driver->script);

		if (err)
			return refuse(why, err, "%s: can't add driver %s to the machine: %s",
				      scenario->file, driver->name, errno_name(err));
	}
	return 0;
}

static int run_steps(struct players *players, struct timeline *timeline, char **why)
{
	const struct scenario *scenario = timeline->scenario;
	char *broken = NULL;
	int err = look(players, &timeline->before, &broken, why);

	free(broken);
	for (size_t i = 0; !err && i < scenario->step_count; i++)
		err = run_step(players, timeline, &scenario->steps[i], why);
	players_close(players);
	return err ? err : look_at_end(players, timeline, why);
}

static int timeline_init(struct timeline *timeline, const struct scenario *scenario,
			 const struct facts *facts)
{
	*timeline = (struct timeline) {.scenario = scenario};
	timeline->machine = strdup(facts->machine ? facts->machine : "a machine");
	timeline->events = calloc(scenario->step_count + 1, sizeof(*timeline->events));
	timeline->finals = calloc(scenario->final_count + 1, sizeof(*timeline->finals));
	if (timeline->machine && timeline->events && timeline->finals)
		return 0;
	timeline_release(timeline);
	return -ENOMEM;
}

/* On a machine that the scenario fits. */
static int run_all(const struct scenario *scenario, struct machine *machine,
		   struct timeline *timeline, char **why)
{
	struct players players;
	int err = players_init(&players, scenario, machine);

	if (err)
		return err;
	err = add_drivers(scenario, machine, why);
	if (!err)
		err = run_steps(&players, timeline, why);
	players_release(&players);
	return err;
}

int scenario_run(const struct scenario *scenario, struct machine *machine, struct timeline *out,
		 char **why)
{
	struct timeline timeline = {0};
	struct facts facts = {0};
	int err = read_machine(machine, &facts, why);

	if (err)
		return err;
	err = scenario_fits(scenario, &facts, why);
	if (!err)
		err = timeline_init(&timeline, scenario, &facts);
	facts_release(&facts);
	if (!err)
		err = run_all(scenario, machine, &timeline, why);
	if (err)
		timeline_release(&timeline);
	else
		*out = timeline;
	return err;
}
