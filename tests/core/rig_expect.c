/* SPDX-License-Identifier: MIT */
/* What can be seen of the rig, and what must be. */
#define _GNU_SOURCE
#include "errname.h"
#include "invariants.h"
#include "rig_parts.h"

#include <stdio.h>
#include <string.h>

static void read_group(struct dmaown_group *group, FILE *text)
{
	struct dmaown_group_state state;

	dmaown_group_read(group, &state);
	fprintf(text, "%s: owner %p, count %u, devices %u, pasids %u, default %s, current %s\n",
		dmaown_group_name(group), (void *)(uintptr_t)state.owner, state.count,
		state.devices, state.pasids, dmaown_domain_kind_name(state.default_kind),
		dmaown_domain_kind_name(state.current_kind));
}

static void read_device(struct rig_device *device, FILE *text)
{
	struct dmaown_driver *driver = dmaown_device_driver(device->device);
	struct dmaown_group *group = dmaown_device_group(device->device);
	const char *override = dmaown_device_override(device->device);

	fprintf(text, "%s: driver %s, override %s, attached %s, pasid %u\n", device->name,
		driver ? dmaown_driver_type(driver)->name : "-", override ? override : "-",
		attached_name(device), device->pasid);
	if (group)
		read_group(group, text);
}

void rig_read_state(struct rig *rig, char text[RIG_STATE])
{
	FILE *file = fmemopen(text, RIG_STATE, "w");

	assert_non_null(file);
	for (unsigned int i = 0; i < rig->device_count; i++) {
		struct rig_device *device = &rig->devices[i];

		if (!device->device)
			continue;
		dmaown_device_lock(device->device);
		read_device(device, file);
		dmaown_device_unlock(device->device);
	}
	fprintf(file, "end\n");
	assert_int_equal(fclose(file), 0);
}

/* ---- expectations ---- */

#define require(holds, file, line, ...)                                                            \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			print_error(__VA_ARGS__);                                                  \
			_fail((file), (line));                                                     \
		}                                                                                  \
	} while (0)

/* I3 from the hardware's side: what is not blocked shares one domain, of the current kind. */
static void check_hardware(struct rig *rig, const struct rig_group *group, const char *call,
			   const char *file, int line)
{
	const struct rig_domain *common = NULL;
	struct dmaown_group_state state;

	dmaown_group_read(group->group, &state);
	for (unsigned int i = 0; i < rig->device_count; i++) {
		struct rig_device *device = &rig->devices[i];

		if (!device->device || dmaown_device_group(device->device) != group->group ||
		    !device->attached)
			continue;
		require(device->attached->kind == state.current_kind &&
				(!common || device->attached == common),
			file, line, "after %s: I3: the hardware of %s is attached to %s\n", call,
			device->name, attached_name(device));
		common = device->attached;
	}
}

void rig_check(struct rig *rig, const char *call, const char *file, int line)
{
	char why[128] = "";

	require(rig->held.count == 0, file, line, "after %s: %u locks are held\n", call,
		rig->held.count);
	require(core_check_invariants(rig->core, why, sizeof(why)) == 0, file, line,
		"after %s: %s\n", call, why);
	for (unsigned int i = 0; i < rig->group_count; i++)
		check_hardware(rig, &rig->groups[i], call, file, line);
}

void rig_expect(struct rig *rig, int expected, int result, const char *call, const char *file,
		int line)
{
	require(result == expected, file, line, "%s gives %s, not %s\n", call, errno_name(result),
		errno_name(expected));
	rig_check(rig, call, file, line);
}

void rig_expect_trace(struct rig *rig, const char *words, const char *file, int line)
{
	require(strcmp(rig->trace, words) == 0, file, line, "traced:   %s\nexpected: %s\n",
		rig->trace, words);
	rig->trace[0] = '\0';
}

void rig_expect_warnings(struct rig *rig, const char *words, const char *file, int line)
{
	require(strcmp(rig->warnings, words) == 0, file, line, "warned:   %s\nexpected: %s\n",
		rig->warnings, words);
	rig->warnings[0] = '\0';
}

void rig_expect_driver(struct rig_device *device, struct rig_driver *driver, const char *file,
		       int line)
{
	struct dmaown_driver *bound;

	dmaown_device_lock(device->device);
	bound = dmaown_device_driver(device->device);
	dmaown_device_unlock(device->device);
	require(bound == (driver ? driver->driver : NULL), file, line, "%s has driver %s, not %s\n",
		device->name, bound ? dmaown_driver_type(bound)->name : "-",
		driver ? driver->type.name : "-");
}

void rig_expect_group(struct rig *rig, const char *group, const void *owner, unsigned int count,
		      enum dmaown_domain_kind current, const char *file, int line)
{
	struct dmaown_group_state state;

	dmaown_group_read(rig_group(rig, group), &state);
	require(state.owner == owner && state.count == count && state.current_kind == current, file,
		line, "%s has %s owner, count %u, current domain %s; not %u, %s\n", group,
		!state.owner           ? "no"
		: state.owner == owner ? "the expected"
				       : "another",
		state.count, dmaown_domain_kind_name(state.current_kind), count,
		dmaown_domain_kind_name(current));
}

void rig_expect_attached(struct rig_device *device, enum dmaown_domain_kind kind, const char *file,
			 int line)
{
	require((device->attached ? device->attached->kind : DMAOWN_DOMAIN_NONE) == kind, file,
		line, "the hardware of %s is attached to %s, not %s\n", device->name,
		attached_name(device), dmaown_domain_kind_name(kind));
}

void rig_expect_all_attached(struct rig *rig, enum dmaown_domain_kind kind, const char *file,
			     int line)
{
	for (unsigned int i = 0; i < rig->device_count; i++)
		rig_expect_attached(&rig->devices[i], kind, file, line);
}
