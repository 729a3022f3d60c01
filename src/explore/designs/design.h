/* SPDX-License-Identifier: MIT */
/*
 * Other ways to know who owns a group (mechanism.md, section 5), and the bugs that the mechanism
 * has had (section 6), each as a change of what the core is given: another table of ownership
 * questions, another bus, another IOMMU, a listener on the bus's events, another user driver. The
 * core's code is the shipped one in all of them.
 *
 * A design's callbacks run on fibers, under the locks that core.h and ownership.h say. What a
 * design has to remember goes in the arena: in stage_extra(), or from explored_allocate().
 */
#ifndef DMAOWN_EXPLORE_DESIGN_H
#define DMAOWN_EXPLORE_DESIGN_H

#include "ownership.h"

#include <dmaown/core.h>

struct stage_driver;
struct stage_device;

struct design {
	const char *name;  /* "bus-pair" */
	const char *about; /* one line for people: what it does otherwise */
	/* NULL: the shipped one. */
	const struct ownership_design *ownership;
	/* Whether group.count and group.owner are kept as the shipped design does, so that I1 and
	 * I2 can be read off them. */
	bool counts;
	/* Changes a copy of the shipped table; NULL: nothing to change. */
	void (*change_bus)(struct dmaown_bus_type *type);
	void (*change_iommu)(struct dmaown_iommu_ops *ops);
	void (*change_driver)(struct dmaown_driver_type *type, bool user);
	/* Firmware tells of devices only once `rescan` has looked for them. */
	bool late_iommu;
	/* The user asks for a group again that it has already. */
	bool claims_again;
	/* Told of every event of every bus, under the chain's lock and, but for ADD, DEL and
	 * REMOVED, the device's. */
	void (*event)(struct dmaown_device *device, enum dmaown_event event);
};

/* All of them, ended by NULL; the shipped one first. */
extern const struct design *const designs[];

/* NULL: there is none of that name. */
const struct design *design_find(const char *name);

/* ---- what the stage gives to a design's callbacks ---- */

/* 16 words of the design's own for a device, or for a group; zero at the beginning; in the arena.
 */
#define STAGE_EXTRA 16
uint64_t *stage_device_extra(struct dmaown_device *device);
uint64_t *stage_group_extra(struct dmaown_group *group);

/* The stage's own tables, to call what was replaced. */
extern const struct dmaown_iommu_ops stage_iommu_ops;
int stage_firmware_configure(struct dmaown_device *device);

/* What the hardware does with a device's DMA: `hardware` is what create_domain stored, NULL: it is
 * blocked. */
void *stage_hardware_attached(struct dmaown_device *device);
void stage_hardware_attach(struct dmaown_device *device, void *hardware);

#endif
