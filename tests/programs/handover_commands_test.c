/* SPDX-License-Identifier: MIT */
/*
 * handover_commands_test DMAOWN MACHINES: what plan, claim, release and recover say and how they
 * exit when they refuse, on the machines in that folder and on a made tree; and what they leave in
 * the journal.
 *
 * The tree has a group whose device carries an interface and virtual functions (8), one that is
 * idle (9), one that another process has open (10), and a device without a group. Nothing of it is
 * a kernel's: what would succeed there can't be seen here, but in the guest.
 */
#define _GNU_SOURCE
#include "rows.h"
#include "tree.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The commands run in the tree, which has a copy of the program. */
static struct tree tree;
static char devices_before[65536];

#define FOLDER "run/dmaown/claims/"

static void make_machine(void)
{
	static const uint8_t config[256];
	const struct tree_device devices[] = {
		{.address = "0000:00:1f.0", .group = -1},
		{.address = "0000:02:01.0", .driver = "e1000", .group = 8},
		{.address = "0000:03:00.0", .driver = "e1000", .override = "\n", .group = 9},
		{.address = "0000:04:00.0", .driver = "vfio-pci", .group = 10},
	};

	tree_make(&tree);
	chmod(tree.path, 0755);
	for (size_t i = 0; i < COUNT(devices); i++) {
		struct tree_device device = devices[i];

		device.config = config;
		device.config_size = sizeof(config);
		tree_device(&tree, &device);
	}
	tree_text(&tree, "sys/devices/pci0000:00/0000:02:01.0/sriov_numvfs", "2\n");
	tree_text(&tree, "sys/devices/pci0000:00/0000:02:01.0/net/eth0/flags", "0x1003\n");
	tree_link(&tree, "sys/class/net/eth0", "../../devices/pci0000:00/0000:02:01.0/net/eth0");
	for (int group = 8; group <= 10; group++)
		tree_group(&tree, group, "DMA\n", "");
	tree_link(&tree, "proc/77/fd/3", "/dev/vfio/10");
	tree_text(&tree, "proc/77/comm", "testpmd\n");
	tree_text(&tree, "proc/sys/kernel/random/boot_id", "this-boot\n");
	tree_text(&tree, "run/keep", "");
	tree_text(&tree, "not-a-program", "");
	tree_text(&tree, "not-a-folder", "as before");
}

