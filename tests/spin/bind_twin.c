/* SPDX-License-Identifier: MIT */
#include "bind_twin.h"

#include "subject.h"

#include <dmaown/core.h>

#include <string.h>

unsigned int bind_threads;

static struct dmaown_core *core;
static struct dmaown_bus *bus;
static struct dmaown_iommu *iommu;
static struct dmaown_group *group;
static struct dmaown_device *devices[EXPLORE_THREADS_MAX];
static struct dmaown_driver *drivers[EXPLORE_THREADS_MAX];

/* ---- the core's environment ---- */

static void *env_allocate(void *context, size_t size)
{
	return explored_allocate(size);
}

static void env_free(void *context, void *memory, size_t size)
{
	explored_free(memory);
}

static int env_init_lock(void *context, struct dmaown_lock *lock)
{
	*lock = (struct dmaown_lock) {0};
	return 0;
}

static void env_destroy_lock(void *context, struct dmaown_lock *lock)
{
}

static void env_lock(void *context, struct dmaown_lock *lock)
{
	explored_lock((struct explored_lock *)lock);
}

static void env_unlock(void *context, struct dmaown_lock *lock)
{
	explored_unlock((struct explored_lock *)lock);
}

static const struct dmaown_env env = {
	.allocate = env_allocate,
	.free = env_free,
	.init_lock = env_init_lock,
	.destroy_lock = env_destroy_lock,
	.lock = env_lock,
	.unlock = env_unlock,
};

/* ---- a bus, its drivers, and an IOMMU with one group: none of them has a state of its own ---- */

/* A driver is for the device of its name. */
static int match(struct dmaown_device *device, const struct dmaown_driver *driver)
{
	return strcmp(dmaown_device_name(device), dmaown_driver_type(driver)->name) == 0;
}

static const struct dmaown_bus_type bus_type = {
	.name = "bus",
	.match = match,
	.dma_configure = dmaown_dma_configure,
	.dma_cleanup = dmaown_dma_cleanup,
};

static const struct dmaown_driver_type driver_types[EXPLORE_THREADS_MAX] = {
	{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"},
	{.name = "e"}, {.name = "f"}, {.name = "g"}, {.name = "h"},
};

static int device_group(void *context, struct dmaown_device *device, struct dmaown_group **out)
{
	int err = 0;

	if (group)
		dmaown_group_get(group);
	else
		err = dmaown_group_create(iommu, "group", NULL, &group);
	if (!err)
		*out = group;
	return err;
}

static int create_domain(void *context, enum dmaown_domain_kind kind, void **hardware)
{
	*hardware = NULL;
	return 0;
}

static void destroy_domain(void *context, void *hardware)
{
}

static int attach(void *context, struct dmaown_device *device, void *hardware)
{
	return 0;
}

static void block(void *context, struct dmaown_device *device)
{
}

static const struct dmaown_iommu_ops iommu_ops = {
	.device_group = device_group,
	.create_domain = create_domain,
	.destroy_domain = destroy_domain,
	.attach = attach,
	.block = block,
};

/* ---- the program ---- */

static int add_device(unsigned int thread)
{
	const struct dmaown_device_description description = {.name = driver_types[thread].name};
	int err = dmaown_device_create(bus, &description, &devices[thread]);

	if (!err)
		err = dmaown_device_add(devices[thread]);
	if (!err)
		err = dmaown_driver_register(bus, &driver_types[thread], &drivers[thread]);
	return err;
}

int bind_set_up(void *context)
{
	int err = dmaown_core_create(&env, &core);

	group = NULL;
	if (!err)
		err = dmaown_bus_create(core, &bus_type, &bus);
	if (!err)
		err = dmaown_iommu_register(core, &iommu_ops, NULL, &iommu);
	if (err)
		return err;
	dmaown_bus_set_autoprobe(bus, false);
	for (unsigned int thread = 0; thread < bind_threads && !err; thread++)
		err = add_device(thread);
	return err;
}

void bind_tear_down(void *context)
{
	dmaown_core_destroy(core);
}

void bind_round(unsigned int thread)
{
	if (thread < bind_threads) {
		dmaown_device_bind(devices[thread], drivers[thread]);
		dmaown_device_unbind(devices[thread]);
	} else if (dmaown_group_claim(group, &devices[thread]) == 0) {
		dmaown_group_release(group, &devices[thread]);
	}
}
