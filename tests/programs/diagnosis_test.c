/* SPDX-License-Identifier: MIT */
/* What is found by which facts: every row of the judgement, and what the exit code says of them. */
#include "diagnosis.h"
#include "failing_memory.h"
#include "machine_file.h"
#include "rows.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
#define CANNOT "'iommus': [{'name': 'dmar0', 'remaps_interrupts': false}]"
#define NOT_REMAPPED ", 'interrupt_remapping': false"
#define INSISTS NOT_REMAPPED ", 'unsafe_interrupts': false"

#define BLOCKS GRAVITY_BLOCKS, EXIT_ABSENT
#define FORBIDS GRAVITY_BLOCKS, EXIT_NOT_PERMITTED
#define FAILS GRAVITY_BLOCKS, EXIT_FAILED
#define WARNS GRAVITY_WARNS, EXIT_DONE
#define FINE GRAVITY_OK, EXIT_DONE
#define UNKNOWN GRAVITY_UNKNOWN, EXIT_DONE
#define UNDECIDED GRAVITY_UNKNOWN, EXIT_FAILED
#define UNDECIDED_BY_PERMISSION GRAVITY_UNKNOWN, EXIT_NOT_PERMITTED
#define NO_FINDING GRAVITY_OK, EXIT_DONE, NULL, NULL, NULL

#define INTEL "'iommus': [{'name': 'dmar0', 'kind': 'intel'}]"
#define SMMU "'iommus': [{'name': 'smmu3.0x0000000009050000', 'kind': 'smmu'}]"
#define VIRTIO "'iommus': [{'name': '0000:00:02.0', 'kind': 'virtio', 'remaps_interrupts': false}]"
#define LATE_REASON                                                                                \
	"in no group yet: this kernel puts a device in its group when a driver is bound to it, "   \
	"and none is bound"
#define LATE_REMEDY                                                                                \
	"echo vfio-pci > /sys/bus/pci/devices/ADDRESS/driver_override; echo ADDRESS > "            \
	"/sys/bus/pci/drivers_probe"
#define REMOVAL_UNKNOWN                                                                            \
	"not known whether it survives the removal of a device from a group (6.1 does not, 6.12 "  \
	"does)"

#define SIGHT_REMEDY                                                                               \
	"run dmaown on the host itself, in the first namespaces, with all of /proc and "           \
	"CAP_SYS_PTRACE"