/* Runs shell text in the tree, in which dmaown is ours; returns its exit code. */
static int run(const char *text)
{
	char *command;
	int status;

	assert_true(asprintf(&command,
			     "cd '%s' && { "
			     "dmaown() { $prefix ./dmaown.copy \"$@\"; }; "
			     "as_nobody() { prefix=$nobody; \"$@\"; }; %s; } "
			     ">out 2>err </dev/null",
			     tree.path, text) > 0);
	status = system(command);
	free(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_text(const char *file, const char *expected)
{
	char text[65536];

	tree_read(&tree, file, text, sizeof(text));
	assert_string_equal(text, expected ? expected : "");
}

/* All that a handover could change of the devices. */
static void read_devices(char *text, size_t size)
{
	assert_int_equal(run("find sys -type f | sort | while read -r file; do echo \"$file\"; "
			     "cat \"$file\"; done | tr -d '\\0'"),
			 0);
	tree_read(&tree, "out", text, size);
}

static void expect_devices_untouched(void)
{
	char devices[sizeof(devices_before)];

	read_devices(devices, sizeof(devices));
	assert_string_equal(devices, devices_before);
}

/* ---- refusals ---- */

struct row {
	const char *name, *command;
	int code;
	const char *err, *out; /* all of it; NULL: nothing */
};

#define HOST "dmaown --sysroot . "
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

static json_t *read_json(void)
{
	char *path;
	json_t *json;

	assert_true(asprintf(&path, "%s/out", tree.path) > 0);
	json = json_load_file(path, 0, NULL);
	free(path);
	assert_non_null(json);
	return json;
}

/* The keys that scripts depend on, compared in whole so that none is lost. */
static void expect_json(const char *expected)
{
	json_t *wanted = json_loads(expected, 0, NULL), *json = read_json();

	assert_non_null(wanted);
	if (!json_equal(wanted, json)) {
		char text[65536];

		tree_read(&tree, "out", text, sizeof(text));
		fail_msg("not %s but:\n%s", expected, text);
	}
	json_decref(wanted);
	json_decref(json);
}

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

/* ---- records ---- */

/* Of group 9, whose device is on its driver and has no override: all is put back. */
#define RECORD(boot, kept)                                                                         \
	"{\"dmaown-claim\":1,\"boot\":\"" boot "\",\"owner\":\"alice\",\"pid\":4321,\"uid\":0,"    \
	"\"user\":null,\"kept\":" kept ",\"groups\":[{\"id\":9,\"node\":null}],\"devices\":[{"     \
	"\"address\":\"0000:03:00.0\",\"group\":9,\"driver\":\"e1000\","                           \
	"\"driver_override\":null,\"managed_dma\":false,\"treatment\":\"give\","                   \
	"\"to\":\"vfio-pci\"}]}\n"
#define HELD "{\"held\":true}\n"
/* Of group 10, whose device is on the driver that it was given with. */
#define HAD                                                                                        \
	"{\"dmaown-claim\":2,\"boot\":\"this-boot\",\"owner\":\"alice\",\"pid\":4321,\"uid\":0,"   \
	"\"user\":null,\"user_uid\":0,\"kept\":true,\"groups\":[{\"id\":10,\"node\":null}],"       \
	"\"devices\":[{\"address\":\"0000:04:00.0\",\"bus\":\"pci\",\"instance\":0,\"group\":10,"  \
	"\"driver\":\"e1000\",\"driver_override\":null,\"managed_dma\":false,"                     \
	"\"treatment\":\"give\",\"to\":\"vfio-pci\"}]}\n" HELD
#define HAD_FILE FOLDER "claim-10.json"
#define KEPT RECORD("this-boot", "true") HELD
#define RECORD_FILE FOLDER "claim-9.json"

static int empty_folder(void **state)
{
	return run("chmod 755 run; rm -rf run/dmaown && mkdir run/dmaown && mkdir -m 700 " FOLDER);
}

/* Records are their maker's alone. */
static void record_text(const char *path, const char *text)
{
	char *whole;

	tree_text(&tree, path, text);
	assert_true(asprintf(&whole, "%s/%s", tree.path, path) > 0);
	assert_int_equal(chmod(whole, 0600), 0);
	free(whole);
}

static bool exists(const char *path)
{
	char *whole;
	bool found;

	assert_true(asprintf(&whole, "%s/%s", tree.path, path) > 0);
	found = access(whole, F_OK) == 0;
	free(whole);
	return found;
}

/* Damage of any kind leads to the same: a claim is refused, and recover keeps the file. */
static const struct damage {
	const char *name, *text;
} damages[] = {
	{"damaged@empty", ""},
	{"damaged@torn", "{\"dmaown-claim\":1,\"boot\":\"this-bo"},
	{"damaged@no-json", "as before\n"},
	{"damaged@other-format", "{\"dmaown-claim\":3}\n"},
	{"damaged@without-groups",
	 "{\"dmaown-claim\":1,\"boot\":\"this-boot\",\"owner\":\"alice\",\"pid\":1,\"uid\":0,"
	 "\"kept\":true,\"groups\":[],\"devices\":[]}\n"},
	{"damaged@line-after-it", KEPT "held\n"},
};

static void damaged(void **state)
{
	const struct damage *damage = *state;

	record_text(RECORD_FILE, damage->text);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err", "dmaown: claim-9.json: is damaged (dmaown recover sets it aside)\n");
	assert_int_equal(run(HOST "claim 03:00.0 -- true"), 125);
	assert_int_equal(run(HOST "release --all"), 1);
	expect_text("err", "dmaown: claim-9.json: is damaged (dmaown recover sets it aside)\n");
	expect_text(RECORD_FILE, damage->text);
	assert_int_equal(run(HOST "recover"), 7);
	expect_text("err", "dmaown: claim-9.json: is damaged: dmaown keeps it as "
			   "./run/dmaown/claims/claim-9.json.aside-1-this-boo and puts nothing "
			   "back from it\n");
	expect_text("out", NULL);
	expect_text(RECORD_FILE ".aside-1-this-boo", damage->text);
	assert_false(exists(RECORD_FILE));
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-9.json.aside-1-this-boo: was set aside: its devices may not be back "
		"on their drivers (check them, then remove the file from ./run/dmaown/claims)\n");
	assert_int_equal(run("rm " FOLDER "*.aside-*"), 0);
	assert_int_equal(run(HOST "recover"), 0);
	expect_devices_untouched();
}

/* One that was kept aside before is not overwritten by the next. */
static void damaged_again(void **state)
{
	record_text(RECORD_FILE ".aside-1-this-boo", "before");
	record_text(RECORD_FILE ".aside-2-other-bo", "of another boot");
	record_text(RECORD_FILE, "again");
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-9.json.aside-1-this-boo: was set aside: its devices may not be back "
		"on their drivers (check them, then remove the file from ./run/dmaown/claims)\n"
		"dmaown: claim-9.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-9.json.aside-2-this-boo and puts nothing back from "
		"it\n");
	expect_text(RECORD_FILE ".aside-1-this-boo", "before");
	expect_text(RECORD_FILE ".aside-2-this-boo", "again");
}

