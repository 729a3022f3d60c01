/* SPDX-License-Identifier: MIT */
/*
 * The parts of a simulated machine.
 *
 * Locks, from the outermost: machine.host serializes what a host's administrator does (bind,
 * remove, rescan, drivers ...); then the core's device lock; then machine.vfio, which guards group
 * files and what VFIO knows of groups and devices; then the core's group mutex and the hardware's
 * own locks.
 *
 * The machine owns everything here and frees it when it is closed, group files excepted, which are
 * their openers'. Devices and groups are as many as the facts had, and stay where they are.
 */
#ifndef DMAOWN_SIM_MACHINE_PARTS_H
#define DMAOWN_SIM_MACHINE_PARTS_H

#include "edu.h"
#include "iommu.h"
#include "kernel_answers.h"
#include "list.h"
#include "machine.h"
#include "memory.h"

#include <dmaown/core.h>
#include <pthread.h>

struct sim_machine;
struct sim_file;

/* What a bus's match rules look at, in the form of the device's bus. */
union sim_identity {
	struct dmaown_pci_identity pci;
	struct dmaown_platform_identity platform;
	struct dmaown_amba_identity amba;
	struct dmaown_fsl_mc_identity fsl_mc;
};

struct sim_device {
	struct sim_machine *machine;
	const struct device_facts *facts; /* in machine.facts */
	union sim_identity identity;
	struct dmaown_device *core;
	struct sim_group *group; /* NULL: no IOMMU translates for it */
	uint32_t requester;
	struct edu *edu; /* what the device does DMA with when told; NULL: nothing */
	bool described; /* firmware has said what the device's IOMMU is; written as core.group is */
	bool present;   /* guarded by machine.host, as the next two */
	uint64_t instance; /* how often it has come */
	bool resetting;    /* on a kernel whose resets do not block; else the core knows */
	bool mapped; /* its native driver has mapped the page, at an IOVA that is its address */
	uint64_t page;
	bool stray; /* its driver was careless, and its DMA went through after its removal */
	bool user;  /* bound to a user driver; guarded by machine.vfio, as the next */
	struct sim_file *open_in;
};

struct sim_group {
	const struct group_facts *facts; /* in machine.facts */
	struct dmaown_group *core;
	unsigned int user_devices; /* bound to user drivers: /dev/vfio/N exists; by machine.vfio */
	struct sim_file *file;     /* the one that is open, or NULL; by machine.vfio */
	_Atomic bool damaged;      /* the kernel crashes when it next attaches the group */
	struct group_node node;    /* while there is one; by machine.vfio */
};

struct sim_driver {
	struct list on_machine;
	struct sim_machine *machine;
	struct dmaown_driver_type type;
	struct dmaown_driver *core;
	const char *bus;
	char **ids; /* owned, all of them: type.ids has those that its entries can say */
	size_t id_count;
	bool user, maps, dma_after_remove;
	enum bind_stage fail_at;
	int error;
	unsigned int failures; /* that are left; 0 with `endless`: no end of them */
	bool endless;
};

/* A user's mapping of memory that the machine gave out for it. */
struct sim_map {
	struct list on_file;
	uint64_t iova, phys, size;
};

/* An open group. Guarded by machine.vfio. */
struct sim_file {
	struct group_file base;
	struct sim_machine *machine;
	struct sim_group *group; /* NULL: revoked, the last user driver has left the group */
	bool claimed;
	struct dmaown_domain *domain; /* the user's own, attached; NULL: none */
	struct list maps;
};

#define SIM_BUSES 6

struct sim_machine {
	struct machine base;
	struct sim_alloc alloc;
	struct facts
		facts; /* as it was made; what may have changed since is read from the objects */
	struct kernel_answers answers;
	struct memory *memory;
	struct iommu_unit *unit;
	struct dmaown_core *core;
	struct dmaown_iommu *iommu;
	struct dmaown_bus_type bus_types[SIM_BUSES];
	const struct dmaown_bus_type *core_types[SIM_BUSES]; /* of which those are made */
	struct dmaown_bus *buses[SIM_BUSES];
	struct sim_device *devices; /* facts.device_count */
	struct sim_group *groups;   /* facts.group_count */
	struct list drivers;        /* struct sim_driver; guarded by host */
	pthread_mutex_t host;
	pthread_mutex_t vfio;
};

