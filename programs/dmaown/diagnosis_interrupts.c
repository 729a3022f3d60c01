/* SPDX-License-Identifier: MIT */
/* Whether interrupts of devices go through the IOMMU, and whether VFIO insists on that. */
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

#include <string.h>

#define UNSAFE_SWITCH "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

/* What the switch costs that makes VFIO do without interrupt remapping. */
#define UNSAFE_COST "a device that is given away can then raise any interrupt of the host"

/* ---- interrupt remapping ---- */

/* Without an IOMMU that works the question is moot. */
static bool interrupts(const struct facts *facts, enum known remapped)
{
	return iommu_works(facts) && diagnosed_host(facts)->interrupt_remapping == remapped;
}

static bool iommus_remap(const struct facts *facts, enum known can)
{
	const struct host_facts *host = diagnosed_host(facts);

	for (size_t i = 0; i < host->iommu_count; i++) {
		if (host->iommus[i].remaps_interrupts == can)
			return true;
	}
	return false;
}

static bool all_are_of_virtio(const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);

	for (size_t i = 0; i < host->iommu_count; i++) {
		if (!host->iommus[i].kind || strcmp(host->iommus[i].kind, "virtio") != 0)
			return false;
	}
	return host->iommu_count > 0;
}

static bool interrupts_remapped(const struct facts *facts)
{
	return interrupts(facts, KNOWN_YES);
}

static bool interrupts_unsafe_by_choice(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && diagnosed_host(facts)->unsafe_interrupts == KNOWN_YES;
}

/* Then nobody knows either whether VFIO refuses. */
static bool interrupts_off_and_unsafe_unknown(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && diagnosed_host(facts)->unsafe_interrupts == KNOWN_NOT;
}

static bool interrupts_told_off(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && (kernel_was_told(facts, "intremap", "off", "on") ||
					       kernel_has_argument(facts, "nointremap"));
}

static bool interrupts_beyond_virtio(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && all_are_of_virtio(facts);
}

static bool interrupts_beyond_hardware(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO) && iommus_remap(facts, KNOWN_NO);
}

static bool interrupts_not_remapped(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NO);
}

static bool interrupts_unknown_by_choice(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NOT) &&
	       diagnosed_host(facts)->unsafe_interrupts == KNOWN_YES;
}

static bool interrupts_unknown(const struct facts *facts)
{
	return interrupts(facts, KNOWN_NOT);
}

static const struct check_row remapping_check_rows[] = {
	{
		.applies = interrupts_remapped,
		.ruling = FINE,
		.reason = "interrupts of devices go through the IOMMU",
	},
	{
		.applies = interrupts_unsafe_by_choice,
		.ruling = WARNS,
		.reason = "off, and VFIO works without it: " UNSAFE_COST,
		.remedy = "give devices only to users whom you trust",
	},
	{
		.applies = interrupts_off_and_unsafe_unknown,
		.ruling = UNDECIDED,
		.reason = "off, and it is not known whether VFIO works without it",
		.fact = "unsafe_interrupts",
	},
	{
		.applies = interrupts_told_off,
		.ruling = BROKEN,
		.reason = "off by a kernel argument, and VFIO requires it",
		.remedy =
			"remove intremap=off or nointremap from the kernel command line and reboot",
	},
	{
		.applies = interrupts_beyond_virtio,
		.ruling = BROKEN,
		.reason = "virtio-iommu has none, and VFIO requires it",
		.remedy = "echo Y > " UNSAFE_SWITCH "; " UNSAFE_COST,
	},
	{
		.applies = interrupts_beyond_hardware,
		.ruling = BROKEN,
		.reason = "the IOMMU does not support it, and VFIO requires it",
		.remedy = "echo Y > " UNSAFE_SWITCH "; " UNSAFE_COST,
	},
	{
		.applies = interrupts_not_remapped,
		.ruling = BROKEN,
		.reason = "off, and VFIO requires it",
		.remedy =
			"enable it, and x2APIC, in the firmware's setup; or echo Y > " UNSAFE_SWITCH
			": " UNSAFE_COST,
	},
	{
		.applies = interrupts_unknown_by_choice,
		.ruling = UNKNOWN,
		.reason = "VFIO works without it; it is not known whether the kernel uses it",
		.fact = "interrupt_remapping",
	},
	{
		.applies = interrupts_unknown,
		.ruling = UNDECIDED,
		.reason = "not known whether the kernel uses it",
		.fact = "interrupt_remapping",
	},
};

static const struct check remapping_check = {.name = "interrupt-remapping",
					     .thing = "interrupt remapping",
					     .rows = remapping_check_rows,
					     .row_count = COUNT(remapping_check_rows)};

/* ---- VFIO's switch ---- */

static bool unsafe_for_want(const struct facts *facts)
{
	const struct host_facts *host = diagnosed_host(facts);

	return iommu_works(facts) && host->interrupt_remapping == KNOWN_NO &&
	       host->unsafe_interrupts == KNOWN_YES;
}

static bool unsafe_on(const struct facts *facts)
{
	return diagnosed_host(facts)->unsafe_interrupts == KNOWN_YES;
}

static bool unsafe_off(const struct facts *facts)
{
	return diagnosed_host(facts)->unsafe_interrupts == KNOWN_NO;
}

static const struct check_row unsafe_check_rows[] = {
	{
		.applies = unsafe_for_want,
		.ruling = FINE,
		.reason = "on, because there is no interrupt remapping",
	},
	{
		.applies = unsafe_on,
		.ruling = WARNS,
		.reason = "on: a device can be given away without interrupt remapping",
		.remedy = "echo N > " UNSAFE_SWITCH,
	},
	{
		.applies = unsafe_off,
		.ruling = FINE,
		.reason = "off",
	},
	{
		.applies = always,
		.ruling = UNKNOWN,
		.reason = "not known whether it is on",
		.fact = "unsafe_interrupts",
	},
};

static const struct check unsafe_check = {.name = "unsafe-interrupts",
					  .thing = "allow_unsafe_interrupts",
					  .rows = unsafe_check_rows,
					  .row_count = COUNT(unsafe_check_rows)};

int judge_interrupts(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_check(diagnosis, facts, &remapping_check);
}

int judge_unsafe_interrupts(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_check(diagnosis, facts, &unsafe_check);
}
