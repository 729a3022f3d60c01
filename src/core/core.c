/* SPDX-License-Identifier: MIT */
/* The core itself: its beginning and end, its memory, and the words for what it reports. */
#include "ownership.h"

#include <errno.h>
#include <string.h>

void *core_allocate(struct dmaown_core *core, size_t size)
{
	void *memory = core->env.allocate(core->env.context, size);

	return memory ? memset(memory, 0, size) : NULL;
}

void core_free(struct dmaown_core *core, void *memory, size_t size)
{
	if (memory)
		core->env.free(core->env.context, memory, size);
}

void core_warn(struct dmaown_core *core, enum dmaown_warning warning, const char *object)
{
	if (core->env.warn)
		core->env.warn(core->env.context, warning, object);
}

void core_reschedule(struct dmaown_core *core)
{
	if (core->env.reschedule)
		core->env.reschedule(core->env.context);
}

static int core_init_locks(struct dmaown_core *core)
{
	int err = lock_init(&core->env, &core->iommu_lock, RANK_IOMMU);

	if (err)
		return err;
	err = lock_init(&core->env, &core->lists_lock, RANK_LISTS);
	if (err)
		goto destroy_iommu_lock;
	err = lock_init(&core->env, &core->deferred_lock, RANK_DEFERRED);
	if (err)
		goto destroy_lists_lock;
	return 0;

destroy_lists_lock:
	lock_destroy(&core->env, &core->lists_lock);
destroy_iommu_lock:
	lock_destroy(&core->env, &core->iommu_lock);
	return err;
}

int core_create(const struct dmaown_env *env, const struct ownership_design *design,
		struct dmaown_core **out)
{
	struct dmaown_core *core;
	int err;

	if (!env->allocate || !env->free || !env->init_lock || !env->destroy_lock || !env->lock ||
	    !env->unlock)
		return -EINVAL;
	core = env->allocate(env->context, sizeof(*core));
	if (!core)
		return -ENOMEM;
	memset(core, 0, sizeof(*core));
	core->env = *env;
	core->ownership = design;
	list_init(&core->buses);
	list_init(&core->iommus);
	list_init(&core->deferred);
	err = core_init_locks(core);
	if (err)
		goto free_core;
	*out = core;
	return 0;

free_core:
	env->free(env->context, core, sizeof(*core));
	return err;
}

int dmaown_core_create(const struct dmaown_env *env, struct dmaown_core **core)
{
	return core_create(env, &ownership_counted, core);
}

/*
 * Callbacks still run here, of remove and of IOMMUs, so objects end in the order of their use; and
 * none is freed before the last remove, which may put whatever its driver referred to.
 */
void dmaown_core_destroy(struct dmaown_core *core)
{
	struct dmaown_bus *bus;
	struct dmaown_env env;

	if (!core)
		return;
	list_for_each_entry (bus, &core->buses, on_core)
		bus_remove_devices(bus);
	while (!list_empty(&core->buses))
		bus_free(list_first_entry(&core->buses, struct dmaown_bus, on_core));
	while (!list_empty(&core->iommus))
		iommu_free(list_first_entry(&core->iommus, struct dmaown_iommu, on_core));
	env = core->env;
	lock_destroy(&env, &core->deferred_lock);
	lock_destroy(&env, &core->lists_lock);
	lock_destroy(&env, &core->iommu_lock);
	env.free(env.context, core, sizeof(*core));
}

const char *dmaown_warning_text(enum dmaown_warning warning)
{
	static const char *const texts[] = {
		[DMAOWN_WARN_UNUSE_UNBALANCED] = "DMA cleanup without a use of the group; ignored, "
						 "its bus must pair configure "
						 "and cleanup",
		[DMAOWN_WARN_UNUSE_PASID] = "DMA cleanup while a PASID is attached; the use stays, "
					    "detach the PASID first",
		[DMAOWN_WARN_RELEASE_UNCLAIMED] = "release without a claim; ignored",
		[DMAOWN_WARN_RELEASE_FOREIGN] = "release by someone who is not the owner; ignored",
		[DMAOWN_WARN_LEFT_CLAIMED] = "left its group claimed; the claim is ended, its "
					     "driver's remove must release",
		[DMAOWN_WARN_LEFT_USED] = "left its group in use; the use is ended",
		[DMAOWN_WARN_LEFT_BLOCKED] =
			"cannot be attached to its group's domain; its DMA stays blocked",
		[DMAOWN_WARN_MAPPINGS_LEFT] =
			"its driver left DMA mappings; they are unmapped, its remove must do that",
		[DMAOWN_WARN_JOIN_FAILED] = "could not join its group; its next bind tries again",
		[DMAOWN_WARN_JOIN_BOUND] =
			"does DMA already and cannot join a group; unbind it and scan again",
	};
	size_t count = sizeof(texts) / sizeof(texts[0]);

	return (size_t)warning < count ? texts[warning] : "unknown warning";
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
