/* SPDX-License-Identifier: MIT */
/*
 * Probes that were deferred, and their retry.
 *
 * A device is on the list from a -DMAOWN_EPROBE_DEFER to its bind or its removal, or while it is
 * being tried again. The list refers to its devices. Every successful bind asks for a retry, and
 * whoever asked runs it when it has dropped its locks; so a retry that lets another device bind
 * goes on until nothing more comes of it. A bind that succeeds while a probe is on its way to the
 * list counts for that probe too, as it may be what the probe did not find.
 */
#include "objects.h"

void deferred_add(struct dmaown_device *device, unsigned int triggers)
{
	struct dmaown_core *core = device_core(device);

	lock_take(&core->env, &core->deferred_lock);
	if (!list_linked(&device->on_deferred)) {
		dmaown_device_get(device);
		list_add_tail(&device->on_deferred, &core->deferred);
		atomic_fetch_add(&core->deferred_count, 1);
	}
	lock_drop(&core->env, &core->deferred_lock);
	if (atomic_load(&core->triggers) != triggers)
		atomic_store(&core->retry_deferred, true);
}

/* True: it was on the list, and the list's reference is the caller's now. */
static bool deferred_take(struct dmaown_core *core, struct dmaown_device *device)
{
	bool linked = list_linked(&device->on_deferred);

	lock_assert_held(&core->env, &core->deferred_lock);
	if (linked) {
		list_del(&device->on_deferred);
		atomic_fetch_sub(&core->deferred_count, 1);
	}
	return linked;
}

void deferred_remove(struct dmaown_device *device)
{
	struct dmaown_core *core = device_core(device);
	bool taken;

	if (atomic_load(&core->deferred_count) == 0)
		return;
	lock_take(&core->env, &core->deferred_lock);
	taken = deferred_take(core, device);
	lock_drop(&core->env, &core->deferred_lock);
	if (taken)
		dmaown_device_put(device);
}

static struct dmaown_device *deferred_first(struct dmaown_core *core)
{
	struct dmaown_device *device = NULL;

	lock_take(&core->env, &core->deferred_lock);
	if (!list_empty(&core->deferred)) {
		device = list_first_entry(&core->deferred, struct dmaown_device, on_deferred);
		deferred_take(core, device);
	}
	lock_drop(&core->env, &core->deferred_lock);
	return device;
}

/* Each that is on the list now is tried once; those that defer again come behind them. */
void dmaown_core_retry_deferred(struct dmaown_core *core)
{
	unsigned int left = atomic_load(&core->deferred_count);
	struct dmaown_device *device;

	lock_assert_none_held(&core->env);
	for (; left > 0 && (device = deferred_first(core)); left--) {
		dmaown_device_lock(device);
		if (device->added && !device->removing)
			probe_device(device);
		dmaown_device_unlock(device);
		dmaown_device_put(device);
	}
	deferred_run(core);
}

void deferred_trigger(struct dmaown_core *core)
{
	atomic_fetch_add(&core->triggers, 1);
	if (atomic_load(&core->deferred_count) > 0)
		atomic_store(&core->retry_deferred, true);
}

void deferred_run(struct dmaown_core *core)
{
	if (atomic_load(&core->retry_deferred) && atomic_exchange(&core->retry_deferred, false))
		dmaown_core_retry_deferred(core);
}
