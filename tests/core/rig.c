/* SPDX-License-Identifier: MIT */
#include "rig_parts.h"

#include <string.h>

/* ---- the bus ---- */

static struct rig_driver *driver_of(const struct dmaown_driver *driver)
{
	return dmaown_driver_type(driver)->context;
}

static int bus_match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	struct rig_device *rig_device = rig_device_of(device);
	const char *only = driver_of(driver)->only;
	const char *override = dmaown_device_override(device);
	int err = rig_fault(&rig_device->match);

	if (err)
		return err;
	if (override)
		return strcmp(override, dmaown_driver_type(driver)->name) == 0;
	return !only || strcmp(only, rig_device->name) == 0;
}

static int bus_firmware(struct dmaown_device *device)
{
	struct rig_device *rig_device = rig_device_of(device);
	int err = rig_fault(&rig_device->firmware);

	rig_device->undescribed = rig_device->undescribed && err;
	if (!err && rig_device->firmware_joins)
		err = dmaown_device_join(device);
	return say_result(rig_device->rig, "firmware", err);
}

static void bus_firmware_cleanup(struct dmaown_device *device)
{
	say_count(device, "cleanup");
}

static const char *const step_words[RIG_STEPS] = {
	[DMAOWN_STEP_SUPPLIERS] = "suppliers", [DMAOWN_STEP_OLD_RESOURCES] = "resources",
	[DMAOWN_STEP_PINS] = "pins",           [DMAOWN_STEP_LINKS] = "links",
	[DMAOWN_STEP_POWER] = "power",
};

static int bus_step(struct dmaown_device *device, struct dmaown_driver *driver,
		    enum dmaown_bind_step step)
{
	struct rig *rig = rig_device_of(device)->rig;

	assert_non_null(driver);
	if (rig->on_step)
		rig->on_step(rig, step);
	return say_result(rig, step_words[step], rig_fault(&rig->steps[step]));
}

static void bus_undo_step(struct dmaown_device *device, struct dmaown_driver *driver,
			  enum dmaown_bind_step step)
{
	assert_non_null(driver);
	rig_say(rig_device_of(device)->rig, "undo-%s", step_words[step]);
}

/* "BIND_DRIVER" is "BIND" in a trace. */
static void note_event(struct dmaown_notifier *notifier, enum dmaown_event event,
		       struct dmaown_device *device)
{
	static const char *const words[] = {
		[DMAOWN_ADD_DEVICE] = "ADD",         [DMAOWN_BIND_DRIVER] = "BIND",
		[DMAOWN_BOUND_DRIVER] = "BOUND",     [DMAOWN_UNBIND_DRIVER] = "UNBIND",
		[DMAOWN_UNBOUND_DRIVER] = "UNBOUND", [DMAOWN_DRIVER_NOT_BOUND] = "NOT_BOUND",
		[DMAOWN_DEL_DEVICE] = "DEL",         [DMAOWN_REMOVED_DEVICE] = "REMOVED",
	};
	struct rig_device *rig_device = rig_device_of(device);

	say_count(device, words[event]);
	if (rig_device->rig->on_event)
		rig_device->rig->on_event(rig_device, event);
}

/* ---- drivers ---- */

static struct rig_driver *own_driver(struct dmaown_device *device)
{
	return driver_of(dmaown_device_driver(device));
}

static int driver_probe(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);
	int err = say_result(driver->rig, "probe", rig_fault(&driver->probe));

	if (!err && driver->in_probe)
		err = driver->in_probe(device);
	return err;
}

static void driver_remove(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);

	rig_say(driver->rig, "remove");
	if (driver->in_remove)
		driver->in_remove(device);
}

static int driver_add_attributes(struct dmaown_device *device)
{
	struct rig_driver *driver = own_driver(device);

	return say_result(driver->rig, "attributes", rig_fault(&driver->attributes));
}

static void driver_remove_attributes(struct dmaown_device *device)
{
	rig_say(own_driver(device)->rig, "undo-attributes");
}

struct rig_driver *rig_make_driver(struct rig *rig, const char *name, bool managed)
{
	struct rig_driver *driver = &rig->drivers[rig->driver_count++];