#define COST "a device that is given away can then raise any interrupt of the host"
#define UNSAFE_SWITCH "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

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

	{"removal@6.1", GROUPED_PCI, INTEL ", 'release': '6.1.0-56-amd64'", "removal", WARNS,
	 "kernel",
	 "crashes at the next claim of a group of several devices from which one was removed "
	 "(unplugged, or by its file remove)",
	 "boot 6.12 or later; else remove no device of such a group"},
	{"removal@6.12", GROUPED_PCI, INTEL ", 'release': '6.12.1'", "removal", FINE, "kernel",
	 "survives the removal of a device from a group", NULL},
	{"removal@between", GROUPED_PCI, INTEL ", 'release': '6.6.9'", "removal", UNKNOWN, "kernel",
	 REMOVAL_UNKNOWN ": nobody looked", NULL},
	{"removal@6.1-of-another-iommu", GROUPED_PCI, SMMU ", 'release': '6.1.0-56-arm64'",
	 "removal", UNKNOWN, "kernel", REMOVAL_UNKNOWN ": nobody looked", NULL},
	{"removal@release-hidden", GROUPED_PCI,
	 INTEL ", 'unknown': [{'about': 'release', 'errno': 'EIO'}]", "removal", UNKNOWN, "kernel",
	 REMOVAL_UNKNOWN ": Input/output error", NULL},
	{"removal@moot-without-an-iommu", UNGROUPED_PCI, NO_IOMMU ", 'release': '6.1.0'", "removal",
	 NO_FINDING},

	{"override@given", GROUPED_PCI,
	 CAN ", 'arguments': ['pcie_acs_override=downstream,multifunction']", "acs-override", WARNS,
	 "pcie_acs_override",
	 "set: the kernel may treat devices as isolated that the hardware does not isolate, so "
	 "groups may be too small (dmaown show says which)",
	 "remove it from the kernel command line and reboot, or give such devices only to users "
	 "whom you trust"},
	{"override@not-given", GROUPED_PCI, CAN ", 'arguments': ['iommu=pt']", "acs-override", FINE,
	 "pcie_acs_override", "not set", NULL},
	{"override@nothing-known", GROUPED_PCI, CAN, "acs-override", UNKNOWN, "pcie_acs_override",
	 "not known whether it is set: nobody looked", NULL},

	{"interrupts@remapped", GROUPED_PCI, CAN ", 'interrupt_remapping': true",
	 "interrupt-remapping", FINE, "interrupt remapping",
	 "interrupts of devices go through the IOMMU", NULL},
	{"interrupts@unsafe-by-choice", GROUPED_PCI,
	 CANNOT NOT_REMAPPED ", 'unsafe_interrupts': true", "interrupt-remapping", WARNS,
	 "interrupt remapping", "off, and VFIO works without it: " COST,
	 "give devices only to users whom you trust"},
	{"interrupts@told-off", GROUPED_PCI,
	 CAN INSISTS ", 'arguments': ['intremap=nosid', 'intremap=off']", "interrupt-remapping",
	 FAILS, "interrupt remapping", "off by a kernel argument, and VFIO requires it",
	 "remove intremap=off or nointremap from the kernel command line and reboot"},
	{"interrupts@told-off-the-old-way", GROUPED_PCI,
	 CAN INSISTS ", 'arguments': ['nointremap']", "interrupt-remapping", FAILS,
	 "interrupt remapping", "off by a kernel argument, and VFIO requires it",
	 "remove intremap=off or nointremap from the kernel command line and reboot"},
	{"interrupts@beyond-virtio", GROUPED_PCI, VIRTIO INSISTS, "interrupt-remapping", FAILS,
	 "interrupt remapping", "virtio-iommu has none, and VFIO requires it",
	 "echo Y > " UNSAFE_SWITCH "; " COST},
	{"interrupts@beyond-the-hardware", GROUPED_PCI, CANNOT INSISTS, "interrupt-remapping",
	 FAILS, "interrupt remapping", "the IOMMU does not support it, and VFIO requires it",
	 "echo Y > " UNSAFE_SWITCH "; " COST},
	{"interrupts@off-and-the-switch-unknown", GROUPED_PCI, CAN NOT_REMAPPED,
	 "interrupt-remapping", UNDECIDED, "interrupt remapping",
	 "off, and it is not known whether VFIO works without it: nobody looked", NULL},
	{"interrupts@unknown-and-not-needed", GROUPED_PCI, CAN ", 'unsafe_interrupts': true",
	 "interrupt-remapping", UNKNOWN, "interrupt remapping",
	 "VFIO works without it; it is not known whether the kernel uses it: nobody looked", NULL},
	{"interrupts@hidden", GROUPED_PCI,
	 CAN ", 'unknown': [{'about': 'interrupt_remapping', 'errno': 'ENOENT'}]",
	 "interrupt-remapping", UNDECIDED, "interrupt remapping",
	 "not known whether the kernel uses it: No such file or directory", NULL},
	{"interrupts@off-in-the-firmware", GROUPED_PCI, CAN INSISTS, "interrupt-remapping", FAILS,
	 "interrupt remapping", "off, and VFIO requires it",
	 "enable it, and x2APIC, in the firmware's setup; or echo Y > " UNSAFE_SWITCH ": " COST},
	{"interrupts@nothing-known", GROUPED_PCI, NULL, "interrupt-remapping", UNDECIDED,
	 "interrupt remapping", "not known whether the kernel uses it: nobody looked", NULL},
	{"interrupts@moot-without-an-iommu", UNGROUPED_PCI, NO_IOMMU, "interrupt-remapping",
	 NO_FINDING},

	{"type1@loaded", 0, "'modules': [{'name': 'vfio_iommu_type1', 'loaded': true}]",
	 "vfio-iommu", FINE, "vfio_iommu_type1", "loaded", NULL},
	{"type1@not-of-this-kernel", 0,
	 "'modules': [{'name': 'vfio_iommu_type1', 'loaded': false, 'installed': false}, {'name': "
	 "'iommufd', 'loaded': false, 'installed': false}]",
	 "vfio-iommu", BLOCKS, "vfio_iommu_type1", "the running kernel has no such module",
	 "boot a kernel with CONFIG_VFIO_IOMMU_TYPE1"},
	{"type1@iommufd-in-its-place", 0,
	 "'modules': [{'name': 'vfio_iommu_type1', 'loaded': false, 'installed': false}, {'name': "
	 "'iommufd', 'loaded': true, 'installed': true}]",
	 "vfio-iommu", FINE, "vfio_iommu_type1", "the running kernel has iommufd instead", NULL},
	{"type1@not-there-and-iommufd-unknown", 0,
	 "'modules': [{'name': 'vfio_iommu_type1', 'loaded': false, 'installed': false}]",
	 "vfio-iommu", UNDECIDED, "vfio_iommu_type1",
	 "the running kernel has no such module, and not known whether it has iommufd: nobody "
	 "looked",
	 NULL},
	{"type1@unloaded-alone", GROUPED_PCI | VFIO_PCI,
	 "'modules': [{'name': 'vfio_iommu_type1', 'loaded': false, 'installed': true}]",
	 "vfio-iommu", BLOCKS, "vfio_iommu_type1", "not loaded", "modprobe vfio_iommu_type1"},
	{"type1@before-vfio-is-loaded", GROUPED_PCI,
	 "'modules': [{'name': 'vfio_iommu_type1', 'loaded': false, 'installed': true}]",
	 "vfio-iommu", FINE, "vfio_iommu_type1", "installed, and loaded with VFIO", NULL},
	{"type1@nothing-known", 0, NULL, "vfio-iommu", UNDECIDED, "vfio_iommu_type1",
	 "not known whether the running kernel has it: nobody looked", NULL},
	{"type1@hidden", 0, "'unknown': [{'about': 'vfio_iommu_type1', 'errno': 'EACCES'}]",
	 "vfio-iommu", UNDECIDED_BY_PERMISSION, "vfio_iommu_type1",
	 "not known whether the running kernel has it: Permission denied", NULL},

	{"driver@registered", GROUPED_PCI | VFIO_PCI, "", "vfio-driver", FINE, "vfio-pci",
	 "registered", NULL},
	{"driver@not-loaded", GROUPED_PCI,
	 "'modules': [{'name': 'vfio_pci', 'loaded': false, 'installed': true}]", "vfio-driver",
	 BLOCKS, "vfio-pci", "its module is not loaded", "modprobe vfio-pci"},
	{"driver@not-loaded-and-may-not-be-there", UNGROUPED_PCI,
	 "'modules': [{'name': 'vfio_pci', 'loaded': false}]", "vfio-driver", BLOCKS, "vfio-pci",
	 "its module is not loaded", "modprobe vfio-pci"},
	{"driver@not-registered-and-nothing-known", UNGROUPED_PCI, NULL, "vfio-driver", BLOCKS,
	 "vfio-pci", "not registered, and not known whether its module is loaded",
	 "modprobe vfio-pci"},
	{"driver@not-of-this-kernel", GROUPED_PCI,
	 "'modules': [{'name': 'vfio_pci', 'loaded': false, 'installed': false}]", "vfio-driver",
	 BLOCKS, "vfio-pci", "the running kernel has no such module",
	 "install the kernel package that has it, or boot a kernel that was built with it"},
	{"driver@loaded-but-not-registered", GROUPED_PCI,
	 "'modules': [{'name': 'vfio_pci', 'loaded': true, 'installed': true}]", "vfio-driver",
	 BLOCKS, "vfio-pci", "its module is loaded, but it is not registered",
	 "unload its module and load it again"},
	{"driver@of-platform-devices-alone", PLATFORM,
	 "'modules': [{'name': 'vfio_platform', 'loaded': false, 'installed': true}]",
	 "vfio-driver", BLOCKS, "vfio-platform", "its module is not loaded",
	 "modprobe vfio-platform"},
	{"driver@of-a-bus-beside-pci", FSL_MC | GROUPED_PCI | VFIO_PCI,
	 "'modules': [{'name': 'vfio_fsl_mc', 'loaded': false, 'installed': true}]", "vfio-driver",
	 WARNS, "vfio-fsl-mc", "its module is not loaded", "modprobe vfio-fsl-mc"},
	{"driver@of-platform-devices-beside-pci", PLATFORM | GROUPED_PCI | VFIO_PCI, "",
	 "vfio-driver", FINE, "vfio-pci", "registered", NULL},
	{"driver@of-no-devices", 0, "", "vfio-driver", NO_FINDING},

	{"node@there", 0, "'vfio_node': true, 'vfio_node_open': true", "vfio-node", FINE,
	 "/dev/vfio/vfio", "there", NULL},
	{"node@for-some", 0, "'vfio_node': true, 'vfio_node_open': false", "vfio-node", WARNS,
	 "/dev/vfio/vfio",
	 "there, but not open to everybody: a user who may not open it can't use a device of claim "
	 "--user",
	 "chmod 0666 /dev/vfio/vfio, and add a udev rule that keeps it so"},
	{"node@for-whom-unknown", 0,
	 "'vfio_node': true, 'unknown': [{'about': 'vfio_node_open', 'errno': 'EIO'}]", "vfio-node",
	 UNKNOWN, "/dev/vfio/vfio",
	 "there, but not known whether everybody may open it: Input/output error", NULL},
	{"node@missing", GROUPED_PCI | VFIO_PCI, "'vfio_node': false", "vfio-node", BLOCKS,
	 "/dev/vfio/vfio", "missing, though VFIO is loaded",
	 "mount devtmpfs on /dev, or pass /dev/vfio into this container; the kernel needs "
	 "CONFIG_VFIO_CONTAINER"},
	{"node@before-vfio-is-loaded", GROUPED_PCI, "'vfio_node': false", "vfio-node", NO_FINDING},
	{"node@nothing-known", 0, NULL, "vfio-node", UNKNOWN, "/dev/vfio/vfio",
	 "not known whether it is there: nobody looked", NULL},
	{"node@hidden-though-vfio-is-loaded", GROUPED_PCI | VFIO_PCI,
	 "'unknown': [{'about': 'vfio_node', 'errno': 'EACCES'}]", "vfio-node",
	 UNDECIDED_BY_PERMISSION, "/dev/vfio/vfio",
	 "not known whether it is there: Permission denied", NULL},

	{"unsafe@on", GROUPED_PCI, CAN ", 'interrupt_remapping': true, 'unsafe_interrupts': true",
	 "unsafe-interrupts", WARNS, "allow_unsafe_interrupts",
	 "on: a device can be given away without interrupt remapping", "echo N > " UNSAFE_SWITCH},
	{"unsafe@needed", GROUPED_PCI, CANNOT NOT_REMAPPED ", 'unsafe_interrupts': true",
	 "unsafe-interrupts", FINE, "allow_unsafe_interrupts",
	 "on, because there is no interrupt remapping", NULL},
	{"unsafe@off", 0, "'unsafe_interrupts': false", "unsafe-interrupts", FINE,
	 "allow_unsafe_interrupts", "off", NULL},
	{"unsafe@nothing-known", 0, NULL, "unsafe-interrupts", UNKNOWN, "allow_unsafe_interrupts",
	 "not known whether it is on: nobody looked", NULL},

	{"noiommu@on", 0, "'noiommu': true", "noiommu", WARNS, "enable_unsafe_noiommu_mode",
	 "on: a device may be given away without an IOMMU, and can then reach all memory",
	 "echo N > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode"},
	{"noiommu@off", 0, "'noiommu': false", "noiommu", FINE, "enable_unsafe_noiommu_mode", "off",
	 NULL},
	{"noiommu@nothing-known", 0, NULL, "noiommu", UNKNOWN, "enable_unsafe_noiommu_mode",
	 "not known whether it is on: nobody looked", NULL},

	{"permission@root", 0, "'privileged': true, 'sys_read_only': false", "permission", FINE,
	 "permission", "root", NULL},
	{"permission@root-of-a-sys-unknown", 0,
	 "'privileged': true, 'unknown': [{'about': 'sys_read_only', 'errno': 'EIO'}]",
	 "permission", UNDECIDED, "permission",
	 "root, but not known whether /sys is mounted read-only: Input/output error", NULL},
	{"permission@not-root", 0, "'privileged': false", "permission", FORBIDS, "permission",
	 "not root of the host: cannot write driver_override, bind, unbind", "run it as root"},
	{"permission@sys-read-only", 0, "'privileged': true, 'sys_read_only': true", "permission",
	 FORBIDS, "permission", "/sys is mounted read-only",
	 "mount -o remount,rw /sys, or run the container privileged"},
	{"permission@nothing-known", 0, NULL, "permission", UNDECIDED, "permission",
	 "not known whether dmaown may change the host: nobody looked", NULL},

	{"sight@all", 0, "'sees_all': true", "sight", FINE, "this process",
	 "sees all processes, mounts and interfaces", NULL},
	{"sight@a-pid-namespace", 0,
	 "'sees_all': false, 'blind_spots': [{'about': 'processes outside of this pid namespace', "
	 "'errno': 'EIO'}]",
	 "sight", FAILS, "this process",
	 "does not see processes outside of this pid namespace, so a device in use may look idle",
	 SIGHT_REMEDY},
	{"sight@hidden-by-permission", 0,
	 "'sees_all': false, 'blind_spots': [{'about': 'processes of other users', 'errno': "
	 "'EACCES'}]",
	 "sight", FORBIDS, "this process",
	 "does not see processes of other users, so a device in use may look idle", SIGHT_REMEDY},
	{"sight@not-all-and-nobody-says-what", 0, "'sees_all': false", "sight", FAILS,
	 "this process", "does not see everything that may use a device", SIGHT_REMEDY},
	{"sight@not-known", 0, "'unknown': [{'about': 'sees_all', 'errno': 'EIO'}]", "sight",
	 UNDECIDED, "this process",
	 "not known whether it sees everything that may use a device: Input/output error", NULL},
	{"sight@nobody-looked", 0, NULL, "sight", UNKNOWN, "this process",
	 "not known whether it sees everything that may use a device: nobody looked", NULL},

	{"memlock@not-limited", 0, "'memlock': 'unlimited'", "memlock", FINE, "locked memory",
	 "not limited", NULL},
	{"memlock@chosen-by-somebody", 0, "'memlock': 16777216", "memlock", FINE, "locked memory",
	 "limited to 16384 KiB", NULL},
	{"memlock@default", 0, "'memlock': 8388608", "memlock", WARNS, "locked memory",
	 "limited to 8192 KiB: without CAP_IPC_LOCK, mapping more for DMA fails with ENOMEM",
	 "ulimit -l unlimited; or LimitMEMLOCK=infinity in the unit of a service, memlock in "
	 "/etc/security/limits.conf for users"},
	{"memlock@none", 0, "'memlock': 0", "memlock", WARNS, "locked memory",
	 "limited to 0 KiB: without CAP_IPC_LOCK, mapping more for DMA fails with ENOMEM",
	 "ulimit -l unlimited; or LimitMEMLOCK=infinity in the unit of a service, memlock in "
	 "/etc/security/limits.conf for users"},
	{"memlock@nothing-known", 0, NULL, "memlock", UNKNOWN, "locked memory",
	 "not known how much may be locked: nobody looked", NULL},

	{"regions@none", GROUPED_PCI, "", "direct-regions", FINE, "groups",
	 "the firmware keeps none for itself", NULL},
	{"regions@kept", GROUPED_PCI | KEPT, "", "direct-regions", WARNS, "group 7",
	 "the firmware uses memory of it (1:1 regions), so no user may have it",
	 "choose another device, or turn off in the firmware's setup what uses that memory"},
	{"regions@not-known", GROUPED_PCI | UNREAD, "", "direct-regions", UNKNOWN, "groups",
	 "not known for 1 whether the firmware uses memory of it: nobody looked", NULL},
	{"regions@no-groups", UNGROUPED_PCI, "", "direct-regions", NO_FINDING},
};

