/* SPDX-License-Identifier: MIT */
/* A thread's program: the scenario's steps that are its, one after the other. */
#include "default_type.h"
#include "stage_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stage_device *device_of(struct stage *stage, const struct step *step)
{
	return &stage->devices[step->device];
}

static struct stage_group *group_of(struct stage *stage, const struct step *step)
{
	return &stage->groups[step->group];
}

static struct stage_driver *scripted_driver(struct stage *stage, const struct step *step)
{
	const struct scripted_driver *driver = &stage->scenario->drivers[step->driver];

	return stage_driver_find(stage, driver->bus, driver->name);
}

static int do_bind(struct stage *stage, const struct step *step)
{
	struct stage_device *device = device_of(stage, step);
	struct stage_driver *driver = stage_driver_find(stage, device->facts->bus, step->word);
	struct dmaown_driver *core = driver ? stage_driver_get(driver) : NULL;
	int err;

	if (!core)
		return -ENODEV;
	err = dmaown_device_bind(device->core, core);
	stage_driver_put(driver);
	return err;
}

static int do_unbind(struct stage *stage, const struct step *step)
{
	return dmaown_device_unbind(device_of(stage, step)->core);
}

/* sysfs tells apart only that nothing failed from that something did. */
static int do_probe(struct stage *stage, const struct step *step)
{
	int err = dmaown_device_probe(device_of(stage, step)->core);

	return err && err != -ENODEV ? -EINVAL : err;
}

static int do_override(struct stage *stage, const struct step *step)
{
	const char *driver = strcmp(step->word, SCENARIO_NONE) == 0 ? NULL : step->word;

	return dmaown_device_set_override(device_of(stage, step)->core, driver);
}

/* PCI devices are known by where they are; what is not is described anew by firmware. */
static int do_remove(struct stage *stage, const struct step *step)
{
	struct stage_device *device = device_of(stage, step);
	int err = dmaown_device_remove(device->core);

	if (err)
		return err;
	dmaown_device_set_override(device->core, NULL);
	dmaown_device_lock(device->core);
	device->now->present = false;
	device->now->described = strcmp(device->facts->bus, "pci") == 0;
	dmaown_device_unlock(device->core);
	return 0;
}

static bool is_gone(struct stage_device *device)
{
	bool gone;

	dmaown_device_lock(device->core);
	gone = !device->now->present;
	device->now->present = true;
	dmaown_device_unlock(device->core);
	return gone;
}

/* Firmware tells of the IOMMU's devices only now, when they have long been there. */
static int find_late_iommu(struct stage *stage)
{
	for (size_t i = 0; i < stage->device_count; i++) {
		dmaown_device_lock(stage->devices[i].core);
		stage->devices[i].now->described = true;
		dmaown_device_unlock(stage->devices[i].core);
	}
	return dmaown_iommu_scan(stage->iommu);
}

static int do_rescan(struct stage *stage, const struct step *step)
{
	for (size_t i = 0; i < stage->device_count; i++)
		if (is_gone(&stage->devices[i]))
			dmaown_device_add(stage->devices[i].core);
	return stage->design->late_iommu ? find_late_iommu(stage) : 0;
}

/* Under the device's lock, so that it stays in its group. */
static int reset(struct stage *stage, const struct step *step,
		 int (*half)(struct dmaown_device *device))
{
	struct dmaown_device *device = device_of(stage, step)->core;
	int err;

	dmaown_device_lock(device);
	err = half(device);
	dmaown_device_unlock(device);
	return err;
}

static int do_reset_begin(struct stage *stage, const struct step *step)
{
	return reset(stage, step, dmaown_device_reset_begin);
}

static int do_reset_end(struct stage *stage, const struct step *step)
{
	return reset(stage, step, dmaown_device_reset_end);
}

static int do_type(struct stage *stage, const struct step *step)
{
	enum dmaown_domain_kind kind;
	int err = default_type_parse(step->word, &kind);

	return err ? err : dmaown_group_set_default_kind(group_of(stage, step)->core, kind);
}

static int do_driver_add(struct stage *stage, const struct step *step)
{
	return stage_driver_add(scripted_driver(stage, step));
}

static int do_driver_remove(struct stage *stage, const struct step *step)
{
	return stage_driver_remove(scripted_driver(stage, step));
}

static int do_open(struct stage *stage, const struct step *step)
{
	return stage_file_open(group_of(stage, step), (unsigned int)step->thread);
}

