/* SPDX-License-Identifier: MIT */
/*
 * dmaown core: who may do DMA through an IOMMU group, right now.
 *
 * The mechanism of Linux 6.12's device core and IOMMU layer as a library that a kernel, a
 * hypervisor or a driver host embeds with its own buses, drivers and IOMMU. A group belongs to the
 * kernel's drivers or to one user, never to both; a bind that would break this fails with an errno.
 * "section N" and "I1" to "I12" below are those of the specification, docs/mechanism.md.
 *
 * Terms
 *   group   the smallest set of devices that the hardware can isolate; one I/O address space
 *   domain  an address space; a group has a default one (the kernel drivers'), a blocking one, and
 *           a current one, which every device of the group is attached to
 *   native  a driver that does DMA through the default domain; binding it takes a use of the group
 *   managed a driver that does none or manages it itself (managed_dma); binding it takes nothing
 *   owner   the token of the user that has claimed the group; NULL while the kernel may use it
 *   count   uses by native devices when there is no owner, else the owner's claims
 *
 * Lifetime, the same for every object: create gives the caller one reference, the matching put (or
 * destroy, unregister) ends it, and the memory goes when nobody refers to it any more. What the
 * core itself needs it refers to itself. dmaown_core_destroy() ends everything that is left.
 *
 * Threads: every function may be called from any thread at any time, unless its comment requires
 * otherwise. Callbacks run in the caller's thread, under the locks that are named where they are
 * declared. Lock order: device lock, notifier chain, IOMMU device list, group mutex, then the lists
 * of buses and drivers (I9).
 *
 * Errors: 0 or a negative errno; results go through out-parameters, untouched on failure. The
 * library has no globals, makes no system call, reads no clock, never prints, exits or aborts.
 *
 * Example: a group is claimed for a user, and given back. `iommu_ops` are the embedder's, and put
 * the card in the group; so are `network_driver` and `card_description`. All else that is called
 * here gives 0. (examples/embed.c is a whole program.)
 *
 *	dmaown_pthread_env(&env);
 *	dmaown_core_create(&env, &core);
 *	dmaown_bus_create(core, &dmaown_bus_pci, &pci);
 *	dmaown_iommu_register(core, &iommu_ops, &group, &iommu);
 *	dmaown_group_create(iommu, "8", NULL, &group);
 *	dmaown_driver_register(pci, &network_driver, &driver);
 *	dmaown_device_create(pci, &card_description, &card);
 *	dmaown_device_add(card);
 *
 *	assert(dmaown_group_claim(group, user) == -EPERM); // the card's driver uses the group
 *	dmaown_device_unbind(card);
 *	assert(dmaown_group_claim(group, user) == 0);
 *	assert(dmaown_device_bind(card, driver) == -EBUSY); // the group is the user's
 *	dmaown_group_release(group, user);
 *	assert(dmaown_device_bind(card, driver) == 0);
 *	dmaown_core_destroy(core);
 */
#ifndef DMAOWN_CORE_H
#define DMAOWN_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DMAOWN_API __attribute__((visibility("default")))
#else
#define DMAOWN_API
#endif

/* "Try again when more has been set up": Linux's EPROBE_DEFER, which no libc header has. */
#define DMAOWN_EPROBE_DEFER 517

struct dmaown_core;
struct dmaown_bus;
struct dmaown_driver;
struct dmaown_device;
struct dmaown_iommu;
struct dmaown_group;
struct dmaown_domain;

/* ---- what the embedder gives ---- */

/* Room for one lock of the embedder's; it is neither moved nor copied while in use. */
#define DMAOWN_LOCK_BYTES 48
struct dmaown_lock {
	union {
		unsigned char bytes[DMAOWN_LOCK_BYTES];
		void *align_pointer;
		long long align_integer;
	} storage;
};

/* The locks that one thread holds, oldest first; only builds that check lock rules write it. */
#define DMAOWN_HELD_LOCKS 8
struct dmaown_held {
	const void *locks[DMAOWN_HELD_LOCKS];
	unsigned int count;
};

