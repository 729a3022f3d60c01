/* SPDX-License-Identifier: MIT */
/* All designs, by name; the shipped one, alone and with users and machines that try it harder. */
#include "pieces.h"

#include <string.h>

const struct design design_counted = {
	.name = "counted",
	.about = "a count of devices and an owner's token in the group (D1, the shipped one)",
	.counts = true,
};

const struct design design_careless_user = {
	.name = "careless-user",
	.about = "the shipped one, with a user that asks again for what it has",
	.counts = true,
	.claims_again = true,
};

const struct design design_late_iommu = {
	.name = "late-iommu",
	.about = "the shipped one, with an IOMMU that comes after its devices",
	.counts = true,
	.late_iommu = true,
};

const struct design *const designs[] = {
	&design_counted,        &design_careless_user, &design_late_iommu,
	&design_core_flag,      &design_notifier,      &design_notifier_pins,
	&design_counted_pins,   &design_list_walk,     &design_list_walk_relaxed,
	&design_list_walk_late, &design_domain,        &design_reclaim,
	&design_early_release,  &design_bugs[0],       &design_bugs[1],
	&design_bugs[2],        &design_bugs[3],       &design_bugs[4],
	&design_bugs[5],        &design_bugs[6],       &design_bugs[7],
	&design_bugs[8],        &design_bugs[9],       &design_bugs[10],
	&design_bugs[11],       &design_bugs[12],      NULL,
};

const struct design *design_find(const char *name)
{
	for (const struct design *const *design = designs; *design; design++)
		if (strcmp((*design)->name, name) == 0)
			return *design;
	return NULL;
}
