/* SPDX-License-Identifier: MIT */
/*
 * Putting back what a record tells of.
 *
 * An attempt looks at every device that is not yet as it was: all are unbound, then all overrides
 * are written, then all are bound; it may be made again and again. A device that is no more is as
 * good as put back, and one that somebody else has put on another driver is left to him. One that
 * can't be looked at is not touched, and its record stays. One whose change is stuck is left out of
 * what follows: its lock is taken, and who asked anything of it would be stuck as well.
 *
 * A device that came at the address of one that has gone is not the record's. But where it came
 * into a group that the claim had, the claim kept it from its driver: the bus is told to look for
 * it.
 *
 * An override is cleared where it would keep the device from its driver, and not set to that
 * driver's name: a kernel may let an override name only drivers that are made for that.
 */
#define _GNU_SOURCE
#include "put_back.h"
#include "clock.h"
#include "errname.h"
#include "nodes.h"
#include "phase.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PAUSE = 50, LONGEST_PAUSE = 500 }; /* milliseconds between two attempts */

struct putting_back {
	struct handover *handover;
	struct record *record;
	struct phase phase;
	struct troubles *troubles; /* while differences are to be told of; else NULL */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether something is to be done with the device, whose driver has then been looked at. */
static bool is_astray(const struct putting_back *back, size_t place)
{
	const struct device_progress *progress = &back->record->progress[place];
	enum whereabouts where;

	if (back->record->devices[place].treatment == TREATMENT_LEAVE || progress->stuck ||
	    progress->settled)
		return false;
	where = record_look(back->handover->machine, back->record, place);
	return where == ASTRAY || where == BACK;
}

/* With its override the device would not bind the driver that it had. */
static bool override_hinders(const struct record_device *device)
{
	return device->override && device->driver && !same(device->override, device->driver);
}

/* The override with which the device binds its driver. One that does its DMA for others may be
 * matched by nothing else. */
static const char *override_to_bind(const struct record_device *device)
{
	if (!override_hinders(device))
		return device->override;
	return device->managed ? device->driver : NULL;
}

static void unbind_all(struct putting_back *back)
{
	const struct record *record = back->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const char *driver = record->progress[i].driver.text;

		if (is_astray(back, i) && *driver && !same(driver, record->devices[i].driver))
			phase_add(&back->phase, CHANGE_UNBIND, i, NULL);
	}
	phase_run(&back->phase);
}

static void write_overrides(struct putting_back *back, bool bound)
{
	const struct record *record = back->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		bool hinders = override_hinders(device);

		if (device->treatment == TREATMENT_GIVE && (!bound || hinders) &&
		    is_astray(back, i))
			phase_add(&back->phase, CHANGE_OVERRIDE, i,
				  bound ? device->override : override_to_bind(device));
	}
	phase_run(&back->phase);
}

static void bind_all(struct putting_back *back)
{
	const struct record *record = back->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];

		if (device->driver && is_astray(back, i) &&
		    !same(record->progress[i].driver.text, device->driver))
			phase_add(&back->phase, CHANGE_BIND, i, device->driver);
	}
	phase_run(&back->phase);
}

/* A driver that has gone with its module comes with it again. */
static void load_missing(struct putting_back *back)
{
	const struct record *record = back->record;

	for (size_t i = 0; i < record->device_count; i++) {
		if (record->progress[i].error == -ENODEV && record->devices[i].driver)
			machine_load_driver(back->handover->machine, record->devices[i].driver);
	}
}

static void attempt(struct putting_back *back)
{
	unbind_all(back);
	write_overrides(back, false);
	bind_all(back);
	if (back->phase.failed > 0)
		load_missing(back);
	write_overrides(back, true);
}

/* ---- whether it is as it was ---- */

/* Adds a trouble if there is somewhere to tell it. */
__attribute__((format(printf, 3, 4))) static void tell(const struct putting_back *back,
						       size_t place, const char *format, ...)
{
	char reason[1024];
	va_list args;

	if (!back->troubles)
		return;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	trouble(back->troubles, back->record->devices[place].address, "%s", reason);
}

/* A device is back when its override is, too. */
static enum whereabouts judge_override(const struct putting_back *back, size_t place)
{
	const struct record_device *device = &back->record->devices[place];
	const char *wanted = device->override ? device->override : "";
	struct driver_name override;
	int err = machine_override(back->handover->machine, device->address, &override);