/* What went wrong without an errno to say it, because the operation cannot fail. */
enum dmaown_warning {
	DMAOWN_WARN_UNUSE_UNBALANCED,  /* a native cleanup without a use; nothing was changed */
	DMAOWN_WARN_UNUSE_PASID,       /* a native cleanup under a PASID; nothing was changed */
	DMAOWN_WARN_RELEASE_UNCLAIMED, /* a release without a claim; nothing was changed */
	DMAOWN_WARN_RELEASE_FOREIGN,   /* a release by someone else; nothing was changed */
	DMAOWN_WARN_LEFT_CLAIMED,      /* a device left its group claimed; the claim was ended */
	DMAOWN_WARN_LEFT_USED,         /* a device left its group counted; the use was ended */
	DMAOWN_WARN_LEFT_BLOCKED,      /* a device could not be attached; its DMA stays blocked */
	DMAOWN_WARN_MAPPINGS_LEFT,     /* a native driver left DMA mappings; they were unmapped */
	DMAOWN_WARN_JOIN_FAILED, /* a new device could not join its group; its bind tries again */
	DMAOWN_WARN_JOIN_BOUND,  /* a device that does DMA already cannot join; it did not */
};

/* One line that says what the warning means and what to do about it; static. */
DMAOWN_API const char *dmaown_warning_text(enum dmaown_warning warning);

/*
 * Memory, locks and scheduling points. Only `allocate` and `init_lock` can fail. The table is
 * copied by dmaown_core_create(); `context` must outlive the core.
 */
struct dmaown_env {
	void *context;
	/* Memory aligned for any type, or NULL; freed with the size that was asked for. */
	void *(*allocate)(void *context, size_t size);
	void (*free)(void *context, void *memory, size_t size);
	/* Mutexes, not recursive. init_lock returns 0 or -ENOMEM. */
	int (*init_lock)(void *context, struct dmaown_lock *lock);
	void (*destroy_lock)(void *context, struct dmaown_lock *lock);
	void (*lock)(void *context, struct dmaown_lock *lock);
	void (*unlock)(void *context, struct dmaown_lock *lock);
	/* Called where another thread's progress could be seen without a lock. May be NULL. */
	void (*reschedule)(void *context);
	/* Told of every warning, under the locks of the moment; must not call the core. May be
	 * NULL. */
	void (*warn)(void *context, enum dmaown_warning warning, const char *object);
	/* Lock checking, in builds with it: the calling thread's record, and what to do about a
	 * wrong order, a missing lock or another broken rule of the core's own (must not return).
	 * Both NULL: no checking. */
	struct dmaown_held *(*held)(void *context);
	void (*broken_lock_rule)(void *context, const char *message);
};

/*
 * Fills in a table for POSIX threads: malloc, free, pthread mutexes. In builds that check lock
 * rules it keeps a record per thread, and a broken rule is printed and aborts.
 */
DMAOWN_API void dmaown_pthread_env(struct dmaown_env *env);

/* ---- core ---- */

/*
 * Creates an empty core. -EINVAL: a required function is missing from `env`; -ENOMEM. Undone by
 * dmaown_core_destroy().
 */
DMAOWN_API int dmaown_core_create(const struct dmaown_env *env, struct dmaown_core **core);

/*
 * Removes every device, driver, bus, IOMMU, group and domain and frees them and the core, whatever
 * references are left. No other call into this core may be running. NULL is harmless.
 */
DMAOWN_API void dmaown_core_destroy(struct dmaown_core *core);

/*
 * Tries again every device whose probe was deferred (section 3). Every bind that succeeds does this
 * itself; it is needed only when something outside the core has changed. Callers hold no locks.
 */
DMAOWN_API void dmaown_core_retry_deferred(struct dmaown_core *core);

/* ---- bus types ---- */

/* The steps of a bind around the DMA set-up (section 3, "Bind"), in their order. */
enum dmaown_bind_step {
	DMAOWN_STEP_SUPPLIERS,
	DMAOWN_STEP_OLD_RESOURCES,
	DMAOWN_STEP_PINS,
	DMAOWN_STEP_LINKS,
	DMAOWN_STEP_POWER,
};

