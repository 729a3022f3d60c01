/* SPDX-License-Identifier: MIT */
/*
 * Putting back what a record tells of.
 *
 * Each phase looks at every device and changes those that are not yet as they should be: all are
 * unbound, then all overrides are written, then all are bound. A device that has vanished is as
 * good as put back. One whose change is stuck is left out of what follows: its lock is taken, and
 * who asked anything of it would be stuck as well.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "errname.h"
#include "handover.h"
#include "phase.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PAUSE = 50, LONGEST_PAUSE = 500 }; /* milliseconds between two attempts to bind */

struct restoring {
	struct handover *handover;
	struct record *record;
	struct phase phase;
	struct troubles *troubles;
	size_t failed;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The driver of a device that is there, "" for none; false: it is gone, or stuck. */
static bool look(const struct restoring *restoring, size_t place, struct driver_name *driver)
{
	const char *address = restoring->record->devices[place].address;

	if (restoring->record->progress[place].stuck)
		return false;
	return machine_driver(restoring->handover->machine, address, driver) == 0;
}

static bool is_touched(const struct record_device *device)
{
	return device->treatment != TREATMENT_LEAVE;
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

		if (is_touched(device) && look(restoring, i, &driver) && *driver.text &&
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

		if (is_touched(device) && device->driver && look(restoring, i, &driver) &&
		    !same(driver.text, device->driver))
			phase_add(&restoring->phase, CHANGE_BIND, i, device->driver);
	}
}

/* A driver that has gone with its module comes with it again. */
static void load_missing(struct restoring *restoring, const struct record *record)
{
	for (size_t i = 0; i < record->device_count; i++) {
		if (record->progress[i].error == -ENODEV && record->devices[i].driver)
			machine_load_driver(restoring->handover->machine,
					    record->devices[i].driver);
	}
}

/* Devices that were just a user's may refuse their driver for a second or so. */
static void bind_all(struct restoring *restoring)
{
	long end = clock_now() + restoring->handover->patience, pause = FIRST_PAUSE;

	for (add_unbound(restoring); restoring->phase.count > 0; add_unbound(restoring)) {
		phase_run(&restoring->phase);
		if (restoring->phase.failed == 0 || clock_now() + pause > end)
			return;
		load_missing(restoring, restoring->record);
		clock_rest(pause);
		pause = clock_longer(pause, LONGEST_PAUSE);
	}
}

__attribute__((format(printf, 3, 4))) static void fail(struct restoring *restoring, size_t place,
						       const char *format, ...)
{
	char reason[512];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	trouble(restoring->troubles, restoring->record->devices[place].address, "%s", reason);
	restoring->failed++;
}

static void verify_driver(struct restoring *restoring, size_t place)
{
	const struct record_device *device = &restoring->record->devices[place];
	struct driver_name driver;
	int err = machine_driver(restoring->handover->machine, device->address, &driver);

	if (err == -ENODEV)
		return;
	if (err)
		fail(restoring, place, "its driver can't be read: %s", errno_name(err));
	else if (!same(driver.text, device->driver ? device->driver : ""))
		fail(restoring, place, "is on %s instead of %s (%s)",
		     *driver.text ? driver.text : "no driver",
		     device->driver ? device->driver : "no driver",
		     errno_name(restoring->record->progress[place].error));
}

static void verify_override(struct restoring *restoring, size_t place)
{
	const struct record_device *device = &restoring->record->devices[place];
	struct driver_name override;
	int err = machine_override(restoring->handover->machine, device->address, &override);

	if (err == -ENODEV || (err == -EOPNOTSUPP && !device->override))
		return;
	if (err)
		fail(restoring, place, "its override can't be read: %s", errno_name(err));
	else if (!same(override.text, device->override ? device->override : ""))
		fail(restoring, place, "has the override %s instead of %s",
		     *override.text ? override.text : "none",
		     device->override ? device->override : "none");
}

static void verify_all(struct restoring *restoring)
{
	for (size_t i = 0; i < restoring->record->device_count; i++) {
		const struct record_device *device = &restoring->record->devices[i];

		if (!is_touched(device))
			continue;
		if (restoring->record->progress[i].stuck) {
			fail(restoring, i, "a change of its driver does not end");
			continue;
		}
		verify_driver(restoring, i);
		verify_override(restoring, i);
	}
}

/* Nobody is to open the group while its devices go. */
static void revoke_nodes(struct restoring *restoring)
{
	const struct group_node root = {.mode = 0600};

	for (size_t i = 0; i < restoring->record->group_count; i++)
		machine_set_node(restoring->handover->machine, restoring->record->groups[i].id,
				 &root);
}

static void give_nodes_back(struct restoring *restoring)
{
	for (size_t i = 0; i < restoring->record->group_count; i++) {
		const struct record_group *group = &restoring->record->groups[i];
		char name[32];
		int err;

		if (!group->had_node)
			continue;
		err = machine_set_node(restoring->handover->machine, group->id, &group->node);
		if (!err || err == -ENOENT)
			continue;
		snprintf(name, sizeof(name), "/dev/vfio/%d", group->id);
		trouble(restoring->troubles, name, "can't be given back: %s", errno_name(err));
		restoring->failed++;
	}
}

int handover_restore(struct handover *handover, struct record *record, struct troubles *troubles)
{
	struct restoring restoring = {.handover = handover, .record = record, .troubles = troubles};

	phase_init(&restoring.phase, handover, record);
	revoke_nodes(&restoring);
	unbind_all(&restoring);
	write_overrides(&restoring, false);
	bind_all(&restoring);
	write_overrides(&restoring, true);
	verify_all(&restoring);
	give_nodes_back(&restoring);
	return restoring.failed > 0 ? -ENOTRECOVERABLE : 0;
}
