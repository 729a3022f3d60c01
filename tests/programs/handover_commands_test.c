/* SPDX-License-Identifier: MIT */
/*
 * handover_commands_test DMAOWN MACHINES: what plan, claim, release and recover say and how they
 * exit when they refuse, on the machines in that folder and on a made tree.
 */
#define _GNU_SOURCE
#include "command_rig.h"

#include <stdlib.h>

/* ---- refusals ---- */

struct row {
	const char *name, *command;
	int code;
	const char *err, *out; /* all of it; NULL: nothing */
};

#define ON(file) "dmaown --machine \"$machines\"/" file ".json "
#define TAKE(name) " (--take " name " to take it anyway)\n"
#define LAPTOP_USES                                                                                                                                                \
	"dmaown: 0000:01:00.0: in use: card0-eDP-1: a display shows a picture" TAKE("card0-eDP-1") "dmaown: 0000:01:00.0: in use: fb0: the console is on it" TAKE( \
		"fb0") "dmaown: 0000:01:00.0: in use: /dev/dri/card0: open in Xorg (process "                                                                      \
		       "812)" TAKE("/dev/dri/card0") "dmaown: 0000:01:00.1: in use: "                                                                              \
						     "/dev/snd/controlC1: open in pipewire "                                                                       \
						     "(process 1204)" TAKE("/dev/snd/controlC1")
#define LOST " (a release does not bring that back)\n"
#define NETWORK_LOST                                                                               \
	": its addresses, routes, namespace and place in other interfaces are lost" LOST
#define LAPTOP_LOST                                                                                \
	"dmaown: 0000:01:00.0: takes card0-eDP-1 (a display shows a picture): it goes dark" LOST   \
	"dmaown: 0000:01:00.0: takes fb0 (the console is on it): "                                 \
	"it goes dark" LOST "dmaown: 0000:01:00.0: takes /dev/dri/card0 (open in Xorg (process "   \
	"812)): whoever uses it loses it" LOST                                                     \
	"dmaown: 0000:01:00.1: takes /dev/snd/controlC1 (open in pipewire (process 1204)): "       \
	"whoever uses it loses it" LOST
#define CARD_USES                                                                                  \
	"dmaown: 0000:02:01.0: in use: eth0: up" TAKE(                                             \
		"eth0") "dmaown: 0000:02:01.0: in use: SR-IOV: 2 virtual functions are enabled "   \
			"(echo 0 > /sys/bus/pci/devices/0000:02:01.0/sriov_numvfs)\n"
#define QEMU_HAS_IT                                                                                \
	"dmaown: group:23: owned: qemu-system-x86 (process 4711) has it (run dmaown release, or "  \
	"end the process that has it)\n"
#define FIRMWARE_NEEDS_IT                                                                          \
	"dmaown: group:9: not supported: firmware needs memory of it, so no user may have it "     \
	"(dmaown show tells more)\n"
#define UNGROUPED                                                                                  \
	"no IOMMU: no IOMMU translates for it, so it has no group (dmaown doctor says why)\n"
#define NOT_A_NAME "' is not a name (write 1 to 63 printable characters, without a blank)\n"
#define NAME_32 "abcdefghijklmnopqrstuvwxyz012345"
#define NO_SIZE "' is not a size (write 512M, 2G, a number of bytes, or unlimited)\n"
#define NO_TIME "' is not a time from 0 to 24h (write 500ms, 5s, 2m, 1h or a number of seconds)\n"
#define GIVEN_STEPS(device, from, group, gap)                                                      \
	"override  " device "    vfio-pci\n"                                                       \
	"unbind    " device "    " from "\n"                                                       \
	"bind      " device "    vfio-pci\n"                                                       \
	"verify    " group "\n"                                                                    \
	"grant     " group gap "root -> root\n"