/* What is no file, and may not be followed or read, is none of ours. */
static void record_that_is_no_file(void **state)
{
	static const char *const making[] = {"mkdir " RECORD_FILE, "mkfifo " RECORD_FILE,
					     "ln -s ../../../not-a-folder " RECORD_FILE};

	for (size_t i = 0; i < COUNT(making); i++) {
		assert_int_equal(empty_folder(state), 0);
		assert_int_equal(run(making[i]), 0);
		assert_int_equal(run(HOST "claim 03:00.0"), 1);
		expect_text("err", "dmaown: claim-9.json: is not root's own file: owner, mode, "
				   "type or links (dmaown recover sets it aside)\n");
		assert_int_equal(run(HOST "recover"), 7);
		assert_int_equal(run("test -e " RECORD_FILE ".aside-1-this-boo -o -h " RECORD_FILE
				     ".aside-1-this-boo"),
				 0);
	}
	expect_text("not-a-folder", "as before");
	expect_devices_untouched();
}

static void record_of_another_boot(void **state)
{
	record_text(RECORD_FILE, RECORD("that-boot", "true") HELD);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is from another boot (dmaown recover drops it)\n");
	assert_int_equal(run(HOST "release 03:00.0"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is from another boot (dmaown recover drops it)\n");
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("err", NULL);
	expect_text(
		"out",
		"claim-9.json: removed: it is of another boot, so there is nothing to put back\n");
	assert_false(exists(RECORD_FILE));
	expect_devices_untouched();
}

static void several_records(void **state)
{
	record_text(FOLDER "claim-8.json", "damaged");
	record_text(RECORD_FILE, RECORD("that-boot", "true") HELD);
	record_text(FOLDER "claim-10.json", "damaged");
	assert_int_equal(run(HOST "recover"), 7);
	expect_text(
		"err",
		"dmaown: claim-8.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-8.json.aside-1-this-boo and puts nothing back from it\n"
		"dmaown: claim-10.json: is damaged: dmaown keeps it as "
		"./run/dmaown/claims/claim-10.json.aside-1-this-boo and puts nothing back from "
		"it\n");
	expect_text(
		"out",
		"claim-9.json: removed: it is of another boot, so there is nothing to put back\n");
}

/* What a process has that stands behind a record; undone by closing it. */
static int stand_behind(const char *record)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path;
	int fd;

	assert_true(asprintf(&path, "%s/%s", tree.path, record) > 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

static void record_with_somebody_behind(void **state)
{
	static const char text[] = RECORD("this-boot", "false");
	int fd;

	record_text(RECORD_FILE, text);
	fd = stand_behind(RECORD_FILE);
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("err", NULL);
	expect_text("out", "claim-9.json: left: alice stands behind it, with a process that dmaown "
			   "can't see\n");
	assert_int_equal(run(HOST "release 03:00.0"), 4);
	expect_text("err", "dmaown: claim-9.json: alice stands behind it, with a process that "
			   "dmaown can't see (end it, or release --force)\n");
	assert_int_equal(run(HOST "release --owner alice"), 4);
	assert_int_equal(run(HOST "release --all"), 0);
	assert_int_equal(run(HOST "claim --force 03:00.0"), 4);
	expect_text("err", "dmaown: group:9: owned: alice has it (run dmaown release, or end the "
			   "process that has it)\n");
	expect_text(RECORD_FILE, text);
	expect_devices_untouched();
	close(fd);
}

/* A claim that can't be ended keeps none of those that come after it. */
static void one_of_several_stays(void **state)
{
	static const char first[] =
		"{\"dmaown-claim\":1,\"boot\":\"this-boot\",\"owner\":\"bob\",\"pid\":4321,\"uid\":"
		"0,"
		"\"user\":null,\"kept\":true,\"groups\":[{\"id\":8,\"node\":null}],\"devices\":[{"
		"\"address\":\"0000:02:01.0\",\"group\":8,\"driver\":\"e1000\","
		"\"driver_override\":null,\"managed_dma\":false,\"treatment\":\"give\","
		"\"to\":\"vfio-pci\"}]}\n" HELD;
	int fd;

	record_text(FOLDER "claim-8.json", first);
	record_text(RECORD_FILE, KEPT);
	fd = stand_behind(FOLDER "claim-8.json");
	assert_int_equal(run(HOST "release --all"), 4);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists(RECORD_FILE));
	expect_text(FOLDER "claim-8.json", first);
	close(fd);
}

static void record_that_is_kept(void **state)
{
	record_text(HAD_FILE, HAD);
	assert_int_equal(run(HOST "recover"), 0);
	expect_text("out", "claim-10.json: left: kept by alice\n");
	assert_int_equal(run(HOST "claim 04:00.0"), 4);
	expect_text("err", "dmaown: group:10: owned: alice has it (run dmaown release, or end the "
			   "process that has it)\n");
	assert_int_equal(run(HOST "claim --owner alice 04:00.0 -- true"), 125);
	assert_int_equal(run(HOST "release 02:01.0 04:00.0"), 5);
	expect_text("err",
		    "dmaown: group:8: no claim of dmaown has it (dmaown list shows who has it)\n");
	assert_int_equal(run(HOST "release --owner carol"), 5);
	expect_text(HAD_FILE, HAD);
	expect_devices_untouched();
}

static void same_owner_is_told(void **state)
{
	record_text(HAD_FILE, HAD);
	assert_int_equal(run(HOST "claim --owner alice 04:00.0"), 0);
	expect_text("err", NULL);
	expect_text("out", "group 10 is claimed by alice: /dev/vfio/10\n"
			   "  0000:04:00.0    vfio-pci\n");
	assert_int_equal(run(HOST "claim --owner alice 04:00.0 02:01.0"), 4);
	expect_text(HAD_FILE, HAD);
	expect_devices_untouched();
}

static void tells_of_claims(void **state)
{
	assert_int_equal(run(HOST "claims"), 0);
	expect_text("out", NULL);
	record_text(HAD_FILE, HAD);
	record_text(RECORD_FILE, KEPT);
	record_text(FOLDER "claim-7.json", "damaged");
	record_text(FOLDER "claim-9.3.json", RECORD("that-boot", "true") HELD);
	record_text(FOLDER "claim-9.2.json", RECORD("this-boot", "false"));
	assert_int_equal(run(HOST "claims"), 0);
	expect_text("err", NULL);
	expect_text("out", "claim-7.json: damaged\n"
			   "claim-9.2.json: abandoned: alice has group 9\n"
			   "claim-9.3.json: of another boot: alice has group 9\n"
			   "claim-9.json: broken: alice has group 9\n"
			   "  0000:03:00.0: is on e1000 instead of vfio-pci\n"
			   "claim-10.json: kept: alice has group 10\n");
	assert_int_equal(run(HOST "claims all"), 2);
}

static void tells_of_claims_in_json(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run(HOST "--json claims"), 0);
	expect_json("{\"claims\":[{\"record\":\"claim-9.json\",\"state\":\"broken\",\"owner\":"
		    "\"alice\","
		    "\"user\":null,\"kept\":true,\"groups\":[9],\"devices\":[\"0000:03:00.0\"],"
		    "\"lost\":[{\"device\":\"0000:03:00.0\",\"reason\":\"is on e1000 instead of "
		    "vfio-pci\"}]}]}");
}

static void list_tells_of_a_broken_claim(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run(HOST "list 03:00.0"), 0);
	expect_text("err",
		    "dmaown: 0000:03:00.0: is on e1000 instead of vfio-pci: the claim of alice is "
		    "broken\n");
}

