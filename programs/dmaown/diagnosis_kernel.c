/* SPDX-License-Identifier: MIT */
/* What the version of the kernel, and what it was told, make of groups. */
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"
#include "kernel_version.h"

#include <string.h>

/* ---- removal of a device ---- */

static bool is_before(const struct facts *facts, unsigned int major, unsigned int minor,
		      enum known answer)
{
	return kernel_is_before(diagnosed_host(facts), major, minor) == answer;
}

static bool has_iommu_of_intel(const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);

	for (size_t i = 0; i < host->iommu_count; i++) {
		if (host->iommus[i].kind && strcmp(host->iommus[i].kind, "intel") == 0)
			return true;
	}
	return false;
}

static bool crashes_of_removal(const struct facts *facts)
{
	return iommu_works(facts) && is_before(facts, 6, 2, KNOWN_YES) && has_iommu_of_intel(facts);
}

static bool survives_removal(const struct facts *facts)
{
	return iommu_works(facts) && is_before(facts, 6, 12, KNOWN_NO);
}

static bool removal_unknown(const struct facts *facts)
{
	return iommu_works(facts);
}

static const struct check_row removal_check_rows[] = {
	{
		.applies = crashes_of_removal,
		.ruling = WARNS,
		.reason = "crashes at the next claim of a group of several devices from which one "
			  "was removed (unplugged, or by its file remove)",
		.remedy = "boot 6.12 or later; else remove no device of such a group",
	},
	{
		.applies = survives_removal,
		.ruling = FINE,
		.reason = "survives the removal of a device from a group",
	},
	{
		.applies = removal_unknown,
		.ruling = UNKNOWN,
		.reason = "not known whether it survives the removal of a device from a group (6.1 "
			  "does not, 6.12 does)",
		.fact = "release",
	},
};

static const struct check removal_check = {.name = "removal",
					   .thing = "kernel",
					   .rows = removal_check_rows,
					   .row_count = COUNT(removal_check_rows)};

/* ---- pcie_acs_override ---- */

static bool overridden(const struct facts *facts)
{
	return kernel_words(facts, "pcie_acs_override");
}

static bool not_overridden(const struct facts *facts)
{
	return diagnosed_host(facts)->arguments_known;
}

static const struct check_row override_check_rows[] = {
	{
		.applies = overridden,
		.ruling = WARNS,
		.reason = "set: the kernel may treat devices as isolated that the hardware does "
			  "not isolate, so groups may be too small (dmaown show says which)",
		.remedy = "remove it from the kernel command line and reboot, or give such devices "
			  "only to users whom you trust",
	},
	{
		.applies = not_overridden,
		.ruling = FINE,
		.reason = "not set",
	},
	{
		.applies = always,
		.ruling = UNKNOWN,
		.reason = "not known whether it is set",
		.fact = "arguments",
	},
};

static const struct check override_check = {.name = "acs-override",
					    .thing = "pcie_acs_override",
					    .rows = override_check_rows,
					    .row_count = COUNT(override_check_rows)};

int judge_kernel(struct diagnosis *diagnosis, const struct facts *facts)
{
	int err = apply_check(diagnosis, facts, &removal_check);

	return err ? err : apply_check(diagnosis, facts, &override_check);
}
