/* SPDX-License-Identifier: MIT */
/*
 * Binding a driver to a device, and unbinding it (mechanism.md, section 3).
 *
 * A bind is a row of steps, each undone in reverse when a later one fails. Two rules shape it. A
 * probe that fails lets the next matching driver be tried, any earlier error ends the search. And
 * the events come around the DMA set-up so that NOT_BOUND and UNBIND are seen while the use is
 * still held, and UNBOUND after it is gone.
 */
#include "objects.h"

#include <errno.h>
#include <string.h>

static int match_device(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	device_assert_locked(device);
	return device->bus->type->match(device, driver);
}

static int bind_step(struct dmaown_device *device, struct dmaown_driver *driver,
		     enum dmaown_bind_step step)
{
	const struct dmaown_bus_type *type = device->bus->type;

	return type->bind_step ? type->bind_step(device, driver, step) : 0;
}

static void undo_bind_step(struct dmaown_device *device, enum dmaown_bind_step step)
{
	const struct dmaown_bus_type *type = device->bus->type;

	if (type->undo_bind_step)
		type->undo_bind_step(device, device->driver, step);
}

static int configure_dma(struct dmaown_device *device)
{
	const struct dmaown_bus_type *type = device->bus->type;
	int err;

	device->native = !device->driver->type->managed_dma;
	err = type->dma_configure ? type->dma_configure(device) : 0;
	device->configured = !err;
	return err;
}

static void cleanup_dma(struct dmaown_device *device)
{
	const struct dmaown_bus_type *type = device->bus->type;

	if (type->dma_cleanup)
		type->dma_cleanup(device);
	device->configured = false;
}

static int call_probe(struct dmaown_device *device)
{
	const struct dmaown_bus_type *bus = device->bus->type;
	const struct dmaown_driver_type *driver = device->driver->type;

	if (bus->probe)
		return bus->probe(device);
	return driver->probe ? driver->probe(device) : 0;
}

static void call_remove(struct dmaown_device *device)
{
	const struct dmaown_bus_type *bus = device->bus->type;
	const struct dmaown_driver_type *driver = device->driver->type;

	if (bus->remove)
		bus->remove(device);
	else if (driver->remove)
		driver->remove(device);
}

static int add_attributes(struct dmaown_device *device)
{
	const struct dmaown_driver_type *driver = device->driver->type;

	return driver->add_attributes ? driver->add_attributes(device) : 0;
}

static void remove_attributes(struct dmaown_device *device)
{
	const struct dmaown_driver_type *driver = device->driver->type;

	if (driver->remove_attributes)
		driver->remove_attributes(device);
}

/* From BIND_DRIVER to the driver's attributes. *probe_failed: it was the probe itself that failed.
 */
static int start_driver(struct dmaown_device *device, bool *probe_failed)
{
	int err;

	bus_notify(device, DMAOWN_BIND_DRIVER);
	err = bind_step(device, device->driver, DMAOWN_STEP_LINKS);
	if (err)
		goto not_bound;
	err = bind_step(device, device->driver, DMAOWN_STEP_POWER);
	if (err)
		goto undo_links;
	err = call_probe(device);
	if (err) {
		*probe_failed = true;
		goto undo_power;
	}
	err = add_attributes(device);
	if (err)
		goto remove_driver;
	return 0;

remove_driver:
	call_remove(device);
undo_power:
	undo_bind_step(device, DMAOWN_STEP_POWER);
undo_links:
	undo_bind_step(device, DMAOWN_STEP_LINKS);
not_bound:
	bus_notify(device, DMAOWN_DRIVER_NOT_BOUND);
	return err;
}

/* The silent half of an unbind: what start_driver() did, undone without an event. */
static void stop_driver(struct dmaown_device *device)
{
	remove_attributes(device);
	call_remove(device);
	undo_bind_step(device, DMAOWN_STEP_POWER);
	undo_bind_step(device, DMAOWN_STEP_LINKS);
}

/* From the pins to a driver that runs. */
static int set_up_driver(struct dmaown_device *device, bool *probe_failed)
{
	int err = bind_step(device, device->driver, DMAOWN_STEP_PINS);

	if (err)
		return err;
	err = configure_dma(device);
	if (err)
		goto undo_pins;
	err = start_driver(device, probe_failed);
	if (err)
		goto undo_dma;
	return 0;

undo_dma:
	cleanup_dma(device);
undo_pins:
	undo_bind_step(device, DMAOWN_STEP_PINS);
	return err;
}

