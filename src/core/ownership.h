/* SPDX-License-Identifier: MIT */
/*
 * How it is known who owns a group: the decision, apart from everything that is done about it.
 *
 * A design answers these questions with the group's mutex held, and keeps group.owner, group.count
 * and device.use as its answers require. Attaching domains, the order of steps, events and undoing
 * are the same for every design and lie outside. The library has one design; others can be compared
 * with it by giving them to core_create().
 *
 * Invariants I1 and I2 are the design's; group.c and claim.c rely on them.
 */
#ifndef DMAOWN_CORE_OWNERSHIP_H
#define DMAOWN_CORE_OWNERSHIP_H

#include "objects.h"

struct ownership_design {
	const char *name;
	/* May this device's native driver use the default domain? 0, and it does; else an errno. */
	int (*use)(struct dmaown_group *group, struct dmaown_device *device);
	/* Its use ends; warns, and changes nothing, if it has none or if a PASID keeps it. */
	void (*unuse)(struct dmaown_group *group, struct dmaown_device *device);
	/* The device leaves the group: whatever use it still has ends. */
	void (*leave)(struct dmaown_group *group, struct dmaown_device *device);
	/*
	 * May `owner` have the group, as a whole or (device not NULL) through one device? An errno;
	 * 0: yes, once the group is on its blocking domain; 1: it has it already.
	 */
	int (*may_claim)(struct dmaown_group *group, struct dmaown_device *device,
			 const void *owner);
	/* It is the owner's: one claim more. */
	void (*claim)(struct dmaown_group *group, const void *owner);
	/* One claim less. True: it was the last, and the group has no owner now. */
	bool (*release)(struct dmaown_group *group);
};

/* A count of devices and an owner's token in the group (mechanism.md, section 5, D1). */
extern const struct ownership_design ownership_counted;

#endif
