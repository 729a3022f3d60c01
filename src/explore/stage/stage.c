/* SPDX-License-Identifier: MIT */
/* Who is on the stage, and how it is set up and torn down. */
#define _GNU_SOURCE
#include "stage_parts.h"

#include "driver_id.h"
#include "env.h"
#include "errname.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static int refuse(char **why, const char *format, ...)
{
	va_list args;
	int length;
	char *text;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		return -ENOMEM;
	*why = text;
	return -EOPNOTSUPP;
}

struct stage_driver *stage_driver_find(struct stage *stage, const char *bus, const char *name)
{
	for (size_t i = 0; i < stage->driver_count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): each has a name */
		if (strcmp(stage->drivers[i].name, name) == 0 &&
		    strcmp(stage->drivers[i].bus, bus) == 0)
			return &stage->drivers[i];
	return NULL;
}

/* ---- who is on it ---- */

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
			add_known_driver(stage, stage->devices[step->device].facts->bus,
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

/* ---- programs ---- */

static int spell_step(struct stage *stage, size_t number)
{
	size_t size;
	FILE *out = open_memstream(&stage->words[number], &size);

	if (!out)
		return -ENOMEM;
	step_print(stage->scenario, &stage->scenario->steps[number], out);
	return fclose(out) ? -ENOMEM : 0;
}

static int write_programs(struct stage *stage)
{
	const struct scenario *scenario = stage->scenario;
	int err = 0;

	stage->words = calloc(scenario->step_count + 1, sizeof(*stage->words));
	if (!stage->words)
		return -ENOMEM;
	for (size_t i = 0; i < scenario->thread_count; i++) {
		stage->programs[i].steps = calloc(scenario->step_count + 1, sizeof(uint32_t));
		if (!stage->programs[i].steps)
			return -ENOMEM;
	}
	for (size_t i = 0; i < scenario->step_count && !err; i++) {
		struct program *program = &stage->programs[scenario->steps[i].thread];

		program->steps[program->count++] = (uint32_t)i;
		err = spell_step(stage, i);
	}
	return err;
}

static const char *doing(void *context, unsigned int thread)
{
	const struct stage *stage = context;
	const struct program *program = &stage->programs[thread];

	return program->count ? stage->words[program->steps[stage->now->step[thread]]] : NULL;
}

/* ---- in the arena ---- */

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

static int set_up(void *context)
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

static void tear_down(void *context)
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

/* ---- beginning and end ---- */

static int check_scenario(const struct scenario *scenario, char **why)
{
	const char *words;

	if (scenario->only == ON_LIVE_ONLY)
		return refuse(why, "%s: is for a live machine only, and can't be explored",
			      scenario->file);
	if (scenario->thread_count > EXPLORE_THREADS_MAX)
		return refuse(why, "%s: has %zu threads (at most %d can be explored)",
			      scenario->file, scenario->thread_count, EXPLORE_THREADS_MAX);
	for (size_t i = 0; i < scenario->step_count; i++)
		if (!stage_can_perform(&scenario->steps[i], &words))
			return refuse(why, "%s:%u: %s can't be explored: %s", scenario->file,
				      scenario->steps[i].line, scenario->steps[i].operation->name,
				      words);
	return 0;
}

static int choose_all(struct stage *stage)
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
	return write_programs(stage);
}

int stage_create(const struct scenario *scenario, const struct facts *facts,
		 const struct design *design, struct stage **out, char **why)
{
	struct stage *stage;
	int err = check_scenario(scenario, why);

	if (err)
		return err;
	stage = calloc(1, sizeof(*stage));
	if (!stage)
		return -ENOMEM;
	stage->scenario = scenario;
	stage->facts = facts;
	stage->design = design ? design : designs[0];
	stage->subject = (struct subject) {
		.context = stage,
		.thread_count = (unsigned int)scenario->thread_count,
		.thread_names = (const char *const *)scenario->threads,
		.set_up = set_up,
		.run = stage_run,
		.check = stage_check,
		.check_end = stage_check_end,
		.tear_down = tear_down,
		.describe = stage_describe,
		.name = stage_object_name,
		.doing = doing,
	};
	err = choose_all(stage);
	if (err)
		stage_destroy(stage);
	else
		*out = stage;
	return err;
}

void stage_destroy(struct stage *stage)
{
	if (!stage)
		return;
	for (size_t i = 0; stage->words && i < stage->scenario->step_count; i++)
		free(stage->words[i]);
	free(stage->words);
	for (size_t i = 0; i < EXPLORE_THREADS_MAX; i++)
		free(stage->programs[i].steps);
	free(stage->drivers);
	free(stage->groups);
	free(stage->devices);
	free(stage);
}

const struct subject *stage_subject(const struct stage *stage)
{
	return &stage->subject;
}

const char *stage_why(const struct stage *stage)
{
	return stage->why[0] ? stage->why : NULL;
}