/* By an older version, which had it in the state folder itself. */
static void record_of_an_older_version(void **state)
{
	record_text("run/dmaown/claim-9.json", KEPT);
	assert_int_equal(run(HOST "release --owner alice"), 0);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists("run/dmaown/claim-9.json"));
}

/* Without a folder for locks nothing is done, and that is no success. */
static void no_folder_for_locks(void **state)
{
	assert_int_equal(run("mkdir -m 700 -p state/claims && mv run run-away"), 0);
	record_text("state/claims/claim-9.json", KEPT);
	setenv("DMAOWN_RUNTIME_DIR", "state", 1);
	assert_int_equal(run(HOST "release --owner alice"), 1);
	assert_int_equal(run(HOST "claim 02:01.0"), 1);
	expect_text("err",
		    "dmaown: claim: its groups can't be locked: there is no folder for their "
		    "locks (make the one around it)\n");
	record_text("state/claims/claim-9.json", "damaged");
	assert_int_equal(run(HOST "recover"), 1);
	assert_true(exists("state/claims/claim-9.json"));
	unsetenv("DMAOWN_RUNTIME_DIR");
	assert_int_equal(run("rm -r state && mv run-away run"), 0);
}

/* Not another boot: nothing is dropped. */
static void boot_that_can_not_be_read(void **state)
{
	record_text(RECORD_FILE, KEPT);
	assert_int_equal(run("mv proc/sys/kernel/random/boot_id was"), 0);
	assert_int_equal(run(HOST "recover"), 1);
	expect_text("err",
		    "dmaown: claim-9.json: is of a boot that can't be compared with this one "
		    "(/proc/sys/kernel/random/boot_id must be readable)\n");
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	assert_int_equal(run("rm " RECORD_FILE), 0);
	assert_int_equal(run(HOST "claim 03:00.0"), 1);
	expect_text("err", "dmaown: claim: dmaown can't tell this boot from another "
			   "(/proc/sys/kernel/random/boot_id must be readable)\n");
	assert_int_equal(run("mv was proc/sys/kernel/random/boot_id"), 0);
}