	assert_true(rig->driver_count <= RIG_DRIVERS);
	driver->rig = rig;
	driver->type = (struct dmaown_driver_type) {
		.name = name,
		.managed_dma = managed,
		.context = driver,
		.probe = driver_probe,
		.remove = driver_remove,
		.add_attributes = driver_add_attributes,
		.remove_attributes = driver_remove_attributes,
	};
	return driver;
}

void rig_register(struct rig_driver *driver)
{
	expect(driver->rig, 0,
	       dmaown_driver_register(driver->rig->bus, &driver->type, &driver->driver));
}

struct rig_driver *rig_add_driver(struct rig *rig, const char *name, bool managed)
{
	struct rig_driver *driver = rig_make_driver(rig, name, managed);

	rig_register(driver);
	return driver;
}

/* ---- begin and end ---- */

static const struct dmaown_bus_type scripted_bus = {
	.name = "scripted",
	.has_override = true,
	.match = bus_match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
	.firmware_configure = bus_firmware,
	.firmware_cleanup = bus_firmware_cleanup,
	.bind_step = bus_step,
	.undo_bind_step = bus_undo_step,
};

void rig_prepare(struct rig *rig)
{
	*rig = (struct rig) {
		.bus_type = scripted_bus,
		.ops = scripted_iommu,
		.default_kind = DMAOWN_DOMAIN_DMA,
		.notifier.event = note_event,
	};
	rig->env = rig_env(rig);
}

void rig_begin_prepared(struct rig *rig)
{
	assert_int_equal(dmaown_core_create(&rig->env, &rig->core), 0);
	expect(rig, 0, dmaown_bus_create(rig->core, &rig->bus_type, &rig->bus));
	expect(rig, 0, dmaown_iommu_register(rig->core, &rig->ops, rig, &rig->iommu));
	dmaown_bus_add_notifier(rig->bus, &rig->notifier);
}

void rig_begin(struct rig *rig)
{
	rig_prepare(rig);
	rig_begin_prepared(rig);
}

void rig_begin_unchecked(struct rig *rig)
{
	rig_prepare(rig);
	rig->env.held = NULL;
	rig_begin_prepared(rig);
}

void rig_end_warned(struct rig *rig)
{
	rig_check(rig, "the end of the test", AT_LINE);
	dmaown_core_destroy(rig->core);
	assert_int_equal(rig->held.count, 0);
	assert_int_equal(rig->domains, 0);
	assert_int_equal(rig->locks, 0);
	assert_int_equal(rig->blocks, 0);
}

void rig_end(struct rig *rig)
{
	rig_end_warned(rig);
	rig_expect_warnings(rig, "", AT_LINE);
}

struct rig_device *rig_make_device(struct rig *rig, const char *name, const char *group)
{
	struct rig_device *device = &rig->devices[rig->device_count++];
	struct dmaown_device_description description = {.name = name, .context = device};

	assert_true(rig->device_count <= RIG_DEVICES);
	*device = (struct rig_device) {.rig = rig, .name = name, .group = group};
	expect(rig, 0, dmaown_device_create(rig->bus, &description, &device->device));
	return device;
}

struct rig_device *rig_add_device(struct rig *rig, const char *name, const char *group)
{
	struct rig_device *device = rig_make_device(rig, name, group);

	expect(rig, 0, dmaown_device_add(device->device));
	return device;
}

void rig_remove_devices(struct rig *rig)
{
	for (unsigned int i = 0; i < rig->device_count; i++)
		expect(rig, 0, dmaown_device_remove(rig->devices[i].device));
}

struct dmaown_group *rig_begin_with_three(struct rig *rig, bool native)
{
	rig_begin(rig);
	if (native)
		rig_add_driver(rig, "native", false)->only = "A";
	rig_add_device(rig, "A", "g1");
	rig_add_device(rig, "B", "g1");
	rig_add_device(rig, "C", "g1");
	if (native)
		expect(rig, 0, dmaown_device_probe(rig->devices[0].device));
	return rig_group(rig, "g1");
}