/* What notifiers are told of (section 2). */
enum dmaown_event {
	DMAOWN_ADD_DEVICE,
	DMAOWN_BIND_DRIVER,
	DMAOWN_BOUND_DRIVER,
	DMAOWN_UNBIND_DRIVER,
	DMAOWN_UNBOUND_DRIVER,
	DMAOWN_DRIVER_NOT_BOUND,
	DMAOWN_DEL_DEVICE,
	DMAOWN_REMOVED_DEVICE,
};

/* The event's name as the specification writes it; static. */
DMAOWN_API const char *dmaown_event_name(enum dmaown_event event);

/*
 * What a bus adds. The table is the embedder's and must outlive the core. All callbacks run with
 * the device's lock held. A member that is NULL is a step that the bus does not have.
 */
struct dmaown_bus_type {
	const char *name;
	/* Devices have a driver_override. */
	bool has_override;
	/* 1: the driver is for the device; 0: it is not; -DMAOWN_EPROBE_DEFER: the device can't
	 * tell yet. Required. */
	int (*match)(struct dmaown_device *device, const struct dmaown_driver *driver);
	/* Replace the driver's own probe and remove, which they must then call. */
	int (*probe)(struct dmaown_device *device);
	void (*remove)(struct dmaown_device *device);
	/*
	 * Make the device able to do DMA, and undo it. dmaown_dma_configure() and
	 * dmaown_dma_cleanup() are right for every bus: a bus adds its firmware step below. NULL,
	 * as another pair, does without the rule of ownership.
	 */
	int (*dma_configure)(struct dmaown_device *device);
	void (*dma_cleanup)(struct dmaown_device *device);
	/* What firmware says about the device's DMA; may call dmaown_device_join(). */
	int (*firmware_configure)(struct dmaown_device *device);
	void (*firmware_cleanup)(struct dmaown_device *device);
	/* A step of a bind, and its undoing (PINS, LINKS and POWER have one). */
	int (*bind_step)(struct dmaown_device *device, struct dmaown_driver *driver,
			 enum dmaown_bind_step step);
	void (*undo_bind_step)(struct dmaown_device *device, struct dmaown_driver *driver,
			       enum dmaown_bind_step step);
};

/*
 * The buses whose drivers can be overridden to give a device to a user, and host1x, which has no
 * override. A device's `identity` and a driver's `ids` are of the types below; an id table ends
 * with an all-zero entry. Each can be copied into a table of the embedder's that adds steps of its
 * own.
 */
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_pci;
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_platform;
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_amba;
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_fsl_mc;
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_cdx;
DMAOWN_API extern const struct dmaown_bus_type dmaown_bus_host1x;

/* Any vendor, device, subvendor or subdevice. */
#define DMAOWN_ANY_ID 0xffffffffu

/* pci and cdx; the class has base class, subclass and interface in its low 24 bits. */
struct dmaown_pci_identity {
	uint32_t vendor, device, subvendor, subdevice, device_class;
};
struct dmaown_pci_id {
	uint32_t vendor, device, subvendor, subdevice, device_class, class_mask;
	bool override_only; /* matches only where the override names the driver */
};

/* platform and host1x; compatible strings, the most specific first, NULL-ended, or NULL. */
struct dmaown_platform_identity {
	const char *name; /* without the instance; NULL: the device's name */
	const char *const *compatible;
};
struct dmaown_platform_id {
	const char *name;       /* matches identity.name */
	const char *compatible; /* matches any of identity.compatible */
};

/* amba: the peripheral id register, 0 while it can't be read. */
struct dmaown_amba_identity {
	uint32_t periphid;
};
struct dmaown_amba_id {
	uint32_t periphid, mask;
};

/* fsl-mc: an object of a type ("dpni"). */
struct dmaown_fsl_mc_identity {
	uint16_t vendor;
	const char *type;
};
struct dmaown_fsl_mc_id {
	uint16_t vendor;
	const char *type;
};

