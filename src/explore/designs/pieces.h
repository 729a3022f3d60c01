/* SPDX-License-Identifier: MIT */
/* What several designs have in common. */
#ifndef DMAOWN_EXPLORE_DESIGN_PIECES_H
#define DMAOWN_EXPLORE_DESIGN_PIECES_H

#include "design.h"

/* A dma_cleanup that leaves the use where it is: something else ends it. */
void design_cleanup_firmware_only(struct dmaown_device *device);

/* Whether the device's driver uses the DMA API. */
bool design_is_native(const struct dmaown_device *device);

/* The shipped answers, as a table's initializer wants them. */
int counted_use(struct dmaown_group *group, struct dmaown_device *device);
void counted_unuse(struct dmaown_group *group, struct dmaown_device *device);
void counted_leave(struct dmaown_group *group, struct dmaown_device *device);
int counted_may_claim(struct dmaown_group *group, struct dmaown_device *device, const void *owner);
void counted_claim(struct dmaown_group *group, const void *owner);
bool counted_release(struct dmaown_group *group);

extern const struct design design_counted, design_careless_user, design_late_iommu;
extern const struct design design_core_flag;
extern const struct design design_notifier, design_notifier_pins, design_counted_pins;
extern const struct design design_list_walk, design_list_walk_relaxed, design_list_walk_late;
extern const struct design design_domain;
extern const struct design design_reclaim;
extern const struct design design_early_release;
extern const struct design design_bugs[13];

#endif
