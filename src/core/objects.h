/* SPDX-License-Identifier: MIT */
/*
 * The objects of the mechanism, and which lock guards what.
 *
 * Lock order (I9), from the outermost: device lock, notifier chain, iommu_lock, group mutex, the
 * lists locks, driver lock, deferred_lock. lock.h has the ranks and the checks.
 *
 * Lifetime: an object is freed when its last reference is put. Besides its creator a device is
 * referred to by its bus while it is added, and by the deferred list; a group by each of its
 * devices; a driver by whoever walks the list of drivers. Lists hold objects without referring to
 * them: the last put takes the object off, and who finds it on a list must use the _unless_dying
 * get.
 */
#ifndef DMAOWN_CORE_OBJECTS_H
#define DMAOWN_CORE_OBJECTS_H

#include "list.h"
#include "lock.h"

#include <stdatomic.h>

struct ownership_design;

struct dmaown_core {
	struct dmaown_env env;
	const struct ownership_design *ownership;
	struct lock
		iommu_lock; /* guards iommus, and every device's way into and out of its group */
	struct lock lists_lock;    /* guards buses, and each IOMMU's groups and domains */
	struct lock deferred_lock; /* guards deferred and every device.on_deferred */
	struct list buses;
	struct list iommus;
	struct list deferred;
	atomic_uint deferred_count;
	atomic_uint triggers;       /* of a retry so far; a deferral compares, to miss none */
	atomic_bool retry_deferred; /* a bind has succeeded since the deferred ones were tried */
};

struct dmaown_bus {
	struct dmaown_core *core;
	const struct dmaown_bus_type *type;
	struct list on_core;
	struct lock chain_lock; /* guards notifiers and their next */
	struct lock lists_lock; /* guards devices and drivers, and membership in them */
	struct dmaown_notifier *notifiers;
	atomic_uint notifier_count; /* to see without the lock that nobody listens */
	atomic_bool autoprobe;
	struct list devices; /* all that exist, added or not */
	struct list drivers; /* all that exist; .registered says whether they may bind */
};

struct dmaown_driver {
	struct dmaown_bus *bus;
	const struct dmaown_driver_type *type;
	atomic_uint references;
	struct lock lock;  /* guards bound and every device.on_driver in it */
	struct list bound; /* devices from the begin of their bind to the end of their unbind */
	struct list on_bus;
	bool registered; /* written under the bus's lists lock and the lock; either lets one read it
			  */
};

/* A native device's use of its group. Overdue: its cleanup came while a PASID kept the use. */
enum use { USE_NONE, USE_COUNTED, USE_OVERDUE };

struct dmaown_device {
	struct dmaown_bus *bus;

	/* Guards driver, override, adding to removing, configured and the bind itself. */
	struct lock lock;
	struct dmaown_driver *driver;
	bool adding;
	bool added;
	bool removing;
	bool configured; /* between a successful dma_configure and its dma_cleanup */
	bool native;     /* the flag at that configure, for the same at its cleanup (I5) */

	/* Guarded by the group's mutex. */
	bool resetting;
	bool stranded;                  /* could not be attached to the current domain: blocked */
	bool direct;                    /* has firmware 1:1 regions */
	enum use use;                   /* its part of the group's count without an owner */
	unsigned int claims;            /* and with one, through dmaown_device_claim() */
	struct dmaown_domain *attached; /* what the hardware is attached to; NULL: blocked */
	struct list mappings;           /* struct mapping: a native driver's DMA (I11) */

	/* Written under device lock, iommu_lock and the group's mutex; any of them lets one read
	 * it. */
	struct dmaown_group *group;

	/* What changes seldom comes last, so that what changes at every bind shares no cache line
	 * with the next object in memory. */
	struct list on_group; /* guarded by the group's mutex */
	struct list on_driver;
	struct list on_bus;
	struct list on_deferred; /* guarded by core.deferred_lock */
	char *override;
	void *context;
	const void *identity;
	atomic_uint references;

	char name[];
};

/* One dmaown_dma_map(), on dmaown_device.mappings. */
struct mapping {
	struct list on_device;
	uint64_t iova, size;
};

struct dmaown_iommu {
	struct dmaown_core *core;
	const struct dmaown_iommu_ops *ops;
	void *context;
	struct list on_core; /* guarded by core.iommu_lock */
	struct list groups;  /* guarded by core.lists_lock, as domains */
	struct list domains; /* those of dmaown_domain_create() */
};

struct dmaown_group {
	struct dmaown_core *core;
	struct dmaown_iommu *iommu;

	struct lock mutex; /* guards all up to claimed_whole */
	const void *owner;
	unsigned int count;
	struct dmaown_domain *default_domain; /* the group's own; NULL before it is set up */
	struct dmaown_domain *current;        /* NULL: none, all its devices are blocked */
	struct list pasids;                   /* struct pasid */

	/* What changes seldom comes last, as in a device. */
	struct list devices;
	struct dmaown_domain *blocking_domain; /* the group's own; NULL before the first claim */
	bool claimed_whole; /* one of the owner's claims is dmaown_group_claim()'s */

	void *context;
	struct list on_iommu;
	atomic_uint references;

	char name[];
};

struct dmaown_domain {
	struct dmaown_iommu *iommu;
	struct list on_iommu; /* unlinked on a group's own domains */
	void *hardware;
	enum dmaown_domain_kind
		kind;      /* DMA becomes DMA_FQ under the mutex of the group that owns it */
	atomic_uint users; /* devices and PASIDs attached, and groups whose current it is */
};