/*
 * Creates a bus of the type. It probes devices and drivers as they come (autoprobe on). -EINVAL: no
 * name or no match; -EEXIST: a bus of this name is there; -ENOMEM. It lives as long as the core.
 */
DMAOWN_API int dmaown_bus_create(struct dmaown_core *core, const struct dmaown_bus_type *type,
				 struct dmaown_bus **bus);

/* Whether devices and drivers that are added look for each other by themselves. */
DMAOWN_API void dmaown_bus_set_autoprobe(struct dmaown_bus *bus, bool autoprobe);

/*
 * Calls `visit` for every device that is on the bus, in the order of their creation, with a
 * reference and no lock held, until it returns something else than 0, which is returned.
 */
DMAOWN_API int dmaown_bus_for_each_device(struct dmaown_bus *bus,
					  int (*visit)(struct dmaown_device *device,
						       void *argument),
					  void *argument);

/*
 * Told of every event on a bus, in the order in which notifiers were added. `event` runs under the
 * chain's lock and, except for ADD, DEL and REMOVED, the device's lock; it may take a group's
 * mutex, but must not bind, unbind, add or remove. The memory is the embedder's, and stays until it
 * has been taken off the bus.
 */
struct dmaown_notifier {
	void (*event)(struct dmaown_notifier *notifier, enum dmaown_event event,
		      struct dmaown_device *device);
	struct dmaown_notifier *next; /* the core's */
};
DMAOWN_API void dmaown_bus_add_notifier(struct dmaown_bus *bus, struct dmaown_notifier *notifier);
DMAOWN_API void dmaown_bus_remove_notifier(struct dmaown_bus *bus,
					   struct dmaown_notifier *notifier);

/* ---- drivers ---- */

/*
 * What a driver is; the embedder's. It stays until every call into the core that had begun when
 * dmaown_driver_unregister() was called has returned: one may be matching it. Callbacks hold the
 * device's lock.
 */
struct dmaown_driver_type {
	const char *name;
	/* The driver does no DMA through the DMA API, or manages it itself: binding it takes no
	 * use. */
	bool managed_dma;
	/* Each bind probes, removes and probes again, as Linux can be built to do. */
	bool test_remove;
	const void *ids; /* of the bus's id type, ended by an all-zero entry; NULL: none */
	void *context;
	int (*probe)(struct dmaown_device *device);
	void (*remove)(struct dmaown_device *device);
	int (*add_attributes)(struct dmaown_device *device);
	void (*remove_attributes)(struct dmaown_device *device);
};

/*
 * Registers the driver and, with autoprobe, probes every device on the bus that it matches; what
 * those probes give is not reported. -EEXIST: the bus has a driver of this name; -EINVAL: no name;
 * -ENOMEM. Undone by dmaown_driver_unregister(). Callers hold no locks.
 */
DMAOWN_API int dmaown_driver_register(struct dmaown_bus *bus, const struct dmaown_driver_type *type,
				      struct dmaown_driver **driver);

/*
 * Takes the driver off its bus, unbinds it from its devices and ends the caller's reference. No
 * bind of it begins after this has returned. Callers hold no locks.
 */
DMAOWN_API void dmaown_driver_unregister(struct dmaown_driver *driver);

DMAOWN_API const struct dmaown_driver_type *dmaown_driver_type(const struct dmaown_driver *driver);

/* ---- devices ---- */

struct dmaown_device_description {
	const char *name;     /* copied; unique among the devices of the bus */
	const void *identity; /* of the bus's identity type; the embedder's, outlives the device */
	void *context;        /* the embedder's */
};

/*
 * Creates a device that is not yet on its bus. -EINVAL: no name; -ENOMEM. Undone by
 * dmaown_device_put().
 */
DMAOWN_API int dmaown_device_create(struct dmaown_bus *bus,
				    const struct dmaown_device_description *description,
				    struct dmaown_device **device);

DMAOWN_API void dmaown_device_get(struct dmaown_device *device);