/* A record that nobody stands behind, each way of asking for its end. */
static const struct ended {
	const char *name, *record, *command;
	bool broken; /* it was complete, and has lost its device to its driver */
} ended[] = {
	{"ended@recover-what-is-abandoned", RECORD("this-boot", "false") HELD, "recover", true},
	{"ended@recover-what-was-not-completed", RECORD("this-boot", "true"), "recover", false},
	{"ended@release-device", KEPT, "release 03:00.0", true},
	{"ended@release-group", KEPT, "release group:9", true},
	{"ended@release-owner", KEPT, "release --owner alice", true},
	{"ended@release-all", KEPT, "release --all", true},
};

static void ends(void **state)
{
	const struct ended *row = *state;
	char *command;

	record_text(RECORD_FILE, row->record);
	assert_true(asprintf(&command, HOST "%s", row->command) > 0);
	assert_int_equal(run(command), 0);
	free(command);
	expect_text("err", row->broken
				   ? "dmaown: 0000:03:00.0: is on e1000 instead of vfio-pci: the "
				     "claim of alice is broken\n"
				   : NULL);
	expect_text("out", "0000:03:00.0: back on e1000\n");
	assert_false(exists(RECORD_FILE));
}

/* ---- the state folder ---- */

#define DOCTOR " (dmaown doctor says what to do)\n"

