/* SPDX-License-Identifier: MIT */
/*
 * What a machine is made of, as plain values: devices, IOMMU groups, drivers, and what of its host
 * decides whether a group can be handed out.
 *
 * Both machines give it (the Linux host by reading sysfs, the simulated one from its objects), a
 * machine file holds it, and everything that lists, shows, plans or compares works on it alone.
 * It is a picture of one moment: nothing in it changes when the machine does.
 *
 * Invariants, which facts_check() verifies: addresses are unique and not empty, and a PCI
 * function's spells its segment, bus, slot and function; a device's group is -1,
 * GROUP_BY_RULES or the id of one entry of `groups`; a parent names another device and parents form
 * no cycle; a bound driver is one entry of `drivers`, on the device's bus; the IOMMUs and the
 * modules of a host have names.
 *
 * Every string and array is owned by the struct facts that holds it and freed by facts_release();
 * NULL is "none" or "not known", as each field says. Arrays are grown by the functions below only,
 * which derive an array's capacity from its count.
 */
#ifndef DMAOWN_MACHINE_FACTS_H
#define DMAOWN_MACHINE_FACTS_H

#include "answer.h"
#include "pci_facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a device is in use; kind is design.md's ("network", "storage", ...). */
struct use_facts {
	char *kind, *name, *reason;
	bool vital;   /* the machine stands on it (its root disk, its console): no force takes it */
	char *remedy; /* what frees the device of what no force takes; NULL: none is known */
};

/* What could not be learned, and the -errno that hid it. Of a device it is told in words ("open
 * descriptors"), and as long as there is one, nobody knows that the device is idle. */
struct unknown_facts {
	char *about;
	int error;
};

/* The group of a device that is not recorded: it follows from the wiring, and topology_assign() of
 * src/topology gives it. Only machine files have such devices. */
#define GROUP_BY_RULES (-2)

struct device_facts {
	char *address; /* "0000:02:01.0", or the name that its bus gives it */
	char *bus;     /* "pci", "platform", "amba", "fsl-mc", "cdx", "host1x" */
	char *parent;  /* the address of the device above (a bridge); NULL on a root bus */
	int group;     /* -1: no IOMMU translates for it; or GROUP_BY_RULES */
	/* What no other device has that this machine ever had at that address; 0: not known. Of a
	 * machine that runs only, and in no file. */
	uint64_t instance;
	/* PCI and cdx ids as four (class: six) lower-case hex digits; NULL where the bus has none.
	 */
	char *vendor, *device, *subvendor, *subdevice, *class;
	char *modalias;        /* NULL: none */
	char *name;            /* for people; NULL: not known */
	char *driver;          /* NULL: unbound, or `unknowns` has it */
	char *override;        /* driver_override; NULL: none, or `unknowns` has it */
	bool busy;             /* its driver is letting go of it, and has not ended yet */
	struct pci_facts *pci; /* NULL on other buses */
	/* Whether it can have virtual functions; of the host only, and in no file. */
	enum known physical;
	struct use_facts *uses;
	size_t use_count;
	bool uses_known; /* false: nobody looked, and `uses` is empty */
	struct unknown_facts *unknowns;
	size_t unknown_count;
};

enum owner_kind { OWNER_NOT_KNOWN, OWNER_NONE, OWNER_KERNEL, OWNER_USER };

/* owner_kind USER: name, pid and uid as far as they are known; NULL, 0 and -1 if not. */
struct owner_facts {
	enum owner_kind kind;
	int hidden_by; /* OWNER_NOT_KNOWN: the -errno that hid it; 0: nobody looked */
	char *name;
	long pid;
	long uid;
};

struct group_facts {
	int id;
	char *type; /* "DMA", "DMA-FQ", "identity", "blocked"; NULL: unknown */
	struct owner_facts owner;
	enum known noiommu;        /* VFIO's, of a device without an IOMMU: it isolates nothing */
	enum known direct_regions; /* firmware 1:1 regions: no user may have it */
	/* The mechanism's own state, which only the simulated machine can tell (count -1: it
	 * can't). */
	int count;
	char *domain; /* kind of the current domain: a type as above, "unmanaged", "none"; NULL:
			 unknown */
};

struct driver_facts {
	char *name, *bus;
	enum known managed_dma; /* driver_managed_dma: binding it takes no ownership */
	bool user; /* gives its devices to user space through VFIO (vfio-pci and its like) */
	/* What it binds without an override, in the words of driver_id.h: "8086:100e",
	 * "class:0c0330", "pci:v0000106Bd*sv*sd*bc01sc08i02*". */
	char **ids;
	size_t id_count;
};