/* NULL is harmless. Callers hold no lock but device locks and group mutexes. */
DMAOWN_API void dmaown_device_put(struct dmaown_device *device);

/*
 * Puts the device on its bus: ADD_DEVICE, then it joins its group where an IOMMU has one for it,
 * then, with autoprobe, a driver is looked for. That neither is found is no error. -EINVAL: it is
 * on the bus already, or being removed. Undone by dmaown_device_remove(). Callers hold no locks.
 */
DMAOWN_API int dmaown_device_add(struct dmaown_device *device);

/*
 * Takes the device off its bus: no new bind begins, DEL_DEVICE, its driver is unbound,
 * REMOVED_DEVICE, it leaves its group. -ENODEV: it is not on the bus, or is being removed already.
 * Waits for no user's file (I6, I10). Callers hold no locks. (Section 3, "Device leaves")
 */
DMAOWN_API int dmaown_device_remove(struct dmaown_device *device);

/*
 * Binds this driver. -ENODEV: the device is not on the bus, or the driver does not match or is
 * gone; -EBUSY: it has a driver, or its group is not the kernel's; -EAGAIN: deferred, and tried
 * again later; else the errno of the step that failed. A failed bind leaves everything as it was.
 * Undone by dmaown_device_unbind(). Callers hold no locks. (Section 3, "Bind"; I7, I8)
 */
DMAOWN_API int dmaown_device_bind(struct dmaown_device *device, struct dmaown_driver *driver);

/* Unbinds the driver that the device has. -ENODEV: none. Callers hold no locks. (Section 3,
 * "Unbind") */
DMAOWN_API int dmaown_device_unbind(struct dmaown_device *device);

/*
 * Looks for a driver, as sysfs's drivers_probe does. 0: bound, now or before, or no driver would
 * have it; -ENODEV: not on the bus; -DMAOWN_EPROBE_DEFER: deferred; else the errno of a bind that
 * failed before the driver's probe, which ends the search. Callers hold no locks.
 */
DMAOWN_API int dmaown_device_probe(struct dmaown_device *device);

/*
 * Sets the driver_override, copied, or clears it with NULL. -EOPNOTSUPP: the bus has none; -ENOMEM:
 * it is as before. Callers do not hold the device's lock.
 */
DMAOWN_API int dmaown_device_set_override(struct dmaown_device *device, const char *driver);

/* Take and drop the device's lock, under which its driver and group do not change. */
DMAOWN_API void dmaown_device_lock(struct dmaown_device *device);
DMAOWN_API void dmaown_device_unlock(struct dmaown_device *device);

DMAOWN_API const char *dmaown_device_name(const struct dmaown_device *device);
DMAOWN_API void *dmaown_device_context(const struct dmaown_device *device);
DMAOWN_API const void *dmaown_device_identity(const struct dmaown_device *device);
DMAOWN_API struct dmaown_bus *dmaown_device_bus(const struct dmaown_device *device);

/* NULL: none. Device lock held, and the results are good while it is. */
DMAOWN_API struct dmaown_driver *dmaown_device_driver(const struct dmaown_device *device);
DMAOWN_API struct dmaown_group *dmaown_device_group(const struct dmaown_device *device);
DMAOWN_API const char *dmaown_device_override(const struct dmaown_device *device);

/* ---- the generic path of DMA set-up ---- */

/*
 * The bus's firmware step; then the device joins its group if it has not yet; then, for a native
 * driver, the default domain is used (section 3, "Bind", 2). -DMAOWN_EPROBE_DEFER: the default
 * domain is not set up yet; -EBUSY: the group is not the kernel's; else what the firmware step or
 * the joining gave. On failure the firmware step is undone. Device lock held. Undone by
 * dmaown_dma_cleanup().
 */
DMAOWN_API int dmaown_dma_configure(struct dmaown_device *device);

/* Ends the use that the configure took, then undoes the firmware step. Device lock held. */
DMAOWN_API void dmaown_dma_cleanup(struct dmaown_device *device);

#define DMAOWN_READ 1u
#define DMAOWN_WRITE 2u

