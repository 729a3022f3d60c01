/* SPDX-License-Identifier: MIT */
/* What is found on a machine that a row describes. */

#ifndef DMAOWN_TESTS_PROGRAMS_DIAGNOSIS_RIG_H
#define DMAOWN_TESTS_PROGRAMS_DIAGNOSIS_RIG_H

#include "diagnosis.h"
#include "rows.h"

/* What a machine has, but for its host. */
enum {
	GROUPED_PCI = 1 << 0,
	UNGROUPED_PCI = 1 << 1,
	PLATFORM = 1 << 2, /* in the group too, as FSL_MC is */
	FSL_MC = 1 << 3,
	KEPT = 1 << 4,     /* the group, by the firmware */
	VFIO_PCI = 1 << 5, /* its driver is registered */
	NOIOMMU = 1 << 6,  /* the group is VFIO's, for want of an IOMMU */
	UNREAD = 1 << 7,   /* of the group, nothing was read */
	BOUND = 1 << 8,    /* the ungrouped PCI device has a driver */
	BRIDGE = 1 << 9,   /* it is a bridge */
	MANY = 1 << 10,    /* there are four more like it */
};

/* The host is in the words of a machine file, with ' for ", without the braces; NULL: none. */
struct row {
	const char *name;
	unsigned int has;
	const char *host;
	const char *check;
	enum gravity gravity;
	enum exit_code code;
	const char *thing, *reason, *remedy; /* reason NULL: no remark */
};

#define NO_IOMMU "'iommus': []"
#define CAN "'iommus': [{'name': 'dmar0', 'remaps_interrupts': true}]"
#define BLOCKS GRAVITY_BLOCKS, EXIT_ABSENT
#define WARNS GRAVITY_WARNS, EXIT_DONE
#define FINE GRAVITY_OK, EXIT_DONE
#define UNDECIDED GRAVITY_UNKNOWN, EXIT_FAILED
#define UNDECIDED_BY_PERMISSION GRAVITY_UNKNOWN, EXIT_NOT_PERMITTED
#define NO_FINDING GRAVITY_OK, EXIT_DONE, NULL, NULL, NULL
#define INTEL "'iommus': [{'name': 'dmar0', 'kind': 'intel'}]"
#define SMMU "'iommus': [{'name': 'smmu3.0x0000000009050000', 'kind': 'smmu'}]"

/* The test of a row. */
void remark(void **state);

#endif
