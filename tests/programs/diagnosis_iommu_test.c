/* SPDX-License-Identifier: MIT */
/* What is found of IOMMUs, and of the devices that none translates for: every row of the judgement.
 */
#include "diagnosis_rig.h"

#define LATE_REASON                                                                                \
	"in no group yet: this kernel puts a device in its group when a driver is bound to it, "   \
	"and none is bound"
#define LATE_REMEDY                                                                                \
	"echo vfio-pci > /sys/bus/pci/devices/ADDRESS/driver_override; echo ADDRESS > "            \
	"/sys/bus/pci/drivers_probe"

static const struct row rows[] = {
	{"iommu@runs", GROUPED_PCI, CAN, "iommu", FINE, "IOMMU",
	 "runs, and its devices are in groups", NULL},
	{"iommu@groups-of-an-old-machine-file", GROUPED_PCI, NULL, "iommu", FINE, "IOMMU",
	 "runs, and its devices are in groups", NULL},
	{"iommu@runs-for-nobody", UNGROUPED_PCI, CAN, "iommu", BLOCKS, "IOMMU",
	 "runs, but no device is in a group", "the kernel log says why: dmesg | grep -i iommu"},
	{"iommu@groups-of-noiommu", GROUPED_PCI | NOIOMMU, NO_IOMMU ", 'noiommu': true", "iommu",
	 BLOCKS, "IOMMU", "none runs",
	 "enable it in the firmware's setup; on Intel, also add intel_iommu=on to the kernel "
	 "command line"},
	{"iommu@virtual-machine-without", UNGROUPED_PCI,
	 NO_IOMMU ", 'virtual': true, 'iommu_table': 'none', 'cpu_vendor': 'GenuineIntel'", "iommu",
	 BLOCKS, "IOMMU", "this virtual machine has none",
	 "give it one; QEMU: -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on"},
	{"iommu@firmware-of-intel", UNGROUPED_PCI,
	 NO_IOMMU
	 ", 'arguments': ['intel_iommu=on'], 'iommu_table': 'none', 'cpu_vendor': 'GenuineIntel'",
	 "iommu", BLOCKS, "IOMMU", "the firmware describes none (no ACPI table DMAR)",
	 "enable VT-d in the firmware's setup"},
	{"iommu@firmware-of-amd", UNGROUPED_PCI,
	 NO_IOMMU ", 'iommu_table': 'none', 'cpu_vendor': 'AuthenticAMD'", "iommu", BLOCKS, "IOMMU",
	 "the firmware describes none (no ACPI table IVRS)",
	 "enable IOMMU, or AMD-Vi, in the firmware's setup"},
	{"iommu@firmware-of-hygon", UNGROUPED_PCI,
	 NO_IOMMU ", 'iommu_table': 'none', 'cpu_vendor': 'HygonGenuine'", "iommu", BLOCKS, "IOMMU",
	 "the firmware describes none (no ACPI table IVRS)",
	 "enable IOMMU, or AMD-Vi, in the firmware's setup"},
	{"iommu@firmware-of-arm", UNGROUPED_PCI,
	 NO_IOMMU ", 'iommu_table': 'none', 'architecture': 'aarch64'", "iommu", BLOCKS, "IOMMU",
	 "the firmware describes none (no ACPI table IORT)",
	 "enable the SMMU in the firmware's setup, if the board has one"},
	{"iommu@firmware-of-another", UNGROUPED_PCI, NO_IOMMU ", 'iommu_table': 'none'", "iommu",
	 BLOCKS, "IOMMU", "the firmware describes none", "enable it in the firmware's setup"},
	{"iommu@off-for-all", UNGROUPED_PCI,
	 NO_IOMMU ", 'arguments': ['intel_iommu=on', 'iommu=pt,off'], 'iommu_table': 'DMAR'",
	 "iommu", BLOCKS, "IOMMU", "off by the kernel argument iommu=off",
	 "remove iommu=off from the kernel command line and reboot"},
	{"iommu@intel-off", UNGROUPED_PCI,
	 NO_IOMMU
	 ", 'arguments': ['intel_iommu=on', 'intel_iommu=sm_on,off'], 'iommu_table': 'DMAR'",
	 "iommu", BLOCKS, "IOMMU", "off by the kernel argument intel_iommu=off",
	 "change it to intel_iommu=on on the kernel command line and reboot"},
	{"iommu@intel-on-and-failed", UNGROUPED_PCI,
	 NO_IOMMU
	 ", 'arguments': ['intel_iommu=off', 'intel_iommu=on,sm_on'], 'iommu_table': 'DMAR'",
	 "iommu", BLOCKS, "IOMMU", "did not start in spite of intel_iommu=on",
	 "the kernel log says why: dmesg | grep -e DMAR -e IOMMU; if it says nothing, the kernel "
	 "lacks CONFIG_INTEL_IOMMU"},
	{"iommu@intel-not-told", UNGROUPED_PCI,
	 NO_IOMMU ", 'arguments': ['iommu=pt', 'intel_iommu=igfx_off'], 'iommu_table': 'DMAR'",
	 "iommu", BLOCKS, "IOMMU", "off: this kernel uses it only with intel_iommu=on",
	 "add intel_iommu=on to the kernel command line and reboot"},
	{"iommu@intel-on-a-processor-of-amd", UNGROUPED_PCI,
	 NO_IOMMU ", 'arguments': [], 'iommu_table': 'DMAR', 'cpu_vendor': 'AuthenticAMD'", "iommu",
	 BLOCKS, "IOMMU", "off: this kernel uses it only with intel_iommu=on",
	 "add intel_iommu=on to the kernel command line and reboot"},
	{"iommu@intel-told-nobody-knows-what", UNGROUPED_PCI, NO_IOMMU ", 'iommu_table': 'DMAR'",
	 "iommu", BLOCKS, "IOMMU", "does not run, and the kernel's arguments are not known",
	 "add intel_iommu=on to the kernel command line and reboot"},
	{"iommu@xens", UNGROUPED_PCI,
	 NO_IOMMU ", 'xen_first': true, 'iommu_table': 'none', 'virtual': true", "iommu", BLOCKS,
	 "IOMMU", "this is Xen's first domain: Xen owns the IOMMU, so VFIO does not work here",
	 "give devices to Xen's guests by xen-pciback: xl pci-assignable-add ADDRESS"},
	{"iommu@xens-guest", UNGROUPED_PCI,
	 NO_IOMMU ", 'xen_first': false, 'iommu_table': 'none', 'virtual': true", "iommu", BLOCKS,
	 "IOMMU", "this virtual machine has none",
	 "give it one; QEMU: -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on"},
	{"iommu@groups-alone-tell", GROUPED_PCI, "", "iommu", FINE, "IOMMU",
	 "runs, and its devices are in groups", NULL},
	{"iommu@groups-that-may-be-noiommu", GROUPED_PCI | UNREAD, "", "iommu", UNDECIDED, "IOMMU",
	 "not known whether one runs: nobody looked", NULL},
	{"iommu@runs-beside-groups-of-noiommu", GROUPED_PCI | NOIOMMU, CAN, "iommu", BLOCKS,
	 "IOMMU", "runs, but no device is in a group",
	 "the kernel log says why: dmesg | grep -i iommu"},
	{"iommu@amd-off", UNGROUPED_PCI,
	 NO_IOMMU ", 'arguments': ['amd_iommu=fullflush,off'], 'iommu_table': 'IVRS'", "iommu",
	 BLOCKS, "IOMMU", "off by the kernel argument amd_iommu=off",
	 "remove amd_iommu=off from the kernel command line and reboot"},
	{"iommu@amd-failed", UNGROUPED_PCI,
	 NO_IOMMU ", 'arguments': ['intel_iommu=off'], 'iommu_table': 'IVRS'", "iommu", BLOCKS,
	 "IOMMU", "did not start, though the firmware describes it",
	 "the kernel log says why: dmesg | grep AMD-Vi; if it says nothing, the kernel lacks "
	 "CONFIG_AMD_IOMMU"},
	{"iommu@smmu-failed", UNGROUPED_PCI, NO_IOMMU ", 'iommu_table': 'IORT'", "iommu", BLOCKS,
	 "IOMMU", "no SMMU runs, though the firmware has a table for it",
	 "enable the SMMU in the firmware's setup; the kernel needs CONFIG_ARM_SMMU_V3 or "
	 "CONFIG_ARM_SMMU"},
	{"iommu@virtio", UNGROUPED_PCI, NO_IOMMU ", 'iommu_table': 'VIOT'", "iommu", BLOCKS,
	 "IOMMU", "virtio-iommu does not run", "modprobe virtio_iommu"},
	{"iommu@arm-with-a-device-tree", UNGROUPED_PCI, NO_IOMMU ", 'architecture': 'aarch64'",
	 "iommu", BLOCKS, "IOMMU", "no SMMU runs",
	 "the device tree has to enable it, and the kernel needs CONFIG_ARM_SMMU_V3 or "
	 "CONFIG_ARM_SMMU"},
	{"iommu@none", UNGROUPED_PCI, NO_IOMMU, "iommu", BLOCKS, "IOMMU", "none runs",
	 "enable it in the firmware's setup; on Intel, also add intel_iommu=on to the kernel "
	 "command line"},
	{"iommu@no-groups-in-an-old-machine-file", UNGROUPED_PCI, NULL, "iommu", BLOCKS, "IOMMU",
	 "no device is in a group",
	 "enable it in the firmware's setup; on Intel, also add intel_iommu=on to the kernel "
	 "command line"},
	{"iommu@nothing-known", 0, NULL, "iommu", UNDECIDED, "IOMMU",
	 "not known whether one runs: nobody looked", NULL},
	{"iommu@hidden", 0, "'unknown': [{'about': 'iommus', 'errno': 'EIO'}]", "iommu", UNDECIDED,
	 "IOMMU", "not known whether one runs: Input/output error", NULL},
	{"iommu@hidden-by-permission", 0, "'unknown': [{'about': 'iommus', 'errno': 'EACCES'}]",
	 "iommu", UNDECIDED_BY_PERMISSION, "IOMMU", "not known whether one runs: Permission denied",
	 NULL},

	{"ungrouped@none", GROUPED_PCI, CAN, "ungrouped", NO_FINDING},
	{"ungrouped@moot-without-an-iommu", UNGROUPED_PCI, NO_IOMMU, "ungrouped", NO_FINDING},
	{"ungrouped@platform-devices-alone-are-grouped", PLATFORM | UNGROUPED_PCI | BOUND, SMMU,
	 "ungrouped", BLOCKS, "PCI",
	 "no IOMMU translates for PCI devices, only for those of other buses",
	 "the firmware has to say which IOMMU the PCI host bridge has (iommu-map of a device "
	 "tree); "
	 "the board may have none"},
	{"ungrouped@board-without-pci", PLATFORM, SMMU, "ungrouped", NO_FINDING},
	{"ungrouped@one-beside-others", GROUPED_PCI | UNGROUPED_PCI, INTEL, "ungrouped", WARNS,
	 "0000:04:00.0", "in no group: no IOMMU translates for it",
	 "the kernel log may say why: dmesg | grep -i iommu"},
	{"ungrouped@many", GROUPED_PCI | UNGROUPED_PCI | MANY, INTEL, "ungrouped", WARNS,
	 "0000:04:00.0, 0000:04:00.1, 0000:04:00.2 and 2 more",
	 "in no group: no IOMMU translates for it",
	 "the kernel log may say why: dmesg | grep -i iommu"},
	{"ungrouped@bridges-matter-to-nobody", GROUPED_PCI | UNGROUPED_PCI | BRIDGE, CAN,
	 "ungrouped", NO_FINDING},
	{"ungrouped@the-iommu-itself", GROUPED_PCI | UNGROUPED_PCI | BOUND,
	 "'iommus': [{'name': '0000:04:00.0', 'kind': 'virtio'}]", "ungrouped", NO_FINDING},
	{"ungrouped@until-a-driver-is-bound", GROUPED_PCI | UNGROUPED_PCI,
	 SMMU ", 'release': '6.12.117'", "ungrouped", WARNS, "0000:04:00.0", LATE_REASON,
	 LATE_REMEDY},
	{"ungrouped@until-a-driver-is-bound-by-a-kernel-unknown", GROUPED_PCI | UNGROUPED_PCI,
	 "'iommus': [{'name': 'a'}]", "ungrouped", WARNS, "0000:04:00.0", LATE_REASON, LATE_REMEDY},
	{"ungrouped@until-a-driver-is-bound-to-any", PLATFORM | UNGROUPED_PCI,
	 SMMU ", 'release': '6.12.117'", "ungrouped", WARNS, "0000:04:00.0", LATE_REASON,
	 LATE_REMEDY},
	{"ungrouped@with-a-driver", GROUPED_PCI | UNGROUPED_PCI | BOUND,
	 SMMU ", 'release': '6.12.117'", "ungrouped", WARNS, "0000:04:00.0",
	 "in no group: no IOMMU translates for it",
	 "the kernel log may say why: dmesg | grep -i iommu"},
	{"ungrouped@newer-kernels-look-at-once", GROUPED_PCI | UNGROUPED_PCI,
	 SMMU ", 'release': '6.15.0'", "ungrouped", WARNS, "0000:04:00.0",
	 "in no group: no IOMMU translates for it",
	 "the kernel log may say why: dmesg | grep -i iommu"},
};

int main(void)
{
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, remark);
	return suite_run(&suite, "diagnosis-iommu");
}
