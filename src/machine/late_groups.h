/* SPDX-License-Identifier: MIT */
/* Devices whose group may yet come. */
#ifndef DMAOWN_MACHINE_LATE_GROUPS_H
#define DMAOWN_MACHINE_LATE_GROUPS_H

#include "facts.h"

/*
 * Whether a device that is in no group may be put in one when a driver is bound to it: kernels
 * before 6.15 look only then for the IOMMU of a device that firmware describes one by one, as it
 * does for Arm's SMMU and virtio's IOMMU. Of a host of which nothing is known it is assumed not to
 * be.
 */
bool group_may_come_late(const struct facts *facts, const struct device_facts *device);

#endif
