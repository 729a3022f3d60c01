/* SPDX-License-Identifier: MIT */
/*
 * Whether there is an IOMMU that works.
 *
 * The IOMMU is told by what the firmware describes (DMAR: Intel's, IVRS: AMD's, IORT: an SMMU)
 * rather than by the processor: a hypervisor may give any IOMMU to any processor.
 */
#include "diagnosis_check.h"
#include "diagnosis_facts.h"
#include "diagnosis_parts.h"

static bool iommu_runs(const struct facts *facts)
{
	return diagnosed_host(facts)->iommu_count > 0;
}

static bool no_table(const struct facts *facts)
{
	return firmware_has_table(facts, "none");
}

static bool no_table_in_guest(const struct facts *facts)
{
	return no_table(facts) && diagnosed_host(facts)->virtual == KNOWN_YES;
}

static bool no_table_on_intel(const struct facts *facts)
{
	return no_table(facts) && cpu_is_of(facts, "GenuineIntel");
}

static bool no_table_on_amd(const struct facts *facts)
{
	return no_table(facts) &&
	       (cpu_is_of(facts, "AuthenticAMD") || cpu_is_of(facts, "HygonGenuine"));
}

static bool no_table_on_arm(const struct facts *facts)
{
	return no_table(facts) && cpu_is_arm(facts);
}

static bool iommu_off(const struct facts *facts)
{
	return kernel_was_told(facts, "iommu", "off", NULL);
}

static bool intel_off(const struct facts *facts)
{
	return firmware_has_table(facts, "DMAR") &&
	       kernel_was_told(facts, "intel_iommu", "off", "on");
}

static bool intel_on(const struct facts *facts)
{
	return firmware_has_table(facts, "DMAR") &&
	       kernel_was_told(facts, "intel_iommu", "on", "off");
}

static bool intel_untold(const struct facts *facts)
{
	return firmware_has_table(facts, "DMAR") && diagnosed_host(facts)->arguments_known;
}

static bool intel_told_what(const struct facts *facts)
{
	return firmware_has_table(facts, "DMAR");
}

static bool amd_off(const struct facts *facts)
{
	return firmware_has_table(facts, "IVRS") &&
	       kernel_was_told(facts, "amd_iommu", "off", NULL);
}

static bool amd_failed(const struct facts *facts)
{
	return firmware_has_table(facts, "IVRS");
}

static bool smmu_failed(const struct facts *facts)
{
	return firmware_has_table(facts, "IORT");
}

static bool virtio_failed(const struct facts *facts)
{
	return firmware_has_table(facts, "VIOT");
}

static bool no_iommu_on_arm(const struct facts *facts)
{
	return diagnosed_host(facts)->iommus_known && cpu_is_arm(facts);
}

static bool no_iommu(const struct facts *facts)
{
	return diagnosed_host(facts)->iommus_known;
}

static bool no_groups(const struct facts *facts)
{
	return facts->group_count == 0 && facts->device_count > 0;
}

