/* SPDX-License-Identifier: MIT */
/* The parts of a diagnosis, which diagnose() calls one after the other: each adds its remarks.
 * -ENOMEM. */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_PARTS_H
#define DMAOWN_DMAOWN_DIAGNOSIS_PARTS_H

#include "diagnosis.h"

int judge_iommu(struct diagnosis *diagnosis, const struct facts *facts);
int judge_interrupts(struct diagnosis *diagnosis, const struct facts *facts);
int judge_ungrouped(struct diagnosis *diagnosis, const struct facts *facts);
int judge_kernel(struct diagnosis *diagnosis, const struct facts *facts);
int judge_vfio(struct diagnosis *diagnosis, const struct facts *facts);
int judge_unsafe_interrupts(struct diagnosis *diagnosis, const struct facts *facts);
int judge_noiommu(struct diagnosis *diagnosis, const struct facts *facts);
int judge_permission(struct diagnosis *diagnosis, const struct facts *facts);
int judge_sight(struct diagnosis *diagnosis, const struct facts *facts);
int judge_drivers(struct diagnosis *diagnosis, const struct facts *facts);
int judge_memlock(struct diagnosis *diagnosis, const struct facts *facts);
int judge_groups(struct diagnosis *diagnosis, const struct facts *facts);

#endif