static int test_remove(struct dmaown_device *device, bool *probe_failed)
{
	stop_driver(device);
	cleanup_dma(device);
	undo_bind_step(device, DMAOWN_STEP_PINS);
	return set_up_driver(device, probe_failed);
}

/* *try_next: the failure does not end the search for a driver. */
static int bind_device(struct dmaown_device *device, struct dmaown_driver *driver, bool *try_next)
{
	int err = bind_step(device, driver, DMAOWN_STEP_SUPPLIERS);

	if (err)
		return err;
	err = bind_step(device, driver, DMAOWN_STEP_OLD_RESOURCES);
	if (err)
		return err;
	err = driver_begin_bind(driver, device);
	if (err) {
		*try_next = true;
		return err;
	}
	err = set_up_driver(device, try_next);
	if (!err && driver->type->test_remove)
		err = test_remove(device, try_next);
	if (err) {
		driver_end_bind(device);
		return err;
	}
	deferred_remove(device);
	bus_notify(device, DMAOWN_BOUND_DRIVER);
	deferred_trigger(device_core(device));
	return 0;
}

/*
 * One driver for one device. 1: bound; 0: not for it, or its probe failed, and the next may be
 * tried; an errno: the search ends. What may work later is deferred, whatever the result.
 */
static int try_driver(struct dmaown_device *device, struct dmaown_driver *driver)
{
	unsigned int triggers = atomic_load(&device_core(device)->triggers);
	bool try_next = false;
	int ret = match_device(device, driver);

	if (ret > 0) {
		ret = bind_device(device, driver, &try_next);
		if (ret == 0)
			return 1;
	}
	if (ret == -DMAOWN_EPROBE_DEFER)
		deferred_add(device, triggers);
	return try_next ? 0 : ret;
}

int probe_with(struct dmaown_device *device, struct dmaown_driver *driver)
{
	device_assert_locked(device);
	return device->removing ? -ENODEV : try_driver(device, driver);
}

int probe_device(struct dmaown_device *device)
{
	struct dmaown_driver *driver = NULL;
	int ret;

	device_assert_locked(device);
	if (device->driver)
		return 0;
	while ((driver = driver_next(device->bus, driver))) {
		ret = try_driver(device, driver);
		if (ret) {
			driver_put(driver);
			return ret < 0 ? ret : 0;
		}
	}
	return 0;
}

int dmaown_device_probe(struct dmaown_device *device)
{
	int err = -ENODEV;

	dmaown_device_lock(device);
	if (device->added && !device->removing)
		err = probe_device(device);
	dmaown_device_unlock(device);
	deferred_run(device_core(device));
	return err;
}

static int bind_named(struct dmaown_device *device, struct dmaown_driver *driver)
{
	unsigned int triggers = atomic_load(&device_core(device)->triggers);
	bool try_next = false;
	int err;

	if (!device->added || device->removing || driver->bus != device->bus)
		return -ENODEV;
	if (match_device(device, driver) <= 0)
		return -ENODEV;
	if (device->driver)
		return -EBUSY;
	err = bind_device(device, driver, &try_next);
	if (err != -DMAOWN_EPROBE_DEFER)
		return err;
	deferred_add(device, triggers);
	return -EAGAIN;
}

int dmaown_device_bind(struct dmaown_device *device, struct dmaown_driver *driver)
{
	int err;

	dmaown_device_lock(device);
	err = bind_named(device, driver);
	dmaown_device_unlock(device);
	deferred_run(device_core(device));
	return err;
}

void unbind_device(struct dmaown_device *device)
{
	device_assert_locked(device);
	bus_notify(device, DMAOWN_UNBIND_DRIVER);
	stop_driver(device);
	cleanup_dma(device);
	undo_bind_step(device, DMAOWN_STEP_PINS);
	driver_end_bind(device);
	bus_notify(device, DMAOWN_UNBOUND_DRIVER);
}

int dmaown_device_unbind(struct dmaown_device *device)
{
	int err = -ENODEV;

	dmaown_device_lock(device);
	if (device->driver) {
		unbind_device(device);
		err = 0;
	}
	dmaown_device_unlock(device);
	return err;
}