/* A claim that can't be recorded is none, and what would read the records says why it can't. */
static const struct folder {
	const char *name;
	const char *setting; /* made before, and what the commands run with */
	const char *command;
	int code;
	const char *err;
} folders[] = {
	{"folder@is-a-file", "export DMAOWN_RUNTIME_DIR=not-a-folder", HOST "claim 03:00.0", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-command", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "claim 03:00.0 -- true", 125,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-plan", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "plan 03:00.0", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-a-release", "export DMAOWN_RUNTIME_DIR=not-a-folder",
	 HOST "release --all", 1,
	 "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@is-a-file-for-recover", "export DMAOWN_RUNTIME_DIR=not-a-folder", HOST "recover",
	 1, "dmaown: ./not-a-folder: its records can't be read: Not a directory" DOCTOR},
	{"folder@in-none", "export DMAOWN_RUNTIME_DIR=none/a", HOST "claim 03:00.0", 1,
	 "dmaown: ./none/a: can't be written: No such file or directory" DOCTOR},
	{"folder@not-writable", "chmod 555 run/dmaown", "as_nobody " HOST "claim 03:00.0", 6,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
	{"folder@not-writable-for-a-command", "chmod 555 run/dmaown",
	 "as_nobody " HOST "claim 03:00.0 -- true", 125,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
	{"folder@not-readable", "chmod 0 run/dmaown", "as_nobody " HOST "release --all", 6,
	 "dmaown: ./run/dmaown: its records can't be read: Permission denied" DOCTOR},
	{"folder@can-not-be-made", "rm -r run/dmaown; chmod 555 run",
	 "as_nobody " HOST "claim 03:00.0", 6,
	 "dmaown: ./run/dmaown: can't be written: Permission denied" DOCTOR},
};

static void folder(void **state)
{
	const struct folder *row = *state;
	char *command;

	assert_true(asprintf(&command, "%s; %s", row->setting, row->command) > 0);
	assert_int_equal(run(command), row->code);
	free(command);
	expect_text("err", row->err);
	expect_text("out", NULL);
	expect_text("not-a-folder", "as before");
	expect_devices_untouched();
}

/* ---- all of them ---- */

static int run_all(void)
{
	static const struct CMUnitTest single[] = {
		{"damaged@again", damaged_again, empty_folder, NULL, NULL},
		{"damaged@no-file", record_that_is_no_file, empty_folder, NULL, NULL},
		{"record@of-another-boot", record_of_another_boot, empty_folder, NULL, NULL},
		{"record@several", several_records, empty_folder, NULL, NULL},
		{"record@with-somebody-behind", record_with_somebody_behind, empty_folder, NULL,
		 NULL},
		{"record@one-of-several-stays", one_of_several_stays, empty_folder, NULL, NULL},
		{"record@that-is-kept", record_that_is_kept, empty_folder, NULL, NULL},
		{"record@same-owner-is-told", same_owner_is_told, empty_folder, NULL, NULL},
		{"record@of-an-older-version", record_of_an_older_version, empty_folder, NULL,
		 NULL},
		{"record@no-folder-for-locks", no_folder_for_locks, empty_folder, NULL, NULL},
		{"record@boot-not-readable", boot_that_can_not_be_read, empty_folder, NULL, NULL},
		{"claims@each-state", tells_of_claims, empty_folder, NULL, NULL},
		{"claims@json", tells_of_claims_in_json, empty_folder, NULL, NULL},
		{"claims@list-tells-of-a-broken-one", list_tells_of_a_broken_claim, empty_folder,
		 NULL, NULL},
	};
	struct suite suite = {0};

	read_devices(devices_before, sizeof(devices_before));
	ADD_ROWS_BETWEEN(&suite, rows, refused, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, json_rows, printed_as_json, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, damages, damaged, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, ended, ends, empty_folder, NULL);
	ADD_ROWS_BETWEEN(&suite, folders, folder, empty_folder, NULL);
	ADD_TESTS(&suite, single);
	return suite_run(&suite, "handover-commands");
}

/* A user who can't get at the program where it is built gets at a copy. */
static int copy_program(const char *program)
{
	char command[4096];

	snprintf(command, sizeof(command), "cp '%s' '%s/dmaown.copy'", program, tree.path);
	return system(command);
}

int main(int argc, char **argv)
{
	int failed;

	if (argc != 3)
		return 2;
	setenv("machines", argv[2], 1);
	setenv("nobody", getuid() == 0 ? "setpriv --reuid 65534 --clear-groups" : "", 1);
	unsetenv("DMAOWN_RUNTIME_DIR");
	make_machine();
	failed = copy_program(argv[1]) || run_all();
	tree_remove(&tree);
	return failed;
}
