/* SPDX-License-Identifier: MIT */
/*
 * What a claim does with each device of a group.
 *
 * Functions that serve the machine (bridges, an SMBus, a flash controller) are never a user's by
 * the way: who wants one names it. A device that another function of its group *carries* (the disks
 * behind Intel's VMD) exists only while that one is bound: it comes and goes with it.
 */
#include "plan.h"

#include <string.h>

const char *user_driver(const char *bus)
{
	static const char *const drivers[][2] = {
		{"pci", "vfio-pci"},       {"platform", "vfio-platform"}, {"amba", "vfio-amba"},
		{"fsl-mc", "vfio-fsl-mc"}, {"cdx", "vfio-cdx"},
	};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		if (strcmp(drivers[i][0], bus) == 0)
			return drivers[i][1];
	}
	return NULL;
}

bool plan_knows_bus(const char *bus)
{
	return user_driver(bus) || strcmp(bus, "host1x") == 0;
}

const char *plan_driver(const struct claim_request *request, const struct device_facts *device)
{
	return request->driver ? request->driver : user_driver(device->bus);
}

bool plan_is_named(const struct claim_request *request, const struct device_facts *device)
{
	for (size_t i = 0; i < request->named_count; i++) {
		if (strcmp(request->named[i], device->address) == 0)
			return true;
	}
	return false;
}

static bool has_class(const struct device_facts *device, const char *class)
{
	return device->class && strncmp(device->class, class, strlen(class)) == 0;
}

/* Two buses with something between: VFIO takes none of them. */
static bool is_bridge(const struct device_facts *device)
{
	return has_class(device, "0604") || (device->pci && device->pci->bridge);
}

bool plan_is_of_machine(const struct device_facts *device)
{
	return has_class(device, "06") || is_bridge(device);
}

/* Parts of a chipset that nobody wants for a program: memory, interrupt and DMA controllers,
 * timers, the SMBus, the controller of the firmware's flash, sensors. */
static bool is_of_chipset(const struct device_facts *device)
{
	static const char *const classes[] = {"05",   "0800", "0801", "0802", "0803",
					      "0806", "0c05", "0c80", "1180"};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (has_class(device, classes[i]))
			return true;
	}
	return false;
}

const struct device_facts *plan_carrier(const struct facts *facts,
					const struct device_facts *device)
{
	const struct device_facts *above = device;

	for (size_t i = 0; i < facts->device_count; i++) {
		above = above->parent ? facts_device(facts, above->parent) : NULL;
		if (!above)
			return NULL;
		if (above->group == device->group && above->pci && !is_bridge(above))
			return above;
	}
	return NULL;
}

enum treatment plan_treatment(const struct facts *facts, const struct claim_request *request,
			      const struct device_facts *device)
{
	const struct driver_facts *driver =
		device->driver ? facts_driver(facts, device->bus, device->driver) : NULL;
	bool native = facts_native(facts, device), named = plan_is_named(request, device);

	if (plan_carrier(facts, device))
		return TREATMENT_LEAVE;
	if (is_bridge(device) || !plan_driver(request, device))
		return native ? TREATMENT_FREE : TREATMENT_LEAVE;
	if (!named && (plan_is_of_machine(device) || is_of_chipset(device)))
		return native ? TREATMENT_FREE : TREATMENT_LEAVE;
	if (native || named)
		return driver && driver->user ? TREATMENT_LEAVE : TREATMENT_GIVE;
	return device->driver ? TREATMENT_LEAVE : TREATMENT_GIVE;
}