	if (err == -EOPNOTSUPP && !*wanted)
		return BACK;
	if (err) {
		tell(back, place, "its override can't be read: %s", errno_name(err));
		return HIDDEN;
	}
	if (same(override.text, wanted))
		return BACK;
	tell(back, place, "has the override %s instead of %s",
	     *override.text ? override.text : "none", *wanted ? wanted : "none");
	return ASTRAY;
}

static enum whereabouts judge(const struct putting_back *back, size_t place)
{
	const struct record_device *device = &back->record->devices[place];
	struct device_progress *progress = &back->record->progress[place];
	int failed = progress->error;

	if (progress->stuck) {
		tell(back, place, "a change of its driver does not end");
		return ASTRAY;
	}
	switch (record_look(back->handover->machine, back->record, place)) {
	case HIDDEN:
		tell(back, place, "can't be looked at: %s", errno_name(progress->error));
		return HIDDEN;
	case ASTRAY:
		tell(back, place, "is on %s instead of %s (%s)",
		     *progress->driver.text ? progress->driver.text : "no driver",
		     device->driver ? device->driver : "no driver", errno_name(failed));
		return ASTRAY;
	case TAKEN:
		tell(back, place, "is on %s, where somebody else put it: it stays there",
		     progress->driver.text);
		return TAKEN;
	case BACK:
		return judge_override(back, place);
	default:
		return progress->where;
	}
}

/* Judges each device; gives how many are neither back nor beyond us. */
static size_t count_astray(struct putting_back *back, struct troubles *troubles)
{
	struct record *record = back->record;
	size_t count = 0;

	back->troubles = troubles;
	for (size_t i = 0; i < record->device_count; i++) {
		struct device_progress *progress = &record->progress[i];

		if (record->devices[i].treatment == TREATMENT_LEAVE)
			continue;
		progress->where = judge(back, i);
		progress->settled = progress->where != ASTRAY && progress->where != HIDDEN;
		count += !progress->settled;
	}
	back->troubles = NULL;
	return count;
}

/* What is stuck is not waited for a second time. */
static bool is_done(struct putting_back *back)
{
	const struct record *record = back->record;

	count_astray(back, NULL);
	for (size_t i = 0; i < record->device_count; i++) {
		if (record->devices[i].treatment != TREATMENT_LEAVE &&
		    !record->progress[i].settled && !record->progress[i].stuck)
			return false;
	}
	return true;
}

/* Devices that were just a user's may refuse their driver for a second or so. */
static void attempt_for_a_while(struct putting_back *back)
{
	long end = clock_now() + back->handover->patience, pause = FIRST_PAUSE;

	for (attempt(back); !is_done(back); attempt(back)) {
		if (clock_now() + pause > end)
			return;
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
}

/* ---- devices that came meanwhile ---- */

/* Whether nobody has put the device anywhere. */
static bool is_untouched(struct machine *machine, const char *device)
{
	struct driver_name driver, override;
	int err = machine_driver(machine, device, &driver);

	if (!err)
		err = machine_override(machine, device, &override);
	return !err && !*driver.text && !*override.text;
}

/* A device that came into the group of a claim, at the address of one that had gone, could not have
 * its driver then: the bus looks for it again. In another group nothing kept it from its driver. */
static void let_probe(struct putting_back *back)
{
	struct record *record = back->record;
	struct machine *machine = back->handover->machine;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		const struct machine_part part = {.device = device->address};
		int group;

		if (device->treatment == TREATMENT_LEAVE || record->progress[i].where != REPLACED)
			continue;
		if (machine_find_group(machine, &part, &group) == 0 && group == device->group &&
		    record_group_is_there(machine, record, group) &&
		    is_untouched(machine, device->address))
			machine_probe(machine, device->address);
	}
}

static bool some_are_taken(const struct record *record)
{
	for (size_t i = 0; i < record->device_count; i++) {
		if (record->devices[i].treatment != TREATMENT_LEAVE &&
		    record->progress[i].where == TAKEN)
			return true;
	}
	return false;
}

int put_back(struct handover *handover, struct record *record, struct troubles *troubles)
{
	struct putting_back back = {.handover = handover, .record = record};
	size_t astray;

	phase_init(&back.phase, handover, record);
	for (size_t i = 0; i < record->device_count; i++) {
		record->progress[i].where = NOT_LOOKED_AT;
		record->progress[i].stuck = record->progress[i].settled = false;
	}
	attempt_for_a_while(&back);
	astray = count_astray(&back, troubles);
	let_probe(&back);
	astray += nodes_give_back(handover, record, troubles);
	if (astray > 0)
		return -ENOTRECOVERABLE;
	return some_are_taken(record) ? -ESTALE : 0;
}