static const struct check_row iommu_check_rows[] = {
	{
		.applies = is_first_of_xen,
		.ruling = UNSUPPORTED,
		.reason = "this is Xen's first domain: Xen owns the IOMMU, so VFIO does not work "
			  "here",
		.remedy = "give devices to Xen's guests by xen-pciback: xl pci-assignable-add "
			  "ADDRESS",
	},
	{
		.applies = iommu_works,
		.ruling = FINE,
		.reason = "runs, and its devices are in groups",
	},
	{
		.applies = iommu_runs,
		.ruling = UNSUPPORTED,
		.reason = "runs, but no device is in a group",
		.remedy = "the kernel log says why: dmesg | grep -i iommu",
	},
	{
		.applies = no_table_in_guest,
		.ruling = UNSUPPORTED,
		.reason = "this virtual machine has none",
		.remedy = "give it one; QEMU: -machine q35,kernel-irqchip=split -device "
			  "intel-iommu,intremap=on",
	},
	{
		.applies = no_table_on_intel,
		.ruling = UNSUPPORTED,
		.reason = "the firmware describes none (no ACPI table DMAR)",
		.remedy = "enable VT-d in the firmware's setup",
	},
	{
		.applies = no_table_on_amd,
		.ruling = UNSUPPORTED,
		.reason = "the firmware describes none (no ACPI table IVRS)",
		.remedy = "enable IOMMU, or AMD-Vi, in the firmware's setup",
	},
	{
		.applies = no_table_on_arm,
		.ruling = UNSUPPORTED,
		.reason = "the firmware describes none (no ACPI table IORT)",
		.remedy = "enable the SMMU in the firmware's setup, if the board has one",
	},
	{
		.applies = no_table,
		.ruling = UNSUPPORTED,
		.reason = "the firmware describes none",
		.remedy = "enable it in the firmware's setup",
	},
	{
		.applies = iommu_off,
		.ruling = UNSUPPORTED,
		.reason = "off by the kernel argument iommu=off",
		.remedy = "remove iommu=off from the kernel command line and reboot",
	},
	{
		.applies = intel_off,
		.ruling = UNSUPPORTED,
		.reason = "off by the kernel argument intel_iommu=off",
		.remedy = "change it to intel_iommu=on on the kernel command line and reboot",
	},
	{
		.applies = intel_on,
		.ruling = UNSUPPORTED,
		.reason = "did not start in spite of intel_iommu=on",
		.remedy = "the kernel log says why: dmesg | grep -e DMAR -e IOMMU; if it says "
			  "nothing, the kernel lacks CONFIG_INTEL_IOMMU",
	},
	{
		.applies = intel_untold,
		.ruling = UNSUPPORTED,
		.reason = "off: this kernel uses it only with intel_iommu=on",
		.remedy = "add intel_iommu=on to the kernel command line and reboot",
	},
	{
		.applies = intel_told_what,
		.ruling = UNSUPPORTED,
		.reason = "does not run, and the kernel's arguments are not known",
		.remedy = "add intel_iommu=on to the kernel command line and reboot",
	},
	{
		.applies = amd_off,
		.ruling = UNSUPPORTED,
		.reason = "off by the kernel argument amd_iommu=off",
		.remedy = "remove amd_iommu=off from the kernel command line and reboot",
	},
	{
		.applies = amd_failed,
		.ruling = UNSUPPORTED,
		.reason = "did not start, though the firmware describes it",
		.remedy = "the kernel log says why: dmesg | grep AMD-Vi; if it says nothing, the "
			  "kernel lacks CONFIG_AMD_IOMMU",
	},
	{
		.applies = smmu_failed,
		.ruling = UNSUPPORTED,
		.reason = "no SMMU runs, though the firmware has a table for it",
		.remedy = "enable the SMMU in the firmware's setup; the kernel needs "
			  "CONFIG_ARM_SMMU_V3 or CONFIG_ARM_SMMU",
	},
	{
		.applies = virtio_failed,
		.ruling = UNSUPPORTED,
		.reason = "virtio-iommu does not run",
		.remedy = "modprobe virtio_iommu",
	},
	{
		.applies = no_iommu_on_arm,
		.ruling = UNSUPPORTED,
		.reason = "no SMMU runs",
		.remedy = "the device tree has to enable it, and the kernel needs "
			  "CONFIG_ARM_SMMU_V3 or CONFIG_ARM_SMMU",
	},
	{
		.applies = no_iommu,
		.ruling = UNSUPPORTED,
		.reason = "none runs",
		.remedy = "enable it in the firmware's setup; on Intel, also add intel_iommu=on to "
			  "the kernel command line",
	},
	{
		.applies = no_groups,
		.ruling = UNSUPPORTED,
		.reason = "no device is in a group",
		.remedy = "enable it in the firmware's setup; on Intel, also add intel_iommu=on to "
			  "the kernel command line",
	},
	{
		.applies = always,
		.ruling = UNDECIDED,
		.reason = "not known whether one runs",
		.fact = "iommus",
	},
};

static const struct check iommu_check = {.name = "iommu",
					 .thing = "IOMMU",
					 .rows = iommu_check_rows,
					 .row_count = COUNT(iommu_check_rows)};

int judge_iommu(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_check(diagnosis, facts, &iommu_check);
}