static void set(char **field, const char *text)
{
	assert_int_equal(facts_set_string(field, text), 0);
}

/* Reads the row's host from a machine file that has nothing else. */
static void make_host(const struct row *row, struct facts *facts)
{
	char text[2048], *why = NULL;
	int length = snprintf(text, sizeof(text), "{'dmaown-machine': 1, 'groups': []%s%s%s}",
			      row->host ? ", 'host': {" : "", row->host ? row->host : "",
			      row->host ? "}" : "");

	for (char *at = text; (at = strchr(at, '\'')); at++)
		*at = '"';
	if (machine_file_parse(text, (size_t)length, "HOST", facts, &why) != 0)
		fail_msg("%s", why);
}

static struct device_facts *add_device(struct facts *facts, const char *bus, const char *address,
				       int group)
{
	struct device_facts *device;

	assert_int_equal(facts_add_device(facts, &device), 0);
	set(&device->bus, bus);
	set(&device->address, address);
	device->group = group;
	return device;
}

static void add_ungrouped(struct facts *facts, unsigned int has, const char *address)
{
	struct device_facts *device = add_device(facts, "pci", address, -1);

	assert_int_equal(device_facts_add_pci(device), 0);
	device->pci->bridge = has & BRIDGE;
	if (has & BOUND)
		set(&device->driver, "e1000e");
}

