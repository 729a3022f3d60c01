/* SPDX-License-Identifier: MIT */
/*
 * Putting back what a record tells of.
 *
 * An attempt looks at every device that is not yet as it was: all are unbound, then all overrides
 * are written, then all are bound; it may be made again and again. A device that has vanished is as
 * good as put back. One whose change is stuck is left out of what follows: its lock is taken, and
 * who asked anything of it would be stuck as well.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "errname.h"
#include "handover.h"
#include "nodes.h"
#include "phase.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PAUSE = 50, LONGEST_PAUSE = 500 }; /* milliseconds between two attempts */

struct restoring {
	struct handover *handover;
	struct record *record;
	struct phase phase;
	struct troubles *troubles; /* while differences are to be told of; else NULL */
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Stores the driver of a device that is to be put back, "" for none; false: there is nothing to do
 * with it. */
static bool look(const struct restoring *restoring, size_t place, struct driver_name *driver)
{
	const struct record_device *device = &restoring->record->devices[place];
	const struct device_progress *progress = &restoring->record->progress[place];

	if (device->treatment == TREATMENT_LEAVE || progress->stuck || progress->back)
		return false;
	return machine_driver(restoring->handover->machine, device->address, driver) == 0;
}

/* With its override the device would not bind the driver that it had. */
static bool override_hinders(const struct record_device *device)
{
	return device->override && device->driver && !same(device->override, device->driver);
}

static void unbind_all(struct restoring *restoring)
{
	const struct record *record = restoring->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		struct driver_name driver;

		if (look(restoring, i, &driver) && *driver.text &&
		    !same(driver.text, device->driver))
			phase_add(&restoring->phase, CHANGE_UNBIND, i, NULL);
	}
	phase_run(&restoring->phase);
}

/* Before the drivers are bound a hindering override gives way to the driver's name. */
static void write_overrides(struct restoring *restoring, bool bound)
{
	const struct record *record = restoring->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		bool hinders = override_hinders(device);
		struct driver_name driver;

		if (device->treatment == TREATMENT_GIVE && (!bound || hinders) &&
		    look(restoring, i, &driver))
			phase_add(&restoring->phase, CHANGE_OVERRIDE, i,
				  hinders && !bound ? device->driver : device->override);
	}
	phase_run(&restoring->phase);
}

static void add_unbound(struct restoring *restoring)
{
	const struct record *record = restoring->record;

	for (size_t i = 0; i < record->device_count; i++) {
		const struct record_device *device = &record->devices[i];
		struct driver_name driver;

		if (device->driver && look(restoring, i, &driver) &&
		    !same(driver.text, device->driver))
			phase_add(&restoring->phase, CHANGE_BIND, i, device->driver);
	}
}

/* A driver that has gone with its module comes with it again. */
static void load_missing(struct restoring *restoring)
{
	const struct record *record = restoring->record;

	for (size_t i = 0; i < record->device_count; i++) {
		if (record->progress[i].error == -ENODEV && record->devices[i].driver)
			machine_load_driver(restoring->handover->machine,
					    record->devices[i].driver);
	}
}

static void attempt(struct restoring *restoring)
{
	unbind_all(restoring);
	write_overrides(restoring, false);
	add_unbound(restoring);
	phase_run(&restoring->phase);
	if (restoring->phase.failed > 0)
		load_missing(restoring);
	write_overrides(restoring, true);
}

/* ---- whether it is as it was ---- */

/* Adds a trouble if there is somewhere to tell it. */
__attribute__((format(printf, 3, 4))) static bool differs(const struct restoring *restoring,
							  size_t place, const char *format, ...)
{
	char reason[768];
	va_list args;

	if (!restoring->troubles)
		return true;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	trouble(restoring->troubles, restoring->record->devices[place].address, "%s", reason);
	return true;
}

static bool driver_differs(const struct restoring *restoring, size_t place)
{
	const struct record_device *device = &restoring->record->devices[place];
	const char *wanted = device->driver ? device->driver : "";
	struct driver_name driver;
	int err = machine_driver(restoring->handover->machine, device->address, &driver);

	if (err == -ENODEV)
		return false;
	if (err)
		return differs(restoring, place, "its driver can't be read: %s", errno_name(err));
	if (same(driver.text, wanted))
		return false;
	return differs(restoring, place, "is on %s instead of %s (%s)",
		       *driver.text ? driver.text : "no driver", *wanted ? wanted : "no driver",
		       errno_name(restoring->record->progress[place].error));
}

static bool override_differs(const struct restoring *restoring, size_t place)
{
	const struct record_device *device = &restoring->record->devices[place];
	const char *wanted = device->override ? device->override : "";
	struct driver_name override;
	int err = machine_override(restoring->handover->machine, device->address, &override);

	if (err == -ENODEV || (err == -EOPNOTSUPP && !*wanted))
		return false;
	if (err)
		return differs(restoring, place, "its override can't be read: %s", errno_name(err));
	if (same(override.text, wanted))
		return false;
	return differs(restoring, place, "has the override %s instead of %s",
		       *override.text ? override.text : "none", *wanted ? wanted : "none");
}

static bool device_differs(const struct restoring *restoring, size_t place)
{
	bool driver, override;

	if (restoring->record->devices[place].treatment == TREATMENT_LEAVE)
		return false;
	if (restoring->record->progress[place].stuck)
		return differs(restoring, place, "a change of its driver does not end");
	driver = driver_differs(restoring, place);
	override = override_differs(restoring, place);
	return driver || override;
}

/* Marks the devices that are as they were; gives how many are not. */
static size_t count_different(struct restoring *restoring, struct troubles *troubles)
{
	struct record *record = restoring->record;
	size_t count = 0;

	restoring->troubles = troubles;
	for (size_t i = 0; i < record->device_count; i++) {
		record->progress[i].back = !device_differs(restoring, i);
		count += !record->progress[i].back;
	}
	restoring->troubles = NULL;
	return count;
}

/* What is stuck is not waited for a second time. */
static bool is_done(struct restoring *restoring)
{
	const struct record *record = restoring->record;

	count_different(restoring, NULL);
	for (size_t i = 0; i < record->device_count; i++) {
		if (!record->progress[i].back && !record->progress[i].stuck)
			return false;
	}
	return true;
}

/* Devices that were just a user's may refuse their driver for a second or so. */
static void attempt_for_a_while(struct restoring *restoring)
{
	long end = clock_now() + restoring->handover->patience, pause = FIRST_PAUSE;

	for (attempt(restoring); !is_done(restoring); attempt(restoring)) {
		if (clock_now() + pause > end)
			return;
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
}

int handover_restore(struct handover *handover, struct record *record, struct troubles *troubles)
{
	struct restoring restoring = {.handover = handover, .record = record};
	size_t failed;

	phase_init(&restoring.phase, handover, record);
	for (size_t i = 0; i < record->device_count; i++)
		record->progress[i].back = false;
	nodes_revoke(handover, record, NULL);
	attempt_for_a_while(&restoring);
	failed = count_different(&restoring, troubles);
	failed += nodes_give_back(handover, record, troubles);
	return failed > 0 ? -ENOTRECOVERABLE : 0;
}