/* One dmaown_device_attach_pasid(), on dmaown_group.pasids. */
struct pasid {
	struct list on_group;
	struct dmaown_device *device;
	struct dmaown_domain *domain;
	uint32_t number;
};

/* env.c: zeroed memory or NULL, and its end. NULL is harmless. */
void *core_allocate(struct dmaown_core *core, size_t size);
void core_free(struct dmaown_core *core, void *memory, size_t size);
void core_warn(struct dmaown_core *core, enum dmaown_warning warning, const char *object);
void core_reschedule(struct dmaown_core *core);
/* What a function requires of the core's other files. Builds that check lock rules check it too and
 * give the rule, in words, to broken_lock_rule(); others do not evaluate the condition. */
#ifdef DMAOWN_CHECK_LOCKS
void core_require(struct dmaown_core *core, bool holds, const char *rule);
#else
#define core_require(core, holds, rule) ((void)sizeof(holds))
#endif

/* core.c: -EINVAL for a table that lacks something; else as dmaown_core_create(), with another
 * design. */
int core_create(const struct dmaown_env *env, const struct ownership_design *design,
		struct dmaown_core **core);

/* bus.c: free requires that the devices have been removed. */
void bus_remove_devices(struct dmaown_bus *bus);
void bus_free(struct dmaown_bus *bus);
void bus_notify(struct dmaown_device *device, enum dmaown_event event);

/* driver.c: the driver after `driver` (NULL: the first), referred to; puts `driver`.
 */
struct dmaown_driver *driver_next(struct dmaown_bus *bus, struct dmaown_driver *driver);
void driver_put(struct dmaown_driver *driver);
/* Device lock held. Sets the device's driver; -ENODEV: the driver is not registered any more. */
int driver_begin_bind(struct dmaown_driver *driver, struct dmaown_device *device);
void driver_end_bind(struct dmaown_device *device);

/* device.c: the device after `device` (NULL: the first), referred to; puts `device`. */
struct dmaown_device *device_next(struct dmaown_bus *bus, struct dmaown_device *device);
void device_free(struct dmaown_device *device);
bool get_unless_dying(atomic_uint *references);
static inline struct dmaown_core *device_core(const struct dmaown_device *device)
{
	return device->bus->core;
}

/* bind.c: device lock held. probe_device() gives what dmaown_device_probe() does. */
int probe_device(struct dmaown_device *device);
int probe_with(struct dmaown_device *device, struct dmaown_driver *driver);
void unbind_device(struct dmaown_device *device);

/* deferred.c: `triggers` is what core.triggers was before the probe that defers began. */
void deferred_add(struct dmaown_device *device, unsigned int triggers);
void deferred_remove(struct dmaown_device *device);
/* Some bind has succeeded, or a group has become usable: the deferred ones deserve another try. */
void deferred_trigger(struct dmaown_core *core);
/* Tries them if that is so; called last by what can trigger, with no locks held. */
void deferred_run(struct dmaown_core *core);

/* iommu.c: device lock held. */
void iommu_leave(struct dmaown_device *device);
void iommu_free(struct dmaown_iommu *iommu);

/* domain.c: a domain that is on no list; free requires that nothing is attached. */
int domain_create(struct dmaown_iommu *iommu, enum dmaown_domain_kind kind,
		  struct dmaown_domain **domain);
void domain_free(struct dmaown_domain *domain);

/* A group's own domain needs no count: it is pointed at under that group's mutex alone. */
static inline bool domain_is_users(const struct dmaown_domain *domain)
{
	return domain && domain->kind == DMAOWN_DOMAIN_UNMANAGED;
}

/* Moves *place to another domain, or to NULL. */
static inline void domain_point(struct dmaown_domain **place, struct dmaown_domain *domain)
{
	if (domain_is_users(domain))
		atomic_fetch_add(&domain->users, 1);
	if (domain_is_users(*place))
		atomic_fetch_sub(&(*place)->users, 1);
	*place = domain;
}

/* group.c: the group's mutex held, but for free. */
int group_set_up_default(struct dmaown_group *group);
int group_switch(struct dmaown_group *group, struct dmaown_domain *domain);
/* To another than the default, which is set up first if need be, to have somewhere to go back to.
 */
int group_switch_away(struct dmaown_group *group, struct dmaown_domain *domain);
void group_switch_nofail(struct dmaown_group *group, struct dmaown_domain *domain);
void group_free(struct dmaown_group *group);
int device_attach(struct dmaown_device *device, struct dmaown_domain *domain);
/* What firmware wants 1:1 for the device, in a domain that can be the group's default one. */
int device_map_direct(struct dmaown_device *device, struct dmaown_domain *domain);
void device_block(struct dmaown_device *device);
void device_strand(struct dmaown_device *device);

/* dma.c: the group's mutex held. */
void dma_unmap_all(struct dmaown_device *device);

/* claim.c: the group's mutex held. The device leaves: ends the claims and uses that it still has.
 */
void claim_device_leaves(struct dmaown_device *device);
void claim_group_empties(struct dmaown_group *group);

/* pasid.c: the group's mutex held. */
void pasid_detach_all(struct dmaown_device *device);

static inline void group_lock(struct dmaown_group *group)
{
	lock_take(&group->core->env, &group->mutex);
}

static inline void group_unlock(struct dmaown_group *group)
{
	lock_drop(&group->core->env, &group->mutex);
}

static inline void group_assert_locked(struct dmaown_group *group)
{
	lock_assert_held(&group->core->env, &group->mutex);
}

static inline void device_assert_locked(struct dmaown_device *device)
{
	lock_assert_held(&device_core(device)->env, &device->lock);
}

#endif
