/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void record_release(struct record *record)
{
	for (size_t i = 0; i < record->device_count; i++) {
		free(record->devices[i].address);
		free(record->devices[i].bus);
		free(record->devices[i].vendor);
		free(record->devices[i].product);
		free(record->devices[i].class);
		free(record->devices[i].driver);
		free(record->devices[i].override);
		free(record->devices[i].to);
	}
	free(record->boot);
	free(record->owner);
	free(record->user);
	free(record->groups);
	free(record->devices);
	free(record->changes);
	free(record->progress);
	*record = (struct record) {0};
}

bool record_has_group(const struct record *record, int group)
{
	for (size_t i = 0; i < record->group_count; i++) {
		if (record->groups[i].id == group)
			return true;
	}
	return false;
}

struct record_group *record_group(const struct record *record, int group)
{
	size_t i = 0;

	while (record->groups[i].id != group)
		i++;
	return &record->groups[i];
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool record_has_device(const struct record *record, size_t place, const struct device_facts *device)
{
	const struct record_device *noted = &record->devices[place];

	if (strcmp(noted->address, device->address) != 0 ||
	    (noted->instance && device->instance && noted->instance != device->instance))
		return false;
	if (noted->lost)
		return false;
	if (!record->held || device_facts_hides(device, "driver"))
		return noted->treatment != TREATMENT_LEAVE || noted->to;
	return noted->to && same(noted->to, device->driver);
}

void record_lose(struct record *record, size_t place)
{
	record->devices[place].lost = true;
	record->devices[place].treatment = TREATMENT_LEAVE;
	free(record->devices[place].to);
	record->devices[place].to = NULL;
}

size_t record_place(const struct record *record, const char *address)
{
	size_t i = 0;

	while (strcmp(record->devices[i].address, address) != 0)
		i++;
	return i;
}

/* ---- where its devices are ---- */

static enum whereabouts find(struct machine *machine, const struct record_device *device,
			     struct device_progress *progress)
{
	const char *driver = progress->driver.text;
	uint64_t instance = 0;
	int err = machine_instance(machine, device->address, &instance);

	if (err == -ENODEV)
		return GONE;
	if (!err && device->instance && instance && device->instance != instance)
		return REPLACED;
	if (!err)
		err = machine_driver(machine, device->address, &progress->driver);
	if (err == -ENODEV && machine_instance(machine, device->address, &instance) == -ENODEV)
		return GONE;
	if (err) {
		progress->error = err;
		return HIDDEN;
	}
	if (same(driver, device->driver ? device->driver : ""))
		return BACK;
	return !*driver || same(driver, device->to) ? ASTRAY : TAKEN;
}

enum whereabouts record_look(struct machine *machine, struct record *record, size_t place)
{
	struct device_progress *progress = &record->progress[place];

	progress->where = find(machine, &record->devices[place], progress);
	return progress->where;
}

bool record_group_is_there(struct machine *machine, struct record *record, int group)
{
	bool there = false;

	for (size_t i = 0; i < record->device_count; i++) {
		enum whereabouts where;

		if (record->devices[i].group != group)
			continue;
		if (record->devices[i].lost)
			return false;
		where = there ? BACK : record_look(machine, record, i);
		there = where != GONE && where != REPLACED;
	}
	return there;
}

int record_make_room(struct record *record, size_t groups, size_t devices)
{
	record->groups = calloc(groups + 1, sizeof(*record->groups));
	record->devices = calloc(devices + 1, sizeof(*record->devices));
	record->changes = calloc(devices + 1, sizeof(*record->changes));
	record->progress = calloc(devices + 1, sizeof(*record->progress));
	return record->groups && record->devices && record->changes && record->progress ? 0
											: -ENOMEM;
}

/* ---- making ---- */

static int note_group(struct machine *machine, struct record *record, int id)
{
	struct record_group *group = &record->groups[record->group_count];
	int err = machine_node(machine, id, &group->node);

	if (err && err != -ENOENT)
		return err;
	group->id = id;
	group->had_node = !err;
	record->group_count++;
	return 0;
}

static int note_identity(struct record_device *noted, const struct device_facts *device)
{
	int err = facts_set_string(&noted->bus, device->bus);

	noted->instance = device->instance;
	if (!err)
		err = facts_set_string(&noted->vendor, device->vendor);
	if (!err)
		err = facts_set_string(&noted->product, device->device);
	return err ? err : facts_set_string(&noted->class, device->class);
}

static int note_device(struct record *record, const struct facts *facts,
		       const struct claim_request *request, const struct device_facts *device)
{
	struct record_device *noted = &record->devices[record->device_count++];
	const struct driver_facts *driver =
		device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;
	int err = facts_set_string(&noted->address, device->address);

	if (!err)
		err = note_identity(noted, device);
	noted->group = device->group;
	noted->treatment = plan_treatment(facts, request, device);
	noted->managed = driver && driver->managed_dma == KNOWN_YES;
	if (!err)
		err = facts_set_string(&noted->driver, device->driver);
	if (!err)
		err = facts_set_string(&noted->override, device->override);
	if (!err && noted->treatment == TREATMENT_GIVE)
		err = facts_set_string(&noted->to, plan_driver(request, device));
	else if (!err && driver && driver->user)
		err = facts_set_string(&noted->to, device->driver);
	return err;
}

static int make(struct machine *machine, const struct facts *facts,
		const struct claim_request *request, struct record *record)
{
	int err = record_make_room(record, request->group_count, facts->device_count);

	for (size_t i = 0; i < request->group_count && !err; i++)
		err = note_group(machine, record, request->groups[i]);
	for (size_t i = 0; i < facts->device_count && !err; i++) {
		if (record_has_group(record, facts->devices[i].group))
			err = note_device(record, facts, request, &facts->devices[i]);
	}
	return err;
}

int record_make(struct machine *machine, const struct facts *facts,
		const struct claim_request *request, const char *boot, long pid, long uid,
		struct record *out)
{
	struct record record = {
		.pid = pid, .uid = uid, .user_uid = request->uid, .kept = request->kept};
	int err = facts_set_string(&record.boot, boot);

	if (!err)
		err = facts_set_string(&record.owner, request->owner);
	if (!err)
		err = facts_set_string(&record.user, request->user);
	if (!err)
		err = make(machine, facts, request, &record);
	if (err)
		record_release(&record);
	else
		*out = record;
	return err;
}
