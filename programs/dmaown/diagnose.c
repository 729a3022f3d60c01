/* SPDX-License-Identifier: MIT */
/* The checks of a diagnosis, in the order in which people read them. */
#include "array.h"
#include "diagnosis.h"
#include "diagnosis_parts.h"

int diagnose(struct diagnosis *diagnosis, const struct facts *facts)
{
	static int (*const judges[])(struct diagnosis * diagnosis, const struct facts *facts) = {
		judge_iommu, judge_interrupts,        judge_ungrouped, judge_kernel,
		judge_vfio,  judge_unsafe_interrupts, judge_noiommu,   judge_permission,
		judge_sight, judge_drivers,           judge_memlock,   judge_groups,
	};
	int err = 0;

	for (size_t i = 0; !err && i < COUNT(judges); i++)
		err = judges[i](diagnosis, facts);
	return err;
}