static void add_driver(struct facts *facts, const char *name, bool user)
{
	struct driver_facts *driver;

	assert_int_equal(facts_add_driver(facts, &driver), 0);
	set(&driver->bus, "pci");
	set(&driver->name, name);
	driver->user = user;
}

static void make_facts(const struct row *row, struct facts *facts)
{
	struct group_facts *group;

	make_host(row, facts);
	add_driver(facts, "e1000e", false);
	if (row->has & VFIO_PCI)
		add_driver(facts, "vfio-pci", true);
	if (row->has & GROUPED_PCI)
		add_device(facts, "pci", "0000:03:00.0", 7);
	if (row->has & UNGROUPED_PCI)
		add_ungrouped(facts, row->has, "0000:04:00.0");
	for (char function = '1'; row->has & MANY && function < '5'; function++) {
		char address[] = "0000:04:00.0";

		address[sizeof(address) - 2] = function;
		add_ungrouped(facts, row->has, address);
	}
	if (row->has & PLATFORM)
		add_device(facts, "platform", "ff5e0000.dma", 7);
	if (row->has & FSL_MC)
		add_device(facts, "fsl-mc", "dpni.1", 7);
	if (!(row->has & (GROUPED_PCI | PLATFORM | FSL_MC)))
		return;
	assert_int_equal(facts_add_group(facts, &group), 0);
	group->id = 7;
	if (row->has & UNREAD)
		return;
	group->noiommu = row->has & NOIOMMU ? KNOWN_YES : KNOWN_NO;
	group->direct_regions = row->has & KEPT ? KNOWN_YES : KNOWN_NO;
}

