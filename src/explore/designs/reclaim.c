/* SPDX-License-Identifier: MIT */
/*
 * D6: a claim by the same owner is counted once more, also of a whole group. The user claims twice
 * and, as one does that has one file, releases once.
 */
#include "pieces.h"

static int reclaim_may_claim(struct dmaown_group *group, struct dmaown_device *device,
			     const void *owner)
{
	if (group->owner && group->owner == owner)
		return 1;
	return counted_may_claim(group, device, owner);
}

static const struct ownership_design ownership = {
	.name = "reclaim",
	.use = counted_use,
	.unuse = counted_unuse,
	.leave = counted_leave,
	.may_claim = reclaim_may_claim,
	.claim = counted_claim,
	.release = counted_release,
};

const struct design design_reclaim = {
	.name = "reclaim",
	.about = "claims of the same owner are counted (D6), by a user that claims twice",
	.ownership = &ownership,
	.claims_again = true,
};