static const struct row rows[] = {
	{"plan@no-what", ON("laptop") "plan", 2,
	 "dmaown: plan: name a device or a group (dmaown list shows all)\n", NULL},
	{"claim@no-what", ON("laptop") "claim", 2,
	 "dmaown: claim: name a device or a group (dmaown list shows all)\n", NULL},
	{"claim@no-what-for-a-command", HOST "claim -- true", 125,
	 "dmaown: claim: name a device or a group (dmaown list shows all)\n", NULL},
	{"claim@too-many-whats", ON("laptop") "claim $(seq -f group:%g 257)", 2,
	 "dmaown: claim: names more than 256 devices and groups (make several claims)\n", NULL},
	{"plan@no-such-device", HOST "plan 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"claim@no-such-device", HOST "claim 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"claim@no-such-device-in-a-file", ON("laptop") "claim 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"claim@no-such-device-among-others", ON("laptop") "claim 02:00.0 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"claim@no-such-group", HOST "claim group:99", 5,
	 "dmaown: group:99: no such group (dmaown list shows all)\n", NULL},
	{"claim@not-a-group", HOST "claim group:x", 2,
	 "dmaown: group:x: is not a group (write group: and its number, such as group:8)\n", NULL},
	{"claim@sysroot-with-a-machine-file", ON("laptop") "--sysroot . claim group:2", 2,
	 "dmaown: --sysroot: can't be used with a machine file (leave one of them out)\n", NULL},

	{"plan@no-iommu", HOST "plan 00:1f.0", 5, "dmaown: 0000:00:1f.0: " UNGROUPED, NULL},
	{"claim@no-iommu", HOST "claim 00:1f.0", 5, "dmaown: 0000:00:1f.0: " UNGROUPED, NULL},
	{"claim@no-iommu-forced", ON("firmware") "claim --force 07:00.0", 5,
	 "dmaown: 0000:07:00.0: " UNGROUPED, NULL},
	{"claim@no-iommu-on-platform", ON("arm-board") "claim ff000000.serial", 5,
	 "dmaown: ff000000.serial: " UNGROUPED, NULL},
	{"claim@no-iommu-beside-a-group", ON("firmware") "claim --force 07:00.0 03:00.0", 5,
	 "dmaown: 0000:07:00.0: " UNGROUPED FIRMWARE_NEEDS_IT, NULL},

	{"claim@no-such-driver", HOST "claim --driver vfoi-pci 03:00.0", 5,
	 "dmaown: 0000:03:00.0: not supported: no driver vfoi-pci on bus pci (load its module; "
	 "dmaown doctor says more)\n",
	 NULL},
	{"claim@driver-of-the-bus-not-there", ON("arm-board") "claim 2b400000.dma", 5,
	 "dmaown: 2b400000.dma: not supported: no driver vfio-amba on bus amba (load its module; "
	 "dmaown doctor says more)\n",
	 NULL},
	{"claim@native-driver", HOST "claim --driver e1000 03:00.0", 5,
	 "dmaown: 0000:03:00.0: not supported: e1000 is a native driver: it would make the group "
	 "the kernel's (leave --driver out)\n",
	 NULL},
	{"claim@driver-that-gives-nothing", ON("laptop") "claim --driver pci-stub 02:00.0", 5,
	 "dmaown: 0000:02:00.0: not supported: pci-stub gives no device to a user (leave --driver "
	 "out)\n",
	 NULL},
	{"claim@bus-without-a-driver-for-users", ON("arm-board") "claim 50000000.vic", 5,
	 "dmaown: group:3: not supported: nothing in it can be given to a user (dmaown show tells "
	 "more)\n",
	 NULL},
	{"claim@nothing-but-the-machine-itself", ON("laptop") "claim group:3", 5,
	 "dmaown: group:3: not supported: nothing in it can be given to a user (dmaown show tells "
	 "more)\n",
	 NULL},
	{"claim@firmware-regions", ON("firmware") "claim 03:00.0", 5,
	 FIRMWARE_NEEDS_IT "dmaown: 0000:03:00.0: in use: sda1: mounted on /" TAKE("sda1"), NULL},
	{"claim@firmware-regions-forced", ON("firmware") "claim --force 03:00.0", 5,
	 FIRMWARE_NEEDS_IT, NULL},

	{"claim@owned-in-a-file", ON("sriov-nic") "claim 3b:02.2", 4, QEMU_HAS_IT, NULL},
	{"claim@owned-in-a-file-forced", ON("sriov-nic") "claim --force 3b:02.2", 4, QEMU_HAS_IT,
	 NULL},
	{"claim@owned-on-a-host", HOST "claim 04:00.0", 4,
	 "dmaown: group:10: owned: testpmd (process 77) has it (run dmaown release, or end the "
	 "process that has it)\n",
	 NULL},
	{"claim@owned-for-a-command", HOST "claim 04:00.0 -- true", 125,
	 "dmaown: group:10: owned: testpmd (process 77) has it (run dmaown release, or end the "
	 "process that has it)\n",
	 NULL},

	{"plan@in-use", HOST "plan 02:01.0", 3, CARD_USES, NULL},
	{"claim@in-use", HOST "claim 02:01.0", 3, CARD_USES, NULL},
	{"claim@in-use-for-a-command", HOST "claim 02:01.0 -- true", 125, CARD_USES, NULL},
	{"claim@laptop-display", ON("laptop") "claim 01:00.0", 3, LAPTOP_USES, NULL},
	{"claim@laptop-audio-is-its-companion", ON("laptop") "claim 01:00.1", 3, LAPTOP_USES, NULL},
	{"claim@laptop-for-a-command", ON("laptop") "claim --dry-run 01:00.1 -- true", 125,
	 LAPTOP_USES, NULL},
	{"claim@physical-function", ON("sriov-nic") "claim 3b:00.0", 3,
	 "dmaown: 0000:3b:00.0: in use: SR-IOV: 3 virtual functions are enabled "
	 "(echo 0 > /sys/bus/pci/devices/0000:3b:00.0/sriov_numvfs)\n"
	 "dmaown: 0000:3b:00.0: in use: ens1: up, port of bond0" TAKE("ens1"),
	 NULL},
	{"claim@virtual-function-in-use", ON("sriov-nic") "claim 3b:02.1", 3,
	 "dmaown: 0000:3b:02.1: in use: ens1v1: up, 10.0.0.2/24, 2 routes" TAKE("ens1v1"), NULL},
	{"claim@gravest-refusal-decides", ON("sriov-nic") "claim 3b:02.1 3b:02.2", 4,
	 "dmaown: 0000:3b:02.1: in use: ens1v1: up, 10.0.0.2/24, 2 routes" TAKE("ens1v1")
		 QEMU_HAS_IT,
	 NULL},
	{"claim@root-disk-under-lvm", ON("lvm-root") "claim 04:00.0", 3,
	 "dmaown: 0000:04:00.0: in use: nvme0n1p1: mounted on /boot" TAKE(
		 "nvme0n1p1") "dmaown: 0000:04:00.0: in use: nvme0n1p2: mounted on / through dm-0 "
			      "(vg-root), and 1 "
			      "more" TAKE("nvme0n1p2"),
	 NULL},
	{"claim@platform-in-use", ON("arm-board") "claim ff0e0000.ethernet", 3,
	 "dmaown: ff0e0000.ethernet: in use: eth0: up, 192.168.1.20/24, default route" TAKE("eth0"),
	 NULL},
	{"claim@fsl-mc-companion-in-use", ON("fsl-mc") "claim dprc.2", 3,
	 "dmaown: dpni.1: in use: eth1: up, port of br0" TAKE("eth1"), NULL},

	{"claim@no-such-user", HOST "claim --user no-such-user 03:00.0", 2,
	 "dmaown: no-such-user: no such user (--user takes a name or a number)\n", NULL},
	{"claim@user-without-a-name", HOST "claim --user '' 03:00.0", 2,
	 "dmaown: --user: no such user (--user takes a name or a number)\n", NULL},
	{"claim@user-that-means-unchanged", ON("laptop") "claim --user 4294967295 02:00.0", 2,
	 "dmaown: 4294967295: no such user (--user takes a name or a number)\n", NULL},
	{"claim@user-below-zero", HOST "claim --user -5 03:00.0", 2,
	 "dmaown: -5: no such user (--user takes a name or a number)\n", NULL},
	{"claim@no-such-user-for-a-command", HOST "claim --user no-such-user 03:00.0 -- true", 125,
	 "dmaown: no-such-user: no such user (--user takes a name or a number)\n", NULL},
	{"claim@owner-with-a-blank", HOST "claim --owner 'a b' 03:00.0", 2,
	 "dmaown: --owner: 'a b" NOT_A_NAME, NULL},
	{"claim@owner-without-a-name", HOST "claim --owner '' 03:00.0", 2,
	 "dmaown: --owner: '" NOT_A_NAME, NULL},
	{"claim@owner-too-long", HOST "claim --owner " NAME_32 NAME_32 " 03:00.0", 2,
	 "dmaown: --owner: '" NAME_32 NAME_32 NOT_A_NAME, NULL},
	{"claim@owner-for-a-command", HOST "claim --owner 'a b' 03:00.0 -- true", 125,
	 "dmaown: --owner: 'a b" NOT_A_NAME, NULL},
	{"claim@driver-without-a-name", HOST "claim --driver '' 03:00.0", 2,
	 "dmaown: --driver: '" NOT_A_NAME, NULL},
	{"claim@timeout-not-a-number", HOST "claim --timeout soon 03:00.0", 2,
	 "dmaown: --timeout: 'soon" NO_TIME, NULL},
	{"claim@timeout-with-a-unit", HOST "claim --timeout 500ms 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"claim@timeout-unit-of-nothing", HOST "claim --timeout 5x 03:00.0", 2,
	 "dmaown: --timeout: '5x" NO_TIME, NULL},
	{"claim@timeout-below-zero", HOST "claim --timeout -1 03:00.0", 2,
	 "dmaown: --timeout: '-1" NO_TIME, NULL},
	{"claim@timeout-beyond-a-day", HOST "claim --timeout 86401 03:00.0", 2,
	 "dmaown: --timeout: '86401" NO_TIME, NULL},
	{"claim@timeout-empty", HOST "claim --timeout '' 03:00.0", 2,
	 "dmaown: --timeout: '" NO_TIME, NULL},
	{"claim@timeout-for-a-command", HOST "claim --timeout soon 03:00.0 -- true", 125,
	 "dmaown: --timeout: 'soon" NO_TIME, NULL},
	{"claim@argument-missing", HOST "claim 03:00.0 --user", 2,
	 "dmaown: --user: needs an argument\n", NULL},
	{"claim@no-such-option", HOST "claim --frob 03:00.0", 2,
	 "dmaown: --frob: no such option (--help lists them)\n", NULL},

	{"command@none", HOST "claim 03:00.0 --", 125, "dmaown: --: a command must follow it\n",
	 NULL},
	{"claim@memlock-no-size", HOST "claim --memlock 2X 03:00.0 -- true", 125,
	 "dmaown: --memlock: '2X" NO_SIZE, NULL},
	{"claim@memlock-empty", HOST "claim --memlock '' 03:00.0 -- true", 125,
	 "dmaown: --memlock: '" NO_SIZE, NULL},
	{"claim@memlock-negative", HOST "claim --memlock -1 03:00.0 -- true", 125,
	 "dmaown: --memlock: '-1" NO_SIZE, NULL},
	{"claim@memlock-two-units", HOST "claim --memlock 2GB 03:00.0 -- true", 125,
	 "dmaown: --memlock: '2GB" NO_SIZE, NULL},
	{"claim@memlock-too-large", HOST "claim --memlock 16777216T 03:00.0 -- true", 125,
	 "dmaown: --memlock: '16777216T" NO_SIZE, NULL},
	{"claim@memlock-without-a-command", HOST "claim --memlock 2G 03:00.0", 2,
	 "dmaown: --memlock: needs a command (write -- CMD after WHAT)\n", NULL},
	{"claim@pty-without-a-command", HOST "claim --pty 03:00.0", 2,
	 "dmaown: --pty: needs a command (write -- CMD after WHAT)\n", NULL},
	{"claim@new-privs-without-a-command", HOST "claim --user nobody --new-privs 03:00.0", 2,
	 "dmaown: --new-privs: needs a command (write -- CMD after WHAT)\n", NULL},
	{"plan@pty", HOST "plan --pty 03:00.0", 2,
	 "dmaown: --pty: needs a command (write -- CMD after WHAT)\n", NULL},
	{"claim@new-privs-without-a-user", HOST "claim --new-privs 03:00.0 -- true", 125,
	 "dmaown: --new-privs: has an effect only with --user (name a user, or leave it out)\n",
	 NULL},
	{"claim@new-privs-for-root", HOST "claim --user root --new-privs 03:00.0 -- true", 125,
	 "dmaown: --new-privs: root would get all its rights back (leave out --user)\n", NULL},
	{"command@not-the-users",
	 "mkdir -m 700 -p own; cp /bin/true own; " HOST "claim --user nobody 03:00.0 -- own/true",
	 126, "dmaown: own/true: can't be executed (nothing was claimed)\n", NULL},
	{"command@not-in-the-users-path",
	 "PATH=$PWD:$PATH; cp /bin/true mine; " HOST "claim --user nobody 03:00.0 -- mine", 127,
	 "dmaown: mine: no such command (nothing was claimed)\n", NULL},
	{"command@not-in-path", "PATH=/bin:/usr/bin " HOST "claim 03:00.0 -- no-such-command", 127,
	 "dmaown: no-such-command: no such command (nothing was claimed)\n", NULL},
	{"command@not-there", HOST "claim 03:00.0 -- ./none", 127,
	 "dmaown: ./none: no such command (nothing was claimed)\n", NULL},
	{"command@below-a-file", HOST "claim 03:00.0 -- ./not-a-folder/none", 127,
	 "dmaown: ./not-a-folder/none: no such command (nothing was claimed)\n", NULL},
	{"command@not-executable", HOST "claim 03:00.0 -- ./not-a-program", 126,
	 "dmaown: ./not-a-program: can't be executed (nothing was claimed)\n", NULL},
	{"command@a-folder", HOST "claim 03:00.0 -- ./sys", 126,
	 "dmaown: ./sys: can't be executed (nothing was claimed)\n", NULL},
	{"command@not-executable-in-path", "PATH=. " HOST "claim 03:00.0 -- not-a-program", 126,
	 "dmaown: not-a-program: can't be executed (nothing was claimed)\n", NULL},
	{"command@of-a-machine-file", ON("laptop") "claim 02:00.0 -- true", 125,
	 "dmaown: true: a command can't use a group of a machine file (--dry-run shows what a "
	 "claim would do)\n",
	 NULL},
	{"command@no-such-device", HOST "claim 09:00.0 -- true", 125,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"command@no-such-driver", HOST "claim --driver none 03:00.0 -- true", 125,
	 "dmaown: 0000:03:00.0: not supported: no driver none on bus pci (load its module; dmaown "
	 "doctor says more)\n",
	 NULL},
	{"command@no-such-machine-file", "dmaown --machine none claim 02:00.0 -- true", 125,
	 "dmaown: true: a command can't use a group of a machine file (--dry-run shows what a "
	 "claim would do)\n",
	 NULL},
	{"command@no-such-sysroot", "dmaown --sysroot none claim 02:00.0 -- true", 125,
	 "dmaown: none: No such file or directory\n", NULL},

	{"plan@idle-device", HOST "plan 03:00.0", 0, NULL,
	 GIVEN_STEPS("0000:03:00.0", "e1000", "group:9", "         ")},
	{"claim@dry-run", HOST "claim --dry-run 03:00.0", 0, NULL,
	 GIVEN_STEPS("0000:03:00.0", "e1000", "group:9", "         ")},
	{"claim@dry-run-of-a-command-in-a-file", ON("laptop") "claim --dry-run 02:00.0 -- true", 0,
	 NULL, GIVEN_STEPS("0000:02:00.0", "iwlwifi", "group:2", "         ")},
	{"plan@in-use-forced", ON("sriov-nic") "plan --force 3b:02.1", 0,
	 "dmaown: 0000:3b:02.1: takes ens1v1 (up, 10.0.0.2/24, 2 routes)" NETWORK_LOST,
	 GIVEN_STEPS("0000:3b:02.1", "iavf", "group:22", "        ")},
	{"claim@in-use-and-taken-dry-run", ON("sriov-nic") "claim --dry-run --take ens1v1 3b:02.1",
	 0, "dmaown: 0000:3b:02.1: takes ens1v1 (up, 10.0.0.2/24, 2 routes)" NETWORK_LOST,
	 GIVEN_STEPS("0000:3b:02.1", "iavf", "group:22", "        ")},
	{"claim@in-use-forced", ON("laptop") "claim --owner alice --force 01:00.1", 0, LAPTOP_LOST,
	 "group 1 is claimed by alice: /dev/vfio/1\n"
	 "  0000:01:00.0    vfio-pci\n"
	 "  0000:01:00.1    vfio-pci\n"},
	{"claim@idle-disk", ON("lvm-root") "claim --owner alice 05:00.0", 0, NULL,
	 "group 15 is claimed by alice: /dev/vfio/15\n"
	 "  0000:05:00.0    vfio-pci\n"},
	{"claim@idle-virtual-function-for-a-user",
	 ON("sriov-nic") "claim --owner alice --user 12345 3b:02.0", 0, NULL,
	 "group 21 is claimed by alice: /dev/vfio/21 is open to user 12345\n"
	 "  0000:3b:02.0    vfio-pci\n"},
	{"claim@platform", ON("arm-board") "claim --owner alice fd500000.dma", 0, NULL,
	 "group 1 is claimed by alice: /dev/vfio/1\n"
	 "  fd500000.dma    vfio-platform\n"},
	{"claim@name-wider-than-its-column",
	 ON("arm-board") "claim --owner alice --force ff0e0000.ethernet", 0,
	 "dmaown: ff0e0000.ethernet: takes eth0 (up, 192.168.1.20/24, default route)" NETWORK_LOST,
	 "group 0 is claimed by alice: /dev/vfio/0\n"
	 "  ff0e0000.ethernet vfio-platform\n"},
	{"claim@fsl-mc", ON("fsl-mc") "claim --owner alice dprc.3", 0, NULL,
	 "group 6 is claimed by alice: /dev/vfio/6\n"
	 "  dprc.3          vfio-fsl-mc\n"},
	{"claim@quiet", ON("laptop") "-q claim 02:00.0", 0, NULL, NULL},

	{"release@nothing-is-named", HOST "release", 2,
	 "dmaown: release: name devices or groups, --owner NAME, or --all\n", NULL},
	{"release@owner-and-all", HOST "release --owner alice --all", 2,
	 "dmaown: release: name devices or groups, --owner NAME, or --all\n", NULL},
	{"release@device-and-all", HOST "release --all 03:00.0", 2,
	 "dmaown: release: name devices or groups, --owner NAME, or --all\n", NULL},
	{"release@device-and-owner", HOST "release --owner alice 03:00.0", 2,
	 "dmaown: release: name devices or groups, --owner NAME, or --all\n", NULL},
	{"release@not-claimed", HOST "release 03:00.0", 5,
	 "dmaown: group:9: no claim of dmaown has it (dmaown list shows who has it)\n", NULL},
	{"release@claimed-by-another-program", HOST "release group:10", 5,
	 "dmaown: group:10: no claim of dmaown has it (dmaown list shows who has it)\n", NULL},
	{"release@in-a-file", ON("sriov-nic") "release 3b:02.2", 5,
	 "dmaown: group:23: no claim of dmaown has it (dmaown list shows who has it)\n", NULL},
	{"release@no-such-owner", HOST "release --owner carol", 5,
	 "dmaown: carol: has no claim (dmaown claims lists all of them)\n", NULL},
	{"release@no-such-device", HOST "release 09:00.0", 5,
	 "dmaown: 09:00.0: no such device (dmaown list shows all)\n", NULL},
	{"release@device-without-a-group", HOST "release 00:1f.0", 5,
	 "dmaown: 00:1f.0: is in no group, so no claim has it (dmaown doctor says why)\n", NULL},
	{"release@bad-timeout", HOST "release --timeout soon 03:00.0", 2,
	 "dmaown: --timeout: 'soon" NO_TIME, NULL},
	{"release@all-of-none", HOST "release --all", 0, NULL, NULL},
	{"recover@nothing", HOST "recover", 0, NULL, NULL},
	{"recover@operand", HOST "recover group:8", 2,
	 "dmaown: group:8: recover takes no arguments (leave it out)\n", NULL},
	{"recover@bad-timeout", HOST "recover --timeout soon", 2,
	 "dmaown: --timeout: 'soon" NO_TIME, NULL},
};