/* The remark of the row's check that says most, since a check may have one for each of many. */
static const struct remark *worst(const struct diagnosis *diagnosis, const char *check)
{
	const struct remark *found = NULL;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct remark *remark = &diagnosis->remarks[i];

		if (strcmp(remark->check, check) == 0 &&
		    (!found || remark->gravity > found->gravity))
			found = remark;
	}
	return found;
}

static void remark(void **state)
{
	const struct row *row = *state;
	struct diagnosis diagnosis = {0};
	const struct remark *found;
	struct facts facts;

	make_facts(row, &facts);
	assert_int_equal(diagnose(&diagnosis, &facts), 0);
	found = worst(&diagnosis, row->check);
	if (!row->reason) {
		assert_null(found);
	} else {
		assert_non_null(found);
		assert_string_equal(found->thing, row->thing);
		assert_string_equal(found->reason, row->reason);
		assert_int_equal(found->gravity, row->gravity);
		assert_int_equal(found->code, row->code);
		if (row->remedy)
			assert_string_equal(found->remedy, row->remedy);
		else
			assert_null(found->remedy);
	}
	diagnosis_release(&diagnosis);
	facts_release(&facts);
}

static void each_of_many_groups(void **state)
{
	struct group_facts groups[] = {{.id = 3, .direct_regions = KNOWN_YES},
				       {.id = 4, .direct_regions = KNOWN_NO},
				       {.id = 9, .direct_regions = KNOWN_YES}};
	const struct facts facts = {.groups = groups, .group_count = COUNT(groups)};
	struct diagnosis diagnosis = {0};
	const struct remark *last;

	assert_int_equal(diagnose(&diagnosis, &facts), 0);
	last = &diagnosis.remarks[diagnosis.count - 1];
	assert_string_equal(last->thing, "group 9");
	assert_string_equal(last[-1].thing, "group 3");
	diagnosis_release(&diagnosis);
}

