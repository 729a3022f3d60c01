/* SPDX-License-Identifier: MIT */
/*
 * Drivers: on one bus, from their registration to their unregistration.
 *
 * A device is on its driver's `bound` list from the begin of its bind, which fails once the driver
 * is no longer registered; so unregistering, which takes each of those devices' locks in turn,
 * misses none, also not one whose probe is under way.
 */
#include "objects.h"

#include <errno.h>
#include <string.h>

/* Bus lists lock held. */
static bool driver_exists(struct dmaown_bus *bus, const char *name)
{
	struct dmaown_driver *driver;

	list_for_each_entry (driver, &bus->drivers, on_bus)
		if (driver->registered && strcmp(driver->type->name, name) == 0)
			return true;
	return false;
}

static int driver_create(struct dmaown_bus *bus, const struct dmaown_driver_type *type,
			 struct dmaown_driver **out)
{
	struct dmaown_driver *driver = core_allocate(bus->core, sizeof(*driver));
	int err;

	if (!driver)
		return -ENOMEM;
	driver->bus = bus;
	driver->type = type;
	driver->registered = true;
	atomic_init(&driver->references, 1);
	list_init(&driver->bound);
	list_init(&driver->on_bus);
	err = lock_init(&bus->core->env, &driver->lock, RANK_DRIVER);
	if (err) {
		core_free(bus->core, driver, sizeof(*driver));
		return err;
	}
	*out = driver;
	return 0;
}

int driver_begin_bind(struct dmaown_driver *driver, struct dmaown_device *device)
{
	const struct dmaown_env *env = &driver->bus->core->env;
	int err = 0;

	device_assert_locked(device);
	lock_take(env, &driver->lock);
	if (driver->registered)
		list_add_tail(&device->on_driver, &driver->bound);
	else
		err = -ENODEV;
	lock_drop(env, &driver->lock);
	if (!err)
		device->driver = driver;
	return err;
}

void driver_end_bind(struct dmaown_device *device)
{
	struct dmaown_driver *driver = device->driver;
	const struct dmaown_env *env = &driver->bus->core->env;

	device_assert_locked(device);
	lock_take(env, &driver->lock);
	list_del(&device->on_driver);
	lock_drop(env, &driver->lock);
	device->driver = NULL;
}

void driver_put(struct dmaown_driver *driver)
{
	struct dmaown_bus *bus = driver->bus;

	if (atomic_fetch_sub(&driver->references, 1) > 1)
		return;
	lock_take(&bus->core->env, &bus->lists_lock);
	list_del(&driver->on_bus);
	lock_drop(&bus->core->env, &bus->lists_lock);
	lock_destroy(&bus->core->env, &driver->lock);
	core_free(bus->core, driver, sizeof(*driver));
}

struct dmaown_driver *driver_next(struct dmaown_bus *bus, struct dmaown_driver *driver)
{
	struct list *entry = driver ? &driver->on_bus : &bus->drivers;
	struct dmaown_driver *next = NULL;

	lock_take(&bus->core->env, &bus->lists_lock);
	for (entry = entry->next; entry != &bus->drivers; entry = entry->next) {
		next = list_entry(entry, struct dmaown_driver, on_bus);
		if (get_unless_dying(&next->references))
			break;
		next = NULL;
	}
	lock_drop(&bus->core->env, &bus->lists_lock);
	if (driver)
		driver_put(driver);
	return next;
}

static void driver_probe_devices(struct dmaown_driver *driver)
{
	struct dmaown_device *device = NULL;

	while ((device = device_next(driver->bus, device))) {
		dmaown_device_lock(device);
		if (device->added && !device->driver)
			probe_with(device, driver);
		dmaown_device_unlock(device);
	}
}

int dmaown_driver_register(struct dmaown_bus *bus, const struct dmaown_driver_type *type,
			   struct dmaown_driver **out)
{
	struct dmaown_driver *driver = NULL;
	int err;

	lock_assert_none_held(&bus->core->env);
	if (!type->name)
		return -EINVAL;
	err = driver_create(bus, type, &driver);
	if (err)
		return err;
	lock_take(&bus->core->env, &bus->lists_lock);
	if (driver_exists(bus, type->name))
		err = -EEXIST;
	else
		list_add_tail(&driver->on_bus, &bus->drivers);
	lock_drop(&bus->core->env, &bus->lists_lock);
	if (err) {
		driver_put(driver);
		return err;
	}
	*out = driver;
	if (atomic_load(&bus->autoprobe))
		driver_probe_devices(driver);
	deferred_run(bus->core);
	return 0;
}

/* A device that the driver is bound to, or is being bound to, referred to; NULL: there is none. */
static struct dmaown_device *driver_first_bound(struct dmaown_driver *driver)
{
	const struct dmaown_env *env = &driver->bus->core->env;
	struct dmaown_device *device = NULL;

	lock_take(env, &driver->lock);
	if (!list_empty(&driver->bound)) {
		device = list_first_entry(&driver->bound, struct dmaown_device, on_driver);
		dmaown_device_get(device);
	}
	lock_drop(env, &driver->lock);
	return device;
}

static void driver_close(struct dmaown_driver *driver)
{
	const struct dmaown_env *env = &driver->bus->core->env;

	lock_take(env, &driver->bus->lists_lock);
	lock_take(env, &driver->lock);
	driver->registered = false;
	lock_drop(env, &driver->lock);
	lock_drop(env, &driver->bus->lists_lock);
}

void dmaown_driver_unregister(struct dmaown_driver *driver)
{
	struct dmaown_device *device;

	driver_close(driver);
	while ((device = driver_first_bound(driver))) {
		dmaown_device_lock(device);
		if (device->driver == driver)
			unbind_device(device);
		dmaown_device_unlock(device);
		dmaown_device_put(device);
	}
	driver_put(driver);
}

const struct dmaown_driver_type *dmaown_driver_type(const struct dmaown_driver *driver)
{
	return driver->type;
}