static void refused(void **state)
{
	const struct row *row = *state;

	assert_int_equal(run(row->command), row->code);
	expect_text("err", row->err);
	expect_text("out", row->out);
	expect_devices_untouched();
	assert_int_equal(run("ls " FOLDER "claim-*"), 2);
}

/* ---- JSON ---- */

struct json_row {
	const char *name, *command;
	int code;
	const char *json, *err; /* err: NULL: nothing */
};

#define STEP(action, group, device, from, to)                                                      \
	"{\"action\": \"" action "\", \"group\": " group ", \"device\": " device                   \
	", \"from\": " from ", \"to\": " to "}"
#define CARD_STEP(action, from, to) STEP(action, "2", "\"0000:02:00.0\"", from, to)

static const struct json_row json_rows[] = {
	{"json@plan", ON("laptop") "--json plan --user 12345 02:00.0", 0,
	 "{\"steps\": [" CARD_STEP("override", "null", "\"vfio-pci\"") "," CARD_STEP(
		 "unbind", "\"iwlwifi\"",
		 "null") "," CARD_STEP("bind", "null",
				       "\"vfio-pci\"") ","
						       "{\"action\": \"verify\", \"group\": 2, "
						       "\"device\": null, \"from\": null, \"to\": "
						       "null},"
						       "{\"action\": \"grant\", \"group\": 2, "
						       "\"device\": null, \"from\": \"root\","
						       " \"to\": \"12345\"}], \"refusals\": [], "
						       "\"losses\": []}",
	 NULL},
	{"json@plan-in-use", ON("sriov-nic") "--json plan 3b:02.1", 3,
	 "{\"steps\": [], \"refusals\": [{\"device\": \"0000:3b:02.1\", \"group\": 22,"
	 " \"kind\": \"in-use\", \"name\": \"ens1v1\","
	 " \"reason\": \"ens1v1: up, 10.0.0.2/24, 2 routes\"}], \"losses\": []}",
	 NULL},
	{"json@plan-owned", ON("sriov-nic") "--json plan group:23", 4,
	 "{\"steps\": [], \"refusals\": [{\"device\": null, \"group\": 23, \"kind\": \"owned\","
	 " \"name\": \"qemu-system-x86\", \"reason\": \"qemu-system-x86 (process 4711) has "
	 "it\"}], \"losses\": []}",
	 NULL},
	{"json@plan-no-iommu", ON("firmware") "--json plan 07:00.0", 5,
	 "{\"steps\": [], \"refusals\": [{\"device\": \"0000:07:00.0\", \"group\": null,"
	 " \"kind\": \"no-iommu\", \"name\": null,"
	 " \"reason\": \"no IOMMU translates for it, so it has no group\"}], \"losses\": []}",
	 NULL},
	{"json@claim-dry-run", ON("firmware") "--json claim --dry-run --force 03:00.0", 5,
	 "{\"steps\": [], \"refusals\": [{\"device\": null, \"group\": 9,"
	 " \"kind\": \"firmware-regions\", \"name\": null,"
	 " \"reason\": \"firmware needs memory of it, so no user may have it\"}], \"losses\": []}",
	 NULL},
	{"json@claim", ON("sriov-nic") "--json claim --owner alice --user 12345 3b:02.0", 0,
	 "{\"owner\": \"alice\", \"user\": \"12345\", \"groups\": [21],"
	 " \"nodes\": [\"/dev/vfio/21\"], \"devices\": [\"0000:3b:02.0\"]}",
	 NULL},
	{"json@claim-for-root", ON("fsl-mc") "--json claim --force --owner bob group:5", 0,
	 "{\"owner\": \"bob\", \"user\": null, \"groups\": [5], \"nodes\": [\"/dev/vfio/5\"],"
	 " \"devices\": [\"dpni.1\", \"dprc.2\"]}",
	 "dmaown: dpni.1: takes eth1 (up, port of br0)" NETWORK_LOST},
	{"json@plan-takes", ON("sriov-nic") "--json plan --take ens1v1 3b:02.1", 0,
	 "{\"steps\": [" STEP("override", "22", "\"0000:3b:02.1\"", "null", "\"vfio-pci\"") "," STEP(
		 "unbind", "22", "\"0000:3b:02.1\"", "\"iavf\"",
		 "null") "," STEP("bind", "22", "\"0000:3b:02.1\"", "null",
				  "\"vfio-pci\"") "," STEP("verify", "22", "null", "null",
							   "null") "," STEP("grant", "22", "null",
									    "\"root\"",
									    "\"root\"") "], "
											"\"refusals"
											"\": [],"
											" \"losses"
											"\": "
											"[{"
											"\"device\""
											": "
											"\"0000:3b:"
											"02.1\", "
											"\"kind\": "
											"\"network"
											"\","
											" \"name\":"
											" \"ens1v1"
											"\", "
											"\"reason\""
											": \"up, "
											"10.0.0.2/"
											"24, 2 "
											"routes\","
											" \"lost\":"
											" \"its "
											"addresses,"
											" routes, "
											"namespace "
											"and place "
											"in other "
											"interfaces"
											" are "
											"lost\"}]}",
	 NULL},
};

static void printed_as_json(void **state)
{
	const struct json_row *row = *state;

	assert_int_equal(run(row->command), row->code);
	expect_text("err", row->err);
	expect_json(row->json);
}

int main(int argc, char **argv)
{
	struct suite suite = {0};

	if (argc != 3)
		return 2;
	setenv("machines", argv[2], 1);
	ADD_ROWS_BETWEEN(&suite, rows, refused, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, json_rows, printed_as_json, empty_folder, NULL);
	return run_commands(&suite, "handover-commands", argv[1]);
}
