/* SPDX-License-Identifier: MIT */
/* What is found by which facts: every row of the judgement, and what the exit code says of them. */
#include "diagnosis_rig.h"
#include "failing_memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANNOT "'iommus': [{'name': 'dmar0', 'remaps_interrupts': false}]"
#define NOT_REMAPPED ", 'interrupt_remapping': false"
#define INSISTS NOT_REMAPPED ", 'unsafe_interrupts': false"
#define FORBIDS GRAVITY_BLOCKS, EXIT_NOT_PERMITTED
#define FAILS GRAVITY_BLOCKS, EXIT_FAILED
#define UNKNOWN GRAVITY_UNKNOWN, EXIT_DONE
#define VIRTIO "'iommus': [{'name': '0000:00:02.0', 'kind': 'virtio', 'remaps_interrupts': false}]"
#define REMOVAL_UNKNOWN                                                                            \
	"not known whether it survives the removal of a device from a group (6.1 does not, 6.12 "  \
	"does)"
#define SIGHT_REMEDY                                                                               \
	"run dmaown on the host itself, in the first namespaces, with all of /proc and "           \
	"CAP_SYS_PTRACE"
#define COST "a device that is given away can then raise any interrupt of the host"
#define UNSAFE_SWITCH "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

static const struct row rows[] = {
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