static enum exit_code code_of(const enum exit_code *codes)
{
	struct diagnosis diagnosis = {0};
	enum exit_code code;

	for (; *codes != EXIT_USAGE; codes++) {
		const struct remark one = {
			.check = "a",
			.thing = "b",
			.gravity = *codes == EXIT_DONE ? GRAVITY_WARNS : GRAVITY_BLOCKS,
			.code = *codes,
			.reason = "c",
		};

		assert_int_equal(diagnosis_add(&diagnosis, &one), 0);
	}
	code = diagnosis_code(&diagnosis);
	diagnosis_release(&diagnosis);
	return code;
}

#define CODE_OF(...) code_of((const enum exit_code[]) {__VA_ARGS__, EXIT_USAGE})

static void code_of_many_findings(void **state)
{
	assert_int_equal(CODE_OF(EXIT_DONE, EXIT_DONE), EXIT_DONE);
	assert_int_equal(CODE_OF(EXIT_DONE, EXIT_FAILED), EXIT_FAILED);
	assert_int_equal(CODE_OF(EXIT_NOT_PERMITTED, EXIT_NOT_PERMITTED), EXIT_NOT_PERMITTED);
	assert_int_equal(CODE_OF(EXIT_NOT_PERMITTED, EXIT_FAILED), EXIT_FAILED);
	assert_int_equal(CODE_OF(EXIT_FAILED, EXIT_NOT_PERMITTED), EXIT_FAILED);
	assert_int_equal(CODE_OF(EXIT_FAILED, EXIT_ABSENT), EXIT_ABSENT);
	assert_int_equal(CODE_OF(EXIT_ABSENT, EXIT_NOT_PERMITTED), EXIT_ABSENT);
}