/*
 * A native driver maps memory for its device in the default domain, and unmaps exactly that again.
 * Sizes and addresses in bytes, multiples of the IOMMU's page. Without a group, or in an identity
 * domain, `iova` must be `phys`. -EPERM: not between configure and cleanup (I11); -EINVAL:
 * addresses; -EEXIST: overlaps; -ENOMEM; unmap: -ENOENT: there is no such mapping. Nothing is kept
 * of a mapping without a group: overlaps are not seen, and every unmap is 0. Called by the device's
 * driver between the begin of its probe and the end of its remove; what is left at cleanup is
 * unmapped with a warning.
 */
DMAOWN_API int dmaown_dma_map(struct dmaown_device *device, uint64_t iova, uint64_t phys,
			      uint64_t size, unsigned int access);
DMAOWN_API int dmaown_dma_unmap(struct dmaown_device *device, uint64_t iova, uint64_t size);

/* ---- IOMMUs ---- */

enum dmaown_domain_kind {
	DMAOWN_DOMAIN_NONE, /* no domain */
	DMAOWN_DOMAIN_DMA,
	DMAOWN_DOMAIN_DMA_FQ, /* translated, with unmaps that take effect in batches */
	DMAOWN_DOMAIN_IDENTITY,
	DMAOWN_DOMAIN_BLOCKED,
	DMAOWN_DOMAIN_UNMANAGED,
};

/* As sysfs writes it: "DMA", "DMA-FQ", "identity", "blocked"; also "unmanaged", "none". Static. */
DMAOWN_API const char *dmaown_domain_kind_name(enum dmaown_domain_kind kind);

/* Memory that firmware wants the device to reach 1:1, in bytes. */
struct dmaown_region {
	uint64_t start, size;
};

/*
 * What an IOMMU does; the embedder's, outlives the IOMMU. `hardware` is what create_domain stored.
 * All run under the group's mutex, except: device_group under the IOMMU device list's lock, and
 * those for a domain of dmaown_domain_create() under no lock.
 */
struct dmaown_iommu_ops {
	/* Stores the device's group with a reference for the core; may call dmaown_group_create().
	 * -ENODEV: the device is not behind this IOMMU. Required. */
	int (*device_group)(void *context, struct dmaown_device *device,
			    struct dmaown_group **group);
	/* The kind that the group's default domain begins as. NULL: DMA. */
	enum dmaown_domain_kind (*default_kind)(void *context, struct dmaown_device *device);
	/* Stores region `index` of the device; -ENOENT: there are no more. NULL: none has any. */
	int (*direct_region)(void *context, struct dmaown_device *device, unsigned int index,
			     struct dmaown_region *region);
	/* Required. */
	int (*create_domain)(void *context, enum dmaown_domain_kind kind, void **hardware);
	void (*destroy_domain)(void *context, void *hardware);
	/* A domain under use goes from DMA to DMA-FQ. NULL: -EOPNOTSUPP. */
	int (*enable_flush_queue)(void *context, void *hardware);
	/* Replaces what the device was attached to, completely or not at all. Required. */
	int (*attach)(void *context, struct dmaown_device *device, void *hardware);
	/* The device is attached to nothing and all its DMA faults. Required. */
	void (*block)(void *context, struct dmaown_device *device);
	/* map and unmap come together; NULL: nothing can be mapped (-EOPNOTSUPP). unmap takes away
	 * exactly what one map mapped, or is -ENOENT. */
	int (*map)(void *context, void *hardware, uint64_t iova, uint64_t phys, uint64_t size,
		   unsigned int access);
	int (*unmap)(void *context, void *hardware, uint64_t iova, uint64_t size);
	int (*translate)(void *context, void *hardware, uint64_t iova, uint64_t *phys);
	/* NULL: no PASIDs (-EOPNOTSUPP). */
	int (*attach_pasid)(void *context, struct dmaown_device *device, uint32_t pasid,
			    void *hardware);
	void (*detach_pasid)(void *context, struct dmaown_device *device, uint32_t pasid);
};

