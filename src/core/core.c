/* SPDX-License-Identifier: MIT */
/* The core itself: its beginning, and its end with all that is left in it. */
#include "ownership.h"

#include <errno.h>
#include <string.h>

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