static int do_close(struct stage *stage, const struct step *step)
{
	return stage_file_close(group_of(stage, step), (unsigned int)step->thread);
}

static int do_claim(struct stage *stage, const struct step *step)
{
	return stage_file_claim(group_of(stage, step), (unsigned int)step->thread);
}

static int do_release(struct stage *stage, const struct step *step)
{
	return stage_file_release(group_of(stage, step), (unsigned int)step->thread);
}

static int do_attach(struct stage *stage, const struct step *step)
{
	return stage_file_attach(group_of(stage, step), (unsigned int)step->thread);
}

static int do_detach(struct stage *stage, const struct step *step)
{
	return stage_file_detach(group_of(stage, step), (unsigned int)step->thread);
}

static int do_open_device(struct stage *stage, const struct step *step)
{
	return stage_file_open_device(group_of(stage, step), device_of(stage, step),
				      (unsigned int)step->thread);
}

static int do_close_device(struct stage *stage, const struct step *step)
{
	return stage_file_close_device(group_of(stage, step), device_of(stage, step),
				       (unsigned int)step->thread);
}

static const struct {
	const char *name;
	int (*perform)(struct stage *stage, const struct step *step);
} performs[] = {
	{"bind", do_bind},
	{"unbind", do_unbind},
	{"probe", do_probe},
	{"override", do_override},
	{"remove", do_remove},
	{"rescan", do_rescan},
	{"reset-begin", do_reset_begin},
	{"reset-end", do_reset_end},
	{"type", do_type},
	{"driver-add", do_driver_add},
	{"driver-remove", do_driver_remove},
	{"open", do_open},
	{"close", do_close},
	{"claim", do_claim},
	{"release", do_release},
	{"attach", do_attach},
	{"detach", do_detach},
	{"open-device", do_open_device},
	{"close-device", do_close_device},
};

#define PERFORMS (sizeof(performs) / sizeof(performs[0]))

bool stage_can_perform(const struct step *step, const char **why)
{
	const char *name = step->operation->name;

	if (strcmp(name, "check") == 0 || strcmp(name, "viable") == 0)
		return true;
	for (size_t i = 0; i < PERFORMS; i++)
		if (strcmp(name, performs[i].name) == 0)
			return true;
	*why = "memory and DMA through it are not explored";
	return false;
}

static struct outcome perform(struct stage *stage, const struct step *step)
{
	struct outcome outcome = {0};

	if (strcmp(step->operation->name, "viable") == 0)
		outcome.error = -stage_file_viable(group_of(stage, step),
						   (unsigned int)step->thread, &outcome.answer);
	for (size_t i = 0; i < PERFORMS; i++)
		if (strcmp(step->operation->name, performs[i].name) == 0)
			outcome.error = -performs[i].perform(stage, step);
	return outcome;
}

static void fail_step(const struct stage *stage, const struct step *step, const char *is)
{
	char text[FINDING_TEXT];

	snprintf(text, sizeof(text), "line %u: %s: %s, which is not expected", step->line,
		 stage->words[step - stage->scenario->steps], is);
	explored_fail(FINDING_EXPECTATION, text);
}

static void take_step(struct stage *stage, const struct step *step)
{
	struct outcome outcome;
	const char *is;
	char room[PROPERTY_ROOM];

	if (!step->operation->perform) {
		if (!stage_is_as_expected(stage, &step->check, room, &is))
			fail_step(stage, step, is);
		return;
	}
	outcome = perform(stage, step);
	if (!step_as_expected(step, outcome))
		fail_step(stage, step, outcome_name(step->operation, outcome));
}

void stage_run(void *context, unsigned int thread)
{
	struct stage *stage = context;
	const struct program *program = &stage->programs[thread];

	for (uint32_t i = 0; i < program->count; i++) {
		stage->now->step[thread] = i;
		take_step(stage, &stage->scenario->steps[program->steps[i]]);
	}
}

static int spell_step(struct stage *stage, size_t number)
{
	size_t size;
	FILE *out = open_memstream(&stage->words[number], &size);

	if (!out)
		return -ENOMEM;
	step_print(stage->scenario, &stage->scenario->steps[number], out);
	return fclose(out) ? -ENOMEM : 0;
}

int stage_write_programs(struct stage *stage)
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

const char *stage_doing(void *context, unsigned int thread)
{
	const struct stage *stage = context;
	const struct program *program = &stage->programs[thread];

	return program->count ? stage->words[program->steps[stage->now->step[thread]]] : NULL;
}