static inline struct sim_machine *sim_machine_of(struct machine *machine)
{
	return container_of(machine, struct sim_machine, base);
}

static inline void lock_host(struct sim_machine *machine)
{
	pthread_mutex_lock(&machine->host);
}

static inline void unlock_host(struct sim_machine *machine)
{
	pthread_mutex_unlock(&machine->host);
}

static inline void lock_vfio(struct sim_machine *machine)
{
	pthread_mutex_lock(&machine->vfio);
}

static inline void unlock_vfio(struct sim_machine *machine)
{
	pthread_mutex_unlock(&machine->vfio);
}

/* machine_parts.c. */
void *sim_allocate(struct sim_machine *machine, size_t size);
void sim_free(struct sim_machine *machine, void *memory);

/* NULL: there is none. machine.host held for drivers. */
struct sim_device *sim_device_find(struct sim_machine *machine, const char *address);
/* The same of a device that is there now; machine.host held. */
struct sim_device *sim_present_device(struct sim_machine *machine, const char *address);
struct sim_group *sim_group_find(struct sim_machine *machine, int id);
struct dmaown_bus *sim_bus_find(struct sim_machine *machine, const char *name);
struct sim_driver *sim_driver_find(struct sim_machine *machine, const char *bus, const char *name);

/* from_facts.c: makes all that a machine, which is zero but for its lists and locks, consists of:
 * contract of sim_machine_open(). After a failure it is good for sim_close() only. */
int sim_machine_make(struct sim_machine *machine, const struct facts *facts, char **why);

/* to_facts.c: contract of machine_read(). */
int sim_read(struct machine *machine, struct facts *out);

/* removal.c: contracts of machine_remove() and machine_rescan(). */
int sim_remove(struct machine *machine, const char *address);
int sim_rescan(struct machine *machine);

/* identity.c: -EINVAL: the facts of the device can't be read for its bus, or an id is not valid
 * there. */
int sim_identity_parse(const struct device_facts *facts, union sim_identity *identity);
/* Stores a table for dmaown_driver_type.ids of those ids that it can say, NULL if there are none,
 * freed by sim_ids_free(). */
int sim_ids_parse(struct sim_machine *machine, const char *bus, const char *const *ids,
		  size_t count, const void **table);
void sim_ids_free(struct sim_machine *machine, const char *bus, const void *table);

/* What firmware reserves 1:1 for each device of a group that the facts say has such regions. */
#define SIM_DIRECT_START UINT64_C(0x7f000000)
#define SIM_DIRECT_SIZE UINT64_C(0x10000)

/* hardware.c: the core's IOMMU, over machine.unit. */
extern const struct dmaown_iommu_ops sim_iommu_ops;

/* default_type.c: contract of machine_set_type(). */
int sim_set_type(struct machine *machine, int group, const char *type);

/* driver.c: host held. A driver that does as the script says; -EEXIST, -EINVAL, -ENOMEM. */
int sim_driver_add(struct sim_machine *machine, const struct driver_script *script);
void sim_driver_remove(struct sim_driver *driver);
/* The bus's match rule, and then the driver's ids that no table can say. */
int sim_match(struct dmaown_device *device, const struct dmaown_driver *driver);
int sim_bind_step(struct dmaown_device *device, struct dmaown_driver *driver,
		  enum dmaown_bind_step step);
int sim_firmware_configure(struct dmaown_device *device);

/* group_file.c: what an open group does, and the end of its hold on its group (machine.vfio held).
 */
extern const struct group_file_ops sim_file_ops;
void sim_file_revoke(struct sim_file *file);

/* vfio.c: a user driver has bound the device, or lets go of it (device lock held). */
void sim_vfio_bound(struct sim_device *device);
void sim_vfio_unbound(struct sim_device *device);
/* Whether a user has the device itself open, so that an unbind would wait. */
bool sim_vfio_is_open(struct sim_device *device);
int sim_vfio_open(struct sim_machine *machine, int group, struct sim_file **out);
/* Contracts of machine_node() and machine_set_node(). */
int sim_vfio_node(struct machine *machine, int group, struct group_node *out);
int sim_vfio_set_node(struct machine *machine, int group, const struct group_node *node);

#endif