/*
 * Makes the IOMMU known: devices added from now on join its groups. -EINVAL: a required operation
 * is missing; -ENOMEM. Undone by dmaown_iommu_unregister().
 */
DMAOWN_API int dmaown_iommu_register(struct dmaown_core *core, const struct dmaown_iommu_ops *ops,
				     void *context, struct dmaown_iommu **iommu);

/*
 * Finds the devices that were there before the IOMMU: all join their groups first, then each group
 * gets its default domain; a native bind in between is deferred (section 6, 3 and 13). Does as much
 * as it can and returns the first errno; may be called again. Callers hold no locks.
 */
DMAOWN_API int dmaown_iommu_scan(struct dmaown_iommu *iommu);

/*
 * Frees the IOMMU. -EBUSY: a group or a domain of it is left; nothing was changed. Callers hold no
 * locks.
 */
DMAOWN_API int dmaown_iommu_unregister(struct dmaown_iommu *iommu);

/*
 * Puts the device in its group and on the group's current domain, setting up the default domain for
 * the first one. 0 also when it is in a group already; -ENODEV: it is not on its bus, or no IOMMU
 * has it; -EBUSY: it does DMA without a group already; else what the IOMMU gave, and the device is
 * in no group. Device lock held. Undone when the device is removed. (Section 3, "Device joins a
 * group")
 */
DMAOWN_API int dmaown_device_join(struct dmaown_device *device);

/* ---- groups ---- */

/*
 * Creates an empty group of the IOMMU; the name is copied. -EINVAL: no name; -ENOMEM. Undone by
 * dmaown_group_put().
 */
DMAOWN_API int dmaown_group_create(struct dmaown_iommu *iommu, const char *name, void *context,
				   struct dmaown_group **group);
DMAOWN_API void dmaown_group_get(struct dmaown_group *group);

/* NULL is harmless. Callers do not hold the group's mutex. */
DMAOWN_API void dmaown_group_put(struct dmaown_group *group);

DMAOWN_API const char *dmaown_group_name(const struct dmaown_group *group);
DMAOWN_API void *dmaown_group_context(const struct dmaown_group *group);

/* A group at one moment. */
struct dmaown_group_state {
	const void *owner;
	unsigned int count;
	unsigned int devices;
	unsigned int pasids;
	enum dmaown_domain_kind default_kind, current_kind;
};
DMAOWN_API void dmaown_group_read(struct dmaown_group *group, struct dmaown_group_state *state);

/*
 * Claims the whole group for one user, known by the token `owner`: all its devices go to the
 * blocking domain. -EINVAL: no token, or a device has firmware 1:1 regions; -EPERM: the group is in
 * use by native drivers, or claimed, be it by the same owner; -EBUSY: its current domain is neither
 * none nor the default, or a PASID is attached; -ENODEV: it has no devices; else what the IOMMU
 * gave. A failed claim has no effect. Undone by dmaown_group_release(). (Section 3, "Claim a
 * group")
 */
DMAOWN_API int dmaown_group_claim(struct dmaown_group *group, const void *owner);

/*
 * Gives the group back: count 0, no owner, the default domain. A device that can't go back is left
 * blocked, with a warning. It cannot fail but for the caller's own errors, which change nothing:
 * -EINVAL: the group is not claimed as a whole, -EPERM: not by this owner (both are warned of too);
 * -EBUSY: claims of single devices are left. (Section 3, "Release"; I7)
 */
DMAOWN_API int dmaown_group_release(struct dmaown_group *group, const void *owner);

/*
 * Claims one device for an owner, who may claim several of a group so; each claim counts. -ENODEV:
 * no group; -EPERM: the group is in use, or another owner's; else as dmaown_group_claim(). The
 * device stays bound to the caller's driver, and so in its group, meanwhile. Undone by
 * dmaown_device_release(). (Section 3, "Claim a device")
 */
DMAOWN_API int dmaown_device_claim(struct dmaown_device *device, const void *owner);

/*
 * Ends one claim of the device; the group's last one ends the ownership. -ENODEV: no group;
 * -EINVAL: the device is not claimed; -EPERM: not by this owner; changes nothing then.
 */