static void json(void **state)
{
	struct diagnosis diagnosis = {0};
	const struct remark blocks = {"iommu",     "IOMMU", GRAVITY_BLOCKS,
				      EXIT_ABSENT, "off",   "reboot it"};
	const struct remark fine = {
		.check = "state-folder", .thing = "/run/\xff", .reason = "can be written"};
	json_t *made;
	char *text;

	assert_int_equal(diagnosis_add(&diagnosis, &blocks), 0);
	assert_int_equal(diagnosis_add(&diagnosis, &fine), 0);
	made = diagnosis_to_json(&diagnosis);
	text = json_dumps(made, JSON_COMPACT);
	assert_string_equal(text,
			    "{\"findings\":[{\"check\":\"iommu\",\"thing\":\"IOMMU\","
			    "\"verdict\":\"blocks\",\"reason\":\"off\",\"remedy\":\"reboot "
			    "it\"},{\"check\":\"state-folder\",\"thing\":\"/run/\xef\xbf\xbd\","
			    "\"verdict\":\"ok\",\"reason\":\"can be "
			    "written\",\"remedy\":null}]}");
	free(text);
	json_decref(made);
	diagnosis_release(&diagnosis);
}

/* Every allocation made to fail in turn. */
static void without_memory(void **state)
{
	struct group_facts groups[] = {{.id = 3, .direct_regions = KNOWN_YES}};
	const struct facts facts = {.groups = groups, .group_count = 1};
	int err = -ENOMEM;

	for (size_t n = 1; err == -ENOMEM; n++) {
		struct diagnosis diagnosis = {0};

		until_failure = n;
		err = diagnose(&diagnosis, &facts);
		assert_int_equal(err, until_failure ? 0 : -ENOMEM);
		until_failure = 0;
		diagnosis_release(&diagnosis);
	}
}

int main(void)
{
	static const struct CMUnitTest single[] = {
		cmocka_unit_test(each_of_many_groups),
		cmocka_unit_test(code_of_many_findings),
		cmocka_unit_test(json),
		cmocka_unit_test(without_memory),
	};
	struct suite suite = {0};

	ADD_ROWS(&suite, rows, remark);
	ADD_TESTS(&suite, single);
	return suite_run(&suite, "diagnosis");
}
