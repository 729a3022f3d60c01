/* SPDX-License-Identifier: MIT */
/*
 * Devices: created, added to their bus, removed from it, freed with their last reference.
 *
 * `added` is true between the ADD_DEVICE and the REMOVED_DEVICE event, `adding` and `removing` from
 * the begin of an add or a removal to its end, or to ADD_DEVICE. All are guarded by the device's
 * lock, so that a bind either has finished before a removal begins, and is unbound by it, or sees
 * it and fails (I6); and so that nothing happens to a device before notifiers have heard of it.
 */
#include "objects.h"

#include <errno.h>
#include <string.h>

bool get_unless_dying(atomic_uint *references)
{
	unsigned int seen = atomic_load(references);

	while (seen > 0)
		if (atomic_compare_exchange_weak(references, &seen, seen + 1))
			return true;
	return false;
}

static size_t device_size(const struct dmaown_device *device)
{
	return sizeof(*device) + strlen(device->name) + 1;
}

int dmaown_device_create(struct dmaown_bus *bus,
			 const struct dmaown_device_description *description,
			 struct dmaown_device **out)
{
	struct dmaown_core *core = bus->core;
	struct dmaown_device *device;
	size_t length;
	int err;

	if (!description->name)
		return -EINVAL;
	length = strlen(description->name) + 1;
	device = core_allocate(core, sizeof(*device) + length);
	if (!device)
		return -ENOMEM;
	err = lock_init(&core->env, &device->lock, RANK_DEVICE);
	if (err) {
		core_free(core, device, sizeof(*device) + length);
		return err;
	}
	memcpy(device->name, description->name, length);
	device->bus = bus;
	device->context = description->context;
	device->identity = description->identity;
	atomic_init(&device->references, 1);
	list_init(&device->on_driver);
	list_init(&device->on_group);
	list_init(&device->on_deferred);
	list_init(&device->mappings);
	lock_take(&core->env, &bus->lists_lock);
	list_add_tail(&device->on_bus, &bus->devices);
	lock_drop(&core->env, &bus->lists_lock);
	*out = device;
	return 0;
}

void device_free(struct dmaown_device *device)
{
	struct dmaown_bus *bus = device->bus;
	struct dmaown_core *core = bus->core;

	core_require(core, !device->driver && !device->group,
		     "a device that is freed has no driver and no group");
	lock_take(&core->env, &bus->lists_lock);
	list_del(&device->on_bus);
	lock_drop(&core->env, &bus->lists_lock);
	lock_destroy(&core->env, &device->lock);
	if (device->override)
		core_free(core, device->override, strlen(device->override) + 1);
	core_free(core, device, device_size(device));
}

void dmaown_device_get(struct dmaown_device *device)
{
	atomic_fetch_add(&device->references, 1);
}

void dmaown_device_put(struct dmaown_device *device)
{
	if (device && atomic_fetch_sub(&device->references, 1) == 1)
		device_free(device);
}

struct dmaown_device *device_next(struct dmaown_bus *bus, struct dmaown_device *device)
{
	struct list *entry = device ? &device->on_bus : &bus->devices;
	struct dmaown_device *next = NULL;

	lock_take(&bus->core->env, &bus->lists_lock);
	for (entry = entry->next; entry != &bus->devices; entry = entry->next) {
		next = list_entry(entry, struct dmaown_device, on_bus);
		if (get_unless_dying(&next->references))
			break;
		next = NULL;
	}
	lock_drop(&bus->core->env, &bus->lists_lock);
	dmaown_device_put(device);
	return next;
}

void dmaown_device_lock(struct dmaown_device *device)
{
	lock_take(&device_core(device)->env, &device->lock);
}

void dmaown_device_unlock(struct dmaown_device *device)
{
	lock_drop(&device_core(device)->env, &device->lock);
}

/* False: it is on its bus, or on the way there. */
static bool begin_add(struct dmaown_device *device)
{
	bool fresh;

	dmaown_device_lock(device);
	fresh = !device->added && !device->adding;
	if (fresh) {
		device->adding = true;
		/* The bus's, before anyone can remove the device and put it. */
		dmaown_device_get(device);
	}
	dmaown_device_unlock(device);
	return fresh;
}

/* A device that can't join yet is not refused: its bind tries again, and fails if it must. */
static void join_new_device(struct dmaown_device *device)
{
	int err = dmaown_device_join(device);

	if (err && err != -ENODEV)
		core_warn(device_core(device), DMAOWN_WARN_JOIN_FAILED, device->name);
}

int dmaown_device_add(struct dmaown_device *device)
{
	if (!begin_add(device))
		return -EINVAL;
	bus_notify(device, DMAOWN_ADD_DEVICE);
	dmaown_device_lock(device);
	device->adding = false;
	device->added = true;
	join_new_device(device);
	if (atomic_load(&device->bus->autoprobe))
		probe_device(device);
	dmaown_device_unlock(device);
	deferred_run(device_core(device));
	return 0;
}

int dmaown_device_remove(struct dmaown_device *device)
{
	bool mine;

	dmaown_device_lock(device);
	mine = device->added && !device->removing;
	if (mine)
		device->removing = true;
	dmaown_device_unlock(device);
	if (!mine)
		return -ENODEV;
	bus_notify(device, DMAOWN_DEL_DEVICE);
	dmaown_device_lock(device);
	if (device->driver)
		unbind_device(device);
	dmaown_device_unlock(device);
	deferred_remove(device);
	bus_notify(device, DMAOWN_REMOVED_DEVICE);
	dmaown_device_lock(device);
	iommu_leave(device);
	device->added = false;
	device->removing = false;
	dmaown_device_unlock(device);
	dmaown_device_put(device);
	return 0;
}

int dmaown_device_set_override(struct dmaown_device *device, const char *driver)
{
	struct dmaown_core *core = device_core(device);
	size_t length = driver ? strlen(driver) + 1 : 0;
	char *override = NULL, *old;

	if (!device->bus->type->has_override)
		return -EOPNOTSUPP;
	if (driver) {
		override = core_allocate(core, length);
		if (!override)
			return -ENOMEM;
		memcpy(override, driver, length);
	}
	dmaown_device_lock(device);
	old = device->override;
	device->override = override;
	dmaown_device_unlock(device);
	if (old)
		core_free(core, old, strlen(old) + 1);
	return 0;
}

const char *dmaown_device_name(const struct dmaown_device *device)
{
	return device->name;
}

void *dmaown_device_context(const struct dmaown_device *device)
{
	return device->context;
}

const void *dmaown_device_identity(const struct dmaown_device *device)
{
	return device->identity;
}

struct dmaown_bus *dmaown_device_bus(const struct dmaown_device *device)
{
	return device->bus;
}

struct dmaown_driver *dmaown_device_driver(const struct dmaown_device *device)
{
	return device->driver;
}

struct dmaown_group *dmaown_device_group(const struct dmaown_device *device)
{
	return device->group;
}

const char *dmaown_device_override(const struct dmaown_device *device)
{
	return device->override;
}