/* An IOMMU that the kernel runs. */
struct iommu_facts {
	char *name;                   /* "dmar0" */
	char *kind;                   /* "intel", "amd", "smmu", "virtio"; NULL: another */
	enum known remaps_interrupts; /* it can */
};

struct module_facts {
	char *name;           /* with underscores, as in /sys/module */
	enum known loaded;    /* or built in */
	enum known installed; /* for the running kernel, or built in */
};

#define MEMLOCK_UNLIMITED INT64_MAX
#define MEMLOCK_NOT_KNOWN (-1)

/* What of the host, and of the process that looked at it, handing out a group depends on. */
struct host_facts {
	char *release, *architecture; /* of the kernel, as uname(1) has them; NULL: not known */
	char *cpu_vendor;             /* "GenuineIntel"; NULL: not known, or not an x86 */
	enum known virtual;           /* itself a guest of a hypervisor */
	enum known xen_first;         /* Xen's first domain */
	/* The arguments of the kernel that concern IOMMUs and VFIO, in their order. */
	char **arguments;
	size_t argument_count;
	bool arguments_known;
	/* By which the firmware describes its IOMMUs: "DMAR", "IVRS", "IORT", "VIOT", or "none";
	 * NULL: not known. */
	char *iommu_table;
	struct iommu_facts *iommus;
	size_t iommu_count;
	bool iommus_known;
	enum known interrupt_remapping; /* devices' interrupts go through an IOMMU */
	struct module_facts *modules;   /* of those that matter here */
	size_t module_count;
	enum known unsafe_interrupts; /* VFIO's switch: does without interrupt remapping */
	enum known noiommu;           /* VFIO's switch: does without an IOMMU */
	enum known vfio_node;         /* /dev/vfio/vfio is there */
	enum known vfio_node_open;    /* and everybody may read and write it */
	enum known sys_read_only;     /* sysfs is mounted so */
	/* Of the process that looked. */
	enum known privileged; /* its effective user is the host's root */
	int64_t memlock;       /* bytes that it may lock; MEMLOCK_UNLIMITED, MEMLOCK_NOT_KNOWN */
	enum known sees_all;   /* all processes, mounts and interfaces; NO: `blind_spots` are not
				* seen */
	struct unknown_facts *blind_spots; /* in words: "processes outside of this pid namespace" */
	size_t blind_spot_count;
	/* Why a fact is not known: `about` is its key in a machine file, or a module's name. */
	struct unknown_facts *unknowns;
	size_t unknown_count;
};

/* A host of which nothing is known. */
#define HOST_NOT_KNOWN                                                                             \
	{                                                                                          \
		.memlock = MEMLOCK_NOT_KNOWN                                                       \
	}

struct facts {
	char *machine; /* "live", or where it was read from */
	struct device_facts *devices;
	size_t device_count;
	struct group_facts *groups;
	size_t group_count;
	struct driver_facts *drivers;
	size_t driver_count;
	struct host_facts *host; /* NULL: nothing is known of it */
};

/* ---- facts.c ---- */

/* Frees all that `facts` owns and leaves it empty and usable. Harmless on an empty one. */
void facts_release(struct facts *facts);

/*
 * Append one zeroed entry (group -1, count -1, pid 0, uid -1, PCIE_NONE where they exist) and store
 * its place, which the next append of the same kind may move. -ENOMEM: nothing was added.
 */
int facts_add_device(struct facts *facts, struct device_facts **out);
int facts_add_group(struct facts *facts, struct group_facts **out);
int facts_add_driver(struct facts *facts, struct driver_facts **out);

/* Gives the machine a host, which it has not yet, of which nothing is known. -ENOMEM: none added.
 */
int facts_add_host(struct facts *facts);

/* Takes devices away and frees what they own: of those from the first on the ones for which `drop`
 * is set, which has one for each of them. */
void facts_drop_devices(struct facts *facts, size_t first, const bool *drop);

/*
 * Gives a device its PCI facts, filled from its address (set before) and otherwise zero, PCIE_NONE
 * and CONFIG_HIDDEN: nobody has read them yet.
 * -EINVAL: the address is not a PCI function's; -ENOMEM: nothing was added.
 */
int device_facts_add_pci(struct device_facts *device);

