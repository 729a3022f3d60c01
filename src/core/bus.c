/* SPDX-License-Identifier: MIT */
/* Buses: where devices and drivers of one kind meet, and who is told of it. */
#include "objects.h"

#include <errno.h>
#include <string.h>

static bool bus_exists(struct dmaown_core *core, const char *name)
{
	struct dmaown_bus *bus;

	list_for_each_entry (bus, &core->buses, on_core)
		if (strcmp(bus->type->name, name) == 0)
			return true;
	return false;
}

static int bus_init(struct dmaown_bus *bus, struct dmaown_core *core,
		    const struct dmaown_bus_type *type)
{
	int err;

	bus->core = core;
	bus->type = type;
	list_init(&bus->on_core);
	list_init(&bus->devices);
	list_init(&bus->drivers);
	atomic_init(&bus->autoprobe, true);
	err = lock_init(&core->env, &bus->chain_lock, RANK_CHAIN);
	if (err)
		return err;
	err = lock_init(&core->env, &bus->lists_lock, RANK_LISTS);
	if (err)
		lock_destroy(&core->env, &bus->chain_lock);
	return err;
}

static void bus_destroy(struct dmaown_bus *bus)
{
	struct dmaown_core *core = bus->core;

	lock_destroy(&core->env, &bus->lists_lock);
	lock_destroy(&core->env, &bus->chain_lock);
	core_free(core, bus, sizeof(*bus));
}

int dmaown_bus_create(struct dmaown_core *core, const struct dmaown_bus_type *type,
		      struct dmaown_bus **out)
{
	struct dmaown_bus *bus;
	int err;

	if (!type->name || !type->match)
		return -EINVAL;
	bus = core_allocate(core, sizeof(*bus));
	if (!bus)
		return -ENOMEM;
	err = bus_init(bus, core, type);
	if (err) {
		core_free(core, bus, sizeof(*bus));
		return err;
	}
	lock_take(&core->env, &core->lists_lock);
	if (bus_exists(core, type->name))
		err = -EEXIST;
	else
		list_add_tail(&bus->on_core, &core->buses);
	lock_drop(&core->env, &core->lists_lock);
	if (err)
		bus_destroy(bus);
	else
		*out = bus;
	return err;
}

void bus_remove_devices(struct dmaown_bus *bus)
{
	struct dmaown_device *device = NULL;

	/* Nothing may be bound again while its neighbours go. */
	dmaown_bus_set_autoprobe(bus, false);
	/* Walked with a reference: a driver's remove may put the neighbour. */
	while ((device = device_next(bus, device)))
		dmaown_device_remove(device);
}

void bus_free(struct dmaown_bus *bus)
{
	struct dmaown_driver *driver, *next_driver;

	while (!list_empty(&bus->devices))
		device_free(list_first_entry(&bus->devices, struct dmaown_device, on_bus));
	list_for_each_entry_safe (driver, next_driver, &bus->drivers, on_bus)
		dmaown_driver_unregister(driver);
	list_del(&bus->on_core);
	bus_destroy(bus);
}

void dmaown_bus_set_autoprobe(struct dmaown_bus *bus, bool autoprobe)
{
	atomic_store(&bus->autoprobe, autoprobe);
}

int dmaown_bus_for_each_device(struct dmaown_bus *bus,
			       int (*visit)(struct dmaown_device *device, void *argument),
			       void *argument)
{
	struct dmaown_device *device = NULL;
	bool added;
	int ret;

	while ((device = device_next(bus, device))) {
		dmaown_device_lock(device);
		added = device->added;
		dmaown_device_unlock(device);
		ret = added ? visit(device, argument) : 0;
		if (ret) {
			dmaown_device_put(device);
			return ret;
		}
	}
	return 0;
}

void dmaown_bus_add_notifier(struct dmaown_bus *bus, struct dmaown_notifier *notifier)
{
	struct dmaown_notifier **last;

	lock_take(&bus->core->env, &bus->chain_lock);
	for (last = &bus->notifiers; *last;)
		last = &(*last)->next;
	notifier->next = NULL;
	*last = notifier;
	atomic_fetch_add(&bus->notifier_count, 1);
	lock_drop(&bus->core->env, &bus->chain_lock);
}

void dmaown_bus_remove_notifier(struct dmaown_bus *bus, struct dmaown_notifier *notifier)
{
	struct dmaown_notifier **place;

	lock_take(&bus->core->env, &bus->chain_lock);
	for (place = &bus->notifiers; *place && *place != notifier;)
		place = &(*place)->next;
	if (*place) {
		*place = notifier->next;
		atomic_fetch_sub(&bus->notifier_count, 1);
	}
	lock_drop(&bus->core->env, &bus->chain_lock);
}

void bus_notify(struct dmaown_device *device, enum dmaown_event event)
{
	struct dmaown_bus *bus = device->bus;
	struct dmaown_notifier *notifier;

	if (atomic_load_explicit(&bus->notifier_count, memory_order_acquire) == 0)
		return;
	lock_take(&bus->core->env, &bus->chain_lock);
	for (notifier = bus->notifiers; notifier; notifier = notifier->next)
		notifier->event(notifier, event, device);
	lock_drop(&bus->core->env, &bus->chain_lock);
}

const char *dmaown_event_name(enum dmaown_event event)
{
	static const char *const names[] = {
		[DMAOWN_ADD_DEVICE] = "ADD_DEVICE",
		[DMAOWN_BIND_DRIVER] = "BIND_DRIVER",
		[DMAOWN_BOUND_DRIVER] = "BOUND_DRIVER",
		[DMAOWN_UNBIND_DRIVER] = "UNBIND_DRIVER",
		[DMAOWN_UNBOUND_DRIVER] = "UNBOUND_DRIVER",
		[DMAOWN_DRIVER_NOT_BOUND] = "DRIVER_NOT_BOUND",
		[DMAOWN_DEL_DEVICE] = "DEL_DEVICE",
		[DMAOWN_REMOVED_DEVICE] = "REMOVED_DEVICE",
	};
	size_t count = sizeof(names) / sizeof(names[0]);

	return (size_t)event < count ? names[event] : "unknown event";
}