DMAOWN_API int dmaown_device_release(struct dmaown_device *device, const void *owner);

/*
 * Creates an empty address space for a user's own map. -ENOMEM, or what the IOMMU gave. Destroying
 * it is -EBUSY while a device is attached to it (I4).
 */
DMAOWN_API int dmaown_domain_create(struct dmaown_iommu *iommu, struct dmaown_domain **domain);
DMAOWN_API int dmaown_domain_destroy(struct dmaown_domain *domain);

/*
 * In bytes, multiples of the IOMMU's page; what the IOMMU gives is passed on: -EINVAL: addresses;
 * -EEXIST: overlaps; -ENOMEM: as before; unmap and translate: -ENOENT: nothing is there. Unmap
 * takes away exactly what one map mapped.
 */
DMAOWN_API int dmaown_domain_map(struct dmaown_domain *domain, uint64_t iova, uint64_t phys,
				 uint64_t size, unsigned int access);
DMAOWN_API int dmaown_domain_unmap(struct dmaown_domain *domain, uint64_t iova, uint64_t size);
DMAOWN_API int dmaown_domain_translate(struct dmaown_domain *domain, uint64_t iova, uint64_t *phys);

/*
 * The owner puts all devices of the group on its own domain. -EPERM: `owner` is not the group's;
 * -EBUSY: the current domain is neither none, default nor blocking; -EINVAL: a domain of another
 * IOMMU; -ENODEV: no devices; else what the IOMMU gave, and nothing has changed. With `owner` NULL
 * a kernel user that manages its DMA itself does so on a group that is nobody's; -EBUSY then also
 * while it is in use. Undone by dmaown_group_detach(). (Section 3, "The owner attaches its own
 * domain")
 */
DMAOWN_API int dmaown_group_attach(struct dmaown_group *group, const void *owner,
				   struct dmaown_domain *domain);

/*
 * Back to the blocking domain while there is an owner, else to the default one; a device that can't
 * go there is left blocked, with a warning. -EINVAL: `domain` is not the group's current one.
 */
DMAOWN_API int dmaown_group_detach(struct dmaown_group *group, struct dmaown_domain *domain);

/*
 * Changes the kind of the default domain: DMA to DMA-FQ in place at any time; anything else is
 * -EPERM while the group is in use or empty. -EINVAL: not a kind of default domain, or the group
 * has none yet; -EBUSY: the current domain is not the default; else what the IOMMU gave, and
 * nothing has changed. NONE asks for the IOMMU's own choice. (Section 3, "Change the default
 * domain's type")
 */
DMAOWN_API int dmaown_group_set_default_kind(struct dmaown_group *group,
					     enum dmaown_domain_kind kind);

/*
 * Attaches a domain to one PASID of a device. Until it is detached the group can't be claimed, no
 * further native driver binds, and a native cleanup does not give up its use. -ENODEV: no group;
 * -EINVAL: PASID 0, or a domain of another IOMMU; -EBUSY: taken; -EOPNOTSUPP: no PASIDs here;
 * -ENOMEM. Detach: -ENOENT: not attached. The device stays bound, and so in its group, meanwhile.
 */
DMAOWN_API int dmaown_device_attach_pasid(struct dmaown_device *device, uint32_t pasid,
					  struct dmaown_domain *domain);
DMAOWN_API int dmaown_device_detach_pasid(struct dmaown_device *device, uint32_t pasid);

/*
 * Keep the device's DMA blocked while it is being reset, whatever domain the group is switched to
 * meanwhile, and then put it on the group's current one (section 6, 12). -ENODEV: no group;
 * -EINVAL: begun twice, or ended without a begin. A device that can't be attached again stays
 * blocked, with a warning. The device stays in its group meanwhile.
 */
DMAOWN_API int dmaown_device_reset_begin(struct dmaown_device *device);
DMAOWN_API int dmaown_device_reset_end(struct dmaown_device *device);

#ifdef __cplusplus
}
#endif

#endif
