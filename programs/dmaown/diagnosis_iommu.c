/* SPDX-License-Identifier: MIT */
/*
 * Whether there is an IOMMU that works, and whether it stands before interrupts.
 *
 * The IOMMU is told by what the firmware describes (DMAR: Intel's, IVRS: AMD's, IORT: an SMMU)
 * rather than by the processor: a hypervisor may give any IOMMU to any processor.
 */
#include "diagnosis_parts.h"

#include <string.h>

static bool always(const struct facts *facts)
{
	return true;
}

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

/* Without an IOMMU that works the question is moot. */
static bool interrupts(const struct facts *facts, enum known remapped)
{
	return iommu_works(facts) && diagnosed_host(facts)->interrupt_remapping == remapped;
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

#define IOMMU "iommu", "IOMMU"
#define INTERRUPTS "interrupt-remapping", "interrupt remapping"

static const struct rule rules[] = {
	{is_first_of_xen,
	 {IOMMU, UNSUPPORTED,
	  "this is Xen's first domain: Xen has the IOMMU, and VFIO can't be had here",
	  "give devices to Xen's guests by xen-pciback: xl pci-assignable-add ADDRESS"},
	 NULL},
	{iommu_works, {IOMMU, FINE, "runs, and its devices are in groups", NULL}, NULL},
	{iommu_runs,
	 {IOMMU, UNSUPPORTED, "runs, but no device is in a group",
	  "the kernel log says why: dmesg | grep -i iommu"},
	 NULL},
	{no_table_in_guest,
	 {IOMMU, UNSUPPORTED, "this virtual machine has none",
	  "give it one; QEMU: -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on"},
	 NULL},
	{no_table_on_intel,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table DMAR)",
	  "enable VT-d in the firmware's setup"},
	 NULL},
	{no_table_on_amd,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table IVRS)",
	  "enable IOMMU, or AMD-Vi, in the firmware's setup"},
	 NULL},
	{no_table_on_arm,
	 {IOMMU, UNSUPPORTED, "the firmware describes none (no ACPI table IORT)",
	  "enable the SMMU in the firmware's setup, if the board has one"},
	 NULL},
	{no_table,
	 {IOMMU, UNSUPPORTED, "the firmware describes none", "enable it in the firmware's setup"},
	 NULL},
	{iommu_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument iommu=off",
	  "take iommu=off off the kernel command line and reboot"},
	 NULL},
	{intel_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument intel_iommu=off",
	  "make it intel_iommu=on on the kernel command line and reboot"},
	 NULL},
	{intel_on,
	 {IOMMU, UNSUPPORTED, "did not start in spite of intel_iommu=on",
	  "the kernel log says why: dmesg | grep -e DMAR -e IOMMU; without a word of it the kernel "
	  "lacks CONFIG_INTEL_IOMMU"},
	 NULL},
	{intel_untold,
	 {IOMMU, UNSUPPORTED, "off: this kernel uses it only when told",
	  "put intel_iommu=on on the kernel command line and reboot"},
	 NULL},
	{intel_told_what,
	 {IOMMU, UNSUPPORTED, "does not run, and it is not known what the kernel was told about it",
	  "put intel_iommu=on on the kernel command line and reboot"},
	 NULL},
	{amd_off,
	 {IOMMU, UNSUPPORTED, "off by the kernel argument amd_iommu=off",
	  "take amd_iommu=off off the kernel command line and reboot"},
	 NULL},
	{amd_failed,
	 {IOMMU, UNSUPPORTED, "did not start, though the firmware describes it",
	  "the kernel log says why: dmesg | grep AMD-Vi; without a word of it the kernel lacks "
	  "CONFIG_AMD_IOMMU"},
	 NULL},
	{smmu_failed,
	 {IOMMU, UNSUPPORTED, "no SMMU runs, though the firmware has a table for it",
	  "enable the SMMU in the firmware's setup; the kernel needs CONFIG_ARM_SMMU_V3 or "
	  "CONFIG_ARM_SMMU"},
	 NULL},
	{virtio_failed,
	 {IOMMU, UNSUPPORTED, "virtio-iommu does not run", "modprobe virtio_iommu"},
	 NULL},
	{no_iommu_on_arm,
	 {IOMMU, UNSUPPORTED, "no SMMU runs",
	  "the device tree has to enable it, and the kernel needs CONFIG_ARM_SMMU_V3 or "
	  "CONFIG_ARM_SMMU"},
	 NULL},
	{no_iommu,
	 {IOMMU, UNSUPPORTED, "none runs",
	  "enable it in the firmware's setup, and with intel_iommu=on on Intel"},
	 NULL},
	{no_groups,
	 {IOMMU, UNSUPPORTED, "no device is in a group",
	  "enable it in the firmware's setup, and with intel_iommu=on on Intel"},
	 NULL},
	{always, {IOMMU, UNDECIDED, "not known whether one runs", NULL}, "iommus"},

	{interrupts_remapped,
	 {INTERRUPTS, FINE, "devices' interrupts go through the IOMMU", NULL},
	 NULL},
	{interrupts_unsafe_by_choice,
	 {INTERRUPTS, WARNS, "off, and VFIO does without: " UNSAFE_COST,
	  "give devices to nobody whom you do not trust"},
	 NULL},
	{interrupts_off_and_unsafe_unknown,
	 {INTERRUPTS, UNDECIDED, "off, and not known whether VFIO does without", NULL},
	 "unsafe_interrupts"},
	{interrupts_told_off,
	 {INTERRUPTS, BROKEN, "off by a kernel argument, and VFIO insists on it",
	  "take intremap=off or nointremap off the kernel command line and reboot"},
	 NULL},
	{interrupts_beyond_virtio,
	 {INTERRUPTS, BROKEN, "virtio-iommu has none, and VFIO insists on it",
	  "echo Y > " UNSAFE_SWITCH "; " UNSAFE_COST},
	 NULL},
	{interrupts_beyond_hardware,
	 {INTERRUPTS, BROKEN, "the IOMMU cannot, and VFIO insists on it",
	  "echo Y > " UNSAFE_SWITCH "; " UNSAFE_COST},
	 NULL},
	{interrupts_not_remapped,
	 {INTERRUPTS, BROKEN, "off, and VFIO insists on it",
	  "enable it, and x2APIC, in the firmware's setup; or echo Y > " UNSAFE_SWITCH
	  ": " UNSAFE_COST},
	 NULL},
	{interrupts_unknown_by_choice,
	 {INTERRUPTS, UNKNOWN, "VFIO does without; not known whether the kernel uses it", NULL},
	 "interrupt_remapping"},
	{interrupts_unknown,
	 {INTERRUPTS, UNDECIDED, "not known whether the kernel uses it", NULL},
	 "interrupt_remapping"},
};

int judge_iommu(struct diagnosis *diagnosis, const struct facts *facts)
{
	return apply_rules(diagnosis, facts, rules, RULES(rules));
}
