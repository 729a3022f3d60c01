/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "comparison.h"

#include "kernel_version.h"
#include "run.h"
#include "sim_machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int comparison_init(struct comparison *comparison, struct machine *real)
{
	*comparison = (struct comparison) {.real = real};
	return machine_read(real, &comparison->base);
}

void comparison_release(struct comparison *comparison)
{
	facts_release(&comparison->base);
	tally_release(&comparison->tally);
}

enum scope comparison_scope(const struct comparison *comparison)
{
	return kernel_is_before(comparison->base.host, 6, 2) == KNOWN_YES ? SCOPE_SPARED
									  : SCOPE_ALL;
}

/* ---- putting the real machine back ---- */

static bool same_name(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static bool is_of_group(const struct facts *facts, const char *address, int group)
{
	const struct device_facts *device = facts_device(facts, address);

	return device && device->group == group;
}

/* A type changes only while no native driver is bound in the group. */
static int restore_type(struct machine *real, const struct facts *now, int group, const char *type)
{
	for (size_t i = 0; generator_devices[i]; i++)
		if (is_of_group(now, generator_devices[i], group))
			machine_unbind(real, generator_devices[i]);
	return machine_set_type(real, group, type);
}

static int restore_types(struct machine *real, const struct facts *now, const struct facts *base)
{
	int err = 0;

	for (size_t i = 0; generator_devices[i] && !err; i++) {
		const struct device_facts *device = facts_device(now, generator_devices[i]);
		const struct device_facts *begun = facts_device(base, generator_devices[i]);
		const struct group_facts *group = device ? facts_group(now, device->group) : NULL;
		const struct group_facts *wanted = facts_group(base, begun->group);

		if (!group || same_name(group->type, wanted->type))
			continue;
		err = restore_type(real, now, group->id, wanted->type);
	}
	return err;
}

static int restore_driver(struct machine *real, const struct device_facts *now, const char *driver)
{
	int err = 0;

	if (same_name(now->driver, driver))
		return 0;
	if (now->driver)
		err = machine_unbind(real, now->address);
	if (!err && driver)
		err = machine_bind(real, now->address, driver);
	return err;
}

/* The overrides first: a driver that is not the override's can't be bound. */
static int restore_drivers(struct machine *real, const struct facts *base)
{
	struct facts now = {0};
	int err = 0;

	for (size_t i = 0; generator_devices[i] && !err; i++)
		err = machine_set_override(real, generator_devices[i], NULL);
	if (!err)
		err = machine_glance(real, &now);
	for (size_t i = 0; generator_devices[i] && !err; i++) {
		const struct device_facts *device = facts_device(&now, generator_devices[i]);
		const struct device_facts *begun = facts_device(base, generator_devices[i]);

		err = device ? restore_driver(real, device, begun->driver) : -ENODEV;
	}
	facts_release(&now);
	return err;
}

static bool is_as_it_began(const struct facts *now, const struct facts *base, const char *address)
{
	const struct device_facts *device = facts_device(now, address);
	const struct device_facts *begun = facts_device(base, address);

	return device && same_name(device->driver, begun->driver) &&
	       same_name(device->override, begun->override) &&
	       same_name(facts_group(now, device->group)->type,
			 facts_group(base, begun->group)->type);
}

static int verify(struct machine *real, const struct facts *base)
{
	struct facts now = {0};
	int err = machine_glance(real, &now);

	for (size_t i = 0; generator_devices[i] && !err; i++)
		if (!is_as_it_began(&now, base, generator_devices[i]))
			err = -EUCLEAN;
	facts_release(&now);
	return err;
}

static int restore(struct comparison *comparison)
{
	struct machine *real = comparison->real;
	struct facts now = {0};
	int err = machine_rescan(real);

	if (!err)
		err = machine_glance(real, &now);
	if (!err)
		err = restore_types(real, &now, &comparison->base);
	facts_release(&now);
	if (!err)
		err = restore_drivers(real, &comparison->base);
	return err ? err : verify(real, &comparison->base);
}

/* ---- one scenario on both ---- */

void print_steps(char *const *steps, size_t count, FILE *out)
{
	fputs(generator_roles, out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", steps[i]);
	fputs("finally invariants\n", out);
}

static int parse_steps(char *const *steps, size_t count, struct scenario **scenario, char **why)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	int err = -ENOMEM;

	if (!stream)
		return -ENOMEM;
	print_steps(steps, count, stream);
	if (fclose(stream) == 0)
		err = scenario_parse(text, length, "random", scenario, why);
	free(text);
	return err;
}

static int run_simulated(const struct facts *base, const struct scenario *scenario,
			 struct timeline *timeline, char **why)
{
	struct machine *machine;
	struct facts begin = {0};
	int err = facts_copy(&begin, base);

	if (!err)
		err = facts_set_string(&begin.machine, "simulated");
	if (!err)
		err = sim_machine_open(&begin, NULL, &machine, why);
	facts_release(&begin);
	if (err)
		return err;
	err = scenario_run(scenario, machine, sim_machine_check, timeline, why);
	machine_close(machine);
	return err;
}

/* The first step after which the simulated machine's own invariants do not hold. */
static size_t first_broken(const struct timeline *timeline, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (timeline->events[i].broken)
			return i;
	return end;
}

static int compare_timelines(const struct timeline *real, const struct timeline *simulated,
			     size_t *differs, char **why)
{
	size_t step, broken;
	int err = timeline_compare(real, simulated, &step, why);

	if (err)
		return err;
	broken = first_broken(simulated, *why && step < simulated->event_count
						 ? step + 1
						 : simulated->event_count);
	if (broken < simulated->event_count && simulated->events[broken].broken) {
		free(*why);
		*why = strdup(simulated->events[broken].broken);
		step = broken;
		if (!*why)
			return -ENOMEM;
	}
	*differs = step;
	return 0;
}

static int run_both(struct comparison *comparison, const struct scenario *scenario, size_t *differs,
		    char **why)
{
	struct timeline real = {0}, simulated = {0};
	int err = scenario_run(scenario, comparison->real, NULL, &real, why);

	if (!err)
		err = tally_add(&comparison->tally, &real);
	if (!err)
		err = run_simulated(&comparison->base, scenario, &simulated, why);
	if (!err)
		err = compare_timelines(&real, &simulated, differs, why);
	timeline_release(&real);
	timeline_release(&simulated);
	return err;
}

int compare_steps(struct comparison *comparison, char *const *steps, size_t count, size_t *differs,
		  char **why)
{
	struct scenario *scenario;
	int err, restored;

	*why = NULL;
	err = parse_steps(steps, count, &scenario, why);
	if (err)
		return err;
	err = run_both(comparison, scenario, differs, why);
	restored = restore(comparison);
	comparison->runs++;
	scenario_free(scenario);
	if (!err && restored) {
		free(*why);
		*why = NULL;
		err = asprintf(why, "the real machine can't be put back: %s", strerror(-restored)) <
				      0
			      ? -ENOMEM
			      : restored;
	}
	return err;
}

/* ---- shrinking ---- */

/* Moves the steps [at, at + length) to the end, past the `count` that are looked at. */
static void set_aside(char **steps, size_t count, size_t at, size_t length, char **aside)
{
	memcpy(aside, &steps[at], length * sizeof(*steps));
	memmove(&steps[at], &steps[at + length], (count - at - length) * sizeof(*steps));
}

static void bring_back(char **steps, size_t count, size_t at, size_t length, char **aside)
{
	memmove(&steps[at + length], &steps[at], (count - at - length) * sizeof(*steps));
	memcpy(&steps[at], aside, length * sizeof(*steps));
}

/* What comes after the first difference has no part in it. */
static void cut(char **steps, size_t *count, size_t differs)
{
	for (; *count > differs + 1; (*count)--)
		free(steps[*count - 1]);
}

/* Whether the steps that are left differ. Those that the kernel is to be spared are not tried. */
static int still_differ(struct comparison *comparison, char *const *steps, size_t count,
			size_t *differs, char **why)
{
	*why = NULL;
	if (comparison_scope(comparison) == SCOPE_SPARED && !steps_spare(steps, count))
		return 0;
	return compare_steps(comparison, steps, count, differs, why);
}

/* Tries to do without each row of `length` steps. */
static int drop_rows(struct comparison *comparison, char **steps, size_t *count, size_t length,
		     char **aside, char **why)
{
	for (size_t at = 0; at + length <= *count && length < *count;) {
		size_t differs = 0;
		char *now = NULL;
		int err;

		set_aside(steps, *count, at, length, aside);
		err = still_differ(comparison, steps, *count - length, &differs, &now);
		if (err || !now) {
			bring_back(steps, *count, at, length, aside);
			free(now);
			if (err)
				return err;
			at += length;
			continue;
		}
		for (size_t i = 0; i < length; i++)
			free(aside[i]);
		*count -= length;
		cut(steps, count, differs);
		free(*why);
		*why = now;
	}
	return 0;
}

int shrink_steps(struct comparison *comparison, char **steps, size_t *count, char **why)
{
	char **aside = calloc(*count, sizeof(*aside));
	size_t before;
	int err = 0;

	if (!aside)
		return -ENOMEM;
	for (size_t length = *count / 2; length > 1 && !err; length /= 2)
		err = drop_rows(comparison, steps, count, length, aside, why);
	do {
		before = *count;
		if (!err)
			err = drop_rows(comparison, steps, count, 1, aside, why);
	} while (!err && *count < before);
	free(aside);
	return err;
}