/* Append one zeroed use, or a copy of one id. -ENOMEM: nothing was added. */
int device_facts_add_use(struct device_facts *device, struct use_facts **out);
int driver_facts_add_id(struct driver_facts *driver, const char *id);

/* Frees the uses of a device, which has none from then on; uses_known stays. */
void device_facts_forget_uses(struct device_facts *device);

/* Notes that something is not known of the device, once for each `about` and errno. -ENOMEM:
 * nothing was noted, and the device must not pass for idle. */
int device_facts_hide(struct device_facts *device, const char *about, int error);

/* Append a copy of one argument, or an entry of which nothing is known. -ENOMEM: nothing was added.
 */
int host_facts_add_argument(struct host_facts *host, const char *argument);
int host_facts_add_iommu(struct host_facts *host, struct iommu_facts **out);
int host_facts_add_module(struct host_facts *host, struct module_facts **out);

/* Note a blind spot, or why a fact is not known, once for each `about` and errno; the same of what
 * is not there. -ENOMEM: nothing was noted. */
int host_facts_add_blind_spot(struct host_facts *host, const char *about, int error);
int host_facts_hide(struct host_facts *host, const char *about, int error);

/* ---- facts_find.c ---- */

/* The entry, or NULL. The pointers live as long as `facts` is not added to or released. */
struct device_facts *facts_device(const struct facts *facts, const char *address);
struct group_facts *facts_group(const struct facts *facts, int id);
struct driver_facts *facts_driver(const struct facts *facts, const char *bus, const char *name);

/* Whether it is noted that this is not known of the device. */
bool device_facts_hides(const struct device_facts *device, const char *about);

/* The -errno that hid a fact; 0: nobody asked. */
int host_facts_hidden_by(const struct host_facts *host, const char *about);

const struct module_facts *host_facts_module(const struct host_facts *host, const char *name);

/* Whether a native driver is bound to the device; one of which it is not known, or that is itself
 * not known, counts as native. */
bool facts_native(const struct facts *facts, const struct device_facts *device);

/* Whether no native driver is bound in the group: what GET_STATUS calls viable. */
bool facts_viable(const struct facts *facts, int group);

/*
 * The devices by address, for whoever looks up many. It borrows `facts`, which must not be added
 * to, sorted or released while the index lives. -ENOMEM. Undone by device_index_release().
 */
struct device_index {
	const struct device_facts **sorted; /* owned */
	const struct facts *facts;
};
int device_index_init(struct device_index *index, const struct facts *facts);
void device_index_release(struct device_index *index);

/* The place of the device in facts->devices, SIZE_MAX if there is none. */
size_t device_index_find(const struct device_index *index, const char *address);

/* ---- facts_sort.c ---- */

/* Sorts devices by bus and address (PCI numerically), groups by id, drivers by bus and name. */
void facts_sort(struct facts *facts);

/* ---- facts_check.c ---- */

enum facts_entry { FACTS_DEVICE, FACTS_GROUP, FACTS_DRIVER, FACTS_IOMMU, FACTS_MODULE };

/* The first thing found wrong: in which array, at which place, and in one line what (owned). */
struct facts_fault {
	enum facts_entry entry;
	size_t place;
	char *why;
};

/*
 * Verifies the invariants at the head of this file. -EINVAL: *fault says what is wrong, and the
 * caller frees its `why`; -ENOMEM. Otherwise *fault is untouched.
 */
int facts_find_fault(const struct facts *facts, struct facts_fault *fault);

/* The same for who wants the words alone, which the caller frees. */
int facts_check(const struct facts *facts, char **why);

/* ---- facts_copy.c ---- */

/* Replaces *to, a string that facts own, by a copy of `from`, which may be NULL. -ENOMEM: as
 * before. */
int facts_set_string(char **to, const char *from);

/* Append a copy of one entry of other facts. -ENOMEM: what was appended, if anything, is incomplete
 * and good for facts_release() only. */
int facts_copy_device(struct facts *facts, const struct device_facts *from);
int facts_copy_group(struct facts *facts, const struct group_facts *from);
int facts_copy_driver(struct facts *facts, const struct driver_facts *from);

/* Gives the machine, which has no host yet, a copy of one. -ENOMEM: as above. */
int facts_copy_host(struct facts *facts, const struct host_facts *from);

/* Copies all of `from` to *to, which is not read. -ENOMEM: *to untouched. */
int facts_copy(struct facts *to, const struct facts *from);

#endif
