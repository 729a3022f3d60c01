/* SPDX-License-Identifier: MIT */
/*
 * The parts of a diagnosis: each judges some checks, by a table of rules or by itself where words
 * depend on the facts (a bus, a limit, a group).
 */
#ifndef DMAOWN_DMAOWN_DIAGNOSIS_PARTS_H
#define DMAOWN_DMAOWN_DIAGNOSIS_PARTS_H

#include "diagnosis.h"
#include "diagnosis_facts.h"

/* Of the rows of one check, which stand together, the first that applies gives its finding. */
struct rule {
	bool (*applies)(const struct facts *facts);
	struct finding finding;
	const char *fact; /* VERDICT_UNKNOWN: what is not known, by its key in a machine file */
};

/* Verdict and code of a finding. What is not known and decides keeps the exit status from being 0.
 */
#define FINE VERDICT_OK, EXIT_DONE
#define UNKNOWN VERDICT_UNKNOWN, EXIT_DONE
#define UNDECIDED VERDICT_UNKNOWN, EXIT_FAILED
#define WARNS VERDICT_WARNS, EXIT_DONE
#define UNSUPPORTED VERDICT_BLOCKS, EXIT_ABSENT
#define FORBIDDEN VERDICT_BLOCKS, EXIT_NOT_PERMITTED
#define BROKEN VERDICT_BLOCKS, EXIT_FAILED

#define RULES(table) (sizeof(table) / sizeof(*(table)))

/* What VFIO's switch for doing without interrupt remapping is called, and what it costs. */
#define UNSAFE_SWITCH "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
#define UNSAFE_COST "a device that is given away can then raise any interrupt of the host"
#define NOIOMMU_SWITCH "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"

int apply_rules(struct diagnosis *diagnosis, const struct facts *facts, const struct rule *rules,
		size_t count);

/* Adds a finding that something is not known, and why: the -errno that hid it; 0: nobody looked.
 * One that decides, and that permission hid, is a matter of permission. -ENOMEM. */
int diagnosis_add_unknown(struct diagnosis *diagnosis, const struct finding *finding,
			  int hidden_by);

/* Each adds its findings. -ENOMEM. */
int judge_iommu(struct diagnosis *diagnosis, const struct facts *facts);
int judge_ungrouped(struct diagnosis *diagnosis, const struct facts *facts);
int judge_vfio(struct diagnosis *diagnosis, const struct facts *facts);
int judge_permission(struct diagnosis *diagnosis, const struct facts *facts);
int judge_sight(struct diagnosis *diagnosis, const struct facts *facts);
int judge_drivers(struct diagnosis *diagnosis, const struct facts *facts);
int judge_memlock(struct diagnosis *diagnosis, const struct facts *facts);
int judge_groups(struct diagnosis *diagnosis, const struct facts *facts);
int judge_kernel(struct diagnosis *diagnosis, const struct facts *facts);

#endif
