/* SPDX-License-Identifier: MIT */
/*
 * What devices are in use for, read from made trees: a laptop whose GPU and its sound are one
 * group, a network card with virtual functions, an NVMe disk, a USB controller, a SATA controller,
 * a serial port on AMBA and network devices on platform and fsl-mc. Each row adds to the idle
 * machine.
 */
#define _GNU_SOURCE
#include "failing_looks.h"
#include "linux_machine.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GPU "0000:01:00.0"
#define SOUND "0000:01:00.1"
#define NIC "0000:02:00.0"
#define NVME "0000:03:00.0"
#define USB "0000:00:14.0"
#define SATA "0000:00:17.0"
#define ROOT "sys/devices/pci0000:00/"

/* A file with its text or, if it begins with "->", a link to what follows that. */
struct file {
	const char *path, *text;
};

struct row {
	const char *name;
	struct file files[16];
	/* "ADDRESS KIND NAME: REASON" of each use, in order, separated by newlines. */
	const char *uses;
};

/* An interface of a device, with its link in class/net, and a block with its number. */
#define NET(device, name, flags)                                                                   \
	{"sys/devices/" device "/net/" name "/flags", flags "\n"},                                 \
	{                                                                                          \
		"sys/class/net/" name, "->../../devices/" device "/net/" name                      \
	}
#define BLOCK(device, way, name, number)                                                           \
	{"sys/devices/" device "/" way name "/dev", number "\n"},                                  \
	{                                                                                          \
		"sys/class/block/" name, "->../../devices/" device "/" way name                    \
	}
#define MOUNT(number, where, source)                                                               \
	"36 35 " number " / " where " rw,noatime shared:1 - ext4 " source " rw\n"
#define LINK(supplier, consumer) "sys/class/devlink/" supplier "--" consumer "/status"
#define ZEROS "00000000000000000000000000000000"
#define ROUTE6(destination, length, interface)                                                     \
	destination " " length " " ZEROS " 00 " ZEROS                                              \
		    " 00000400 00000001 00000000 00000003     " interface "\n"
#define PCI(address) "pci0000:00/" address
#define SDA BLOCK(PCI(SATA), "ata1/host0/target0:0:0/0:0:0:0/block/", "sda", "8:0")
#define NVME_DISK BLOCK(PCI(NVME), "nvme/nvme0/", "nvme0n1", "259:0")
#define NVME_PART BLOCK(PCI(NVME), "nvme/nvme0/nvme0n1/", "nvme0n1p2", "259:2")

static const struct row rows[] = {
	{"idle@nothing-hangs-off-anything", {{NULL, NULL}}, ""},
	{"idle@interface-that-is-down", {NET(PCI(NIC), "eth0", "0x1002")}, ""},
	{"idle@disk-that-is-not-mounted",
	 {NVME_DISK, NVME_PART, {"proc/self/mountinfo", MOUNT("8:1", "/", "/dev/sda1")}},
	 ""},
	{"idle@display-that-is-off",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "connected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "disabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 ""},
	{"idle@connector-without-a-display",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "disconnected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "enabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 ""},
	{"idle@no-virtual-functions", {{ROOT NIC "/sriov_numvfs", "0\n"}}, ""},
	{"idle@interface-of-no-device", {NET("virtual", "lo", "0x9")}, ""},
	{"idle@a-deeper-device-is-not-ours", {NET(PCI(NIC) "/0000:09:00.0", "eth9", "0x1003")}, ""},

	{"network@up", {NET(PCI(NIC), "eth0", "0x1003")}, NIC " network eth0: up\n"},
	{"network@default-route",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {"proc/net/route", "Iface\tDestination\tGateway\n"
			     "eth0\t00000000\t0102000A\neth0\t0002000A\t00000000\n"}},
	 NIC " network eth0: up, default route\n"},
	{"network@routes",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/route", "eth0\t0002000A\t0\neth0\t0003000A\t0\neth1\t00000000\t0\n"}},
	 NIC " network eth0: 2 routes\n"},
	{"network@port-of-a-bond",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/master", "->../../../../virtual/net/bond0"},
	  {ROOT NIC "/net/eth0/upper_bond0", "->../../../../virtual/net/bond0"}},
	 NIC " network eth0: port of bond0\n"},
	{"network@below-a-vlan",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {ROOT NIC "/net/eth0/upper_eth0.100", "->../../../../virtual/net/eth0.100"}},
	 NIC " network eth0: below eth0.100\n"},
	{"network@port-of-a-bridge-with-a-vlan-beside",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {ROOT NIC "/net/eth0/master", "->../../../../virtual/net/br0"},
	  {ROOT NIC "/net/eth0/upper_br0", "->../../../../virtual/net/br0"},
	  {ROOT NIC "/net/eth0/upper_eth0.7", "->../../../../virtual/net/eth0.7"}},
	 NIC " network eth0: up, port of br0, below eth0.7\n"},
	{"network@address-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/if_inet6", "20010db8000000000000000000000001 02 40 00 80     eth0\n"
				"fe800000000000005054000000000001 02 40 20 80     eth0\n"
				"20010db8000000000000000000000002 03 40 00 80     eth1\n"}},
	 NIC " network eth0: 2001:db8::1/64\n"},
	{"network@default-route-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1003"), {"proc/net/ipv6_route", ROUTE6(ZEROS, "00", "eth0")}},
	 NIC " network eth0: up, default route\n"},
	{"network@other-route-of-ipv6",
	 {NET(PCI(NIC), "eth0", "0x1003"),
	  {"proc/net/ipv6_route", ROUTE6("fe800000000000000000000000000000", "40", "eth0")
					  ROUTE6(ZEROS, "00", "lo") ROUTE6(ZEROS, "40", "eth0")}},
	 NIC " network eth0: up\n"},
	{"network@lines-that-are-none",
	 {NET(PCI(NIC), "eth0", "0x1002"),
	  {"proc/net/route", "\neth0\n\teth0\n"},
	  {"proc/net/ipv6_route", "\n0 0 eth0\n" ZEROS " 00 eth0\n"},
	  {"proc/net/if_inet6", "\n20010db8 02 40 00 80 eth0\n20010db8000000000000000000000001\n"}},
	 ""},
	{"network@in-another-namespace",
	 {{ROOT NIC "/net/.empty", ""}},
	 NIC " network net: an interface of it is in another network namespace\n"},
	{"network@on-a-usb-stick",
	 {NET(PCI(USB) "/usb1/1-2/1-2:1.0", "usb0", "0x1003")},
	 USB " network usb0: up\n"},
	{"network@on-platform",
	 {NET("platform/fd000000.ethernet", "end0", "0x1003")},
	 "fd000000.ethernet network end0: up\n"},
	{"network@on-fsl-mc",
	 {NET("platform/80c000000.fsl-mc/dprc.1/dpni.0", "eth4", "0x1003")},
	 "dpni.0 network eth4: up\n"},

	{"storage@mounted",
	 {NVME_DISK, NVME_PART, {"proc/self/mountinfo", MOUNT("259:2", "/", "/dev/nvme0n1p2")}},
	 NVME " storage nvme0n1p2: mounted on /\n"},
	{"storage@mounted-twice",
	 {NVME_DISK,
	  {"proc/self/mountinfo",
	   MOUNT("259:0", "/srv", "/dev/nvme0n1") MOUNT("259:0", "/home", "/dev/nvme0n1")}},
	 NVME " storage nvme0n1: mounted on /srv, and 1 more\n"},
	{"storage@mount-point-with-a-blank",
	 {NVME_DISK, {"proc/self/mountinfo", MOUNT("259:0", "/my\\040disk", "/dev/nvme0n1")}},
	 NVME " storage nvme0n1: mounted on /my disk\n"},
	{"storage@mount-point-of-two-lines",
	 {NVME_DISK, {"proc/self/mountinfo", MOUNT("259:0", "/a\\012b\\033", "/dev/nvme0n1")}},
	 NVME " storage nvme0n1: mounted on /a?b?\n"},
	{"storage@root-under-lvm",
	 {NVME_DISK,
	  NVME_PART,
	  BLOCK("virtual", "block/", "dm-0", "254:0"),
	  {"sys/devices/virtual/block/dm-0/dm/name", "vg-root\n"},
	  {ROOT NVME "/nvme/nvme0/nvme0n1/nvme0n1p2/holders/dm-0", "->x"},
	  {"proc/self/mountinfo", MOUNT("254:0", "/", "/dev/mapper/vg-root")}},
	 NVME " storage nvme0n1p2: mounted on / through dm-0 (vg-root)\n"},
	{"storage@part-of-a-volume-group",
	 {NVME_DISK,
	  BLOCK("virtual", "block/", "dm-0", "254:0"),
	  {"sys/devices/virtual/block/dm-0/dm/name", "vg-data\n"},
	  {ROOT NVME "/nvme/nvme0/nvme0n1/holders/dm-0", "->x"}},
	 NVME " storage nvme0n1: part of dm-0 (vg-data)\n"},
	{"storage@lvm-on-raid",
	 {SDA,
	  BLOCK("virtual", "block/", "md0", "9:0"),
	  BLOCK("virtual", "block/", "dm-1", "254:1"),
	  {ROOT SATA "/ata1/host0/target0:0:0/0:0:0:0/block/sda/holders/md0", "->x"},
	  {"sys/devices/virtual/block/md0/holders/dm-1", "->x"},
	  {"proc/self/mountinfo", MOUNT("254:1", "/var", "/dev/dm-1")}},
	 SATA " storage sda: mounted on /var through md0, dm-1\n"},
	{"storage@swap",
	 {NVME_DISK,
	  NVME_PART,
	  {"proc/swaps", "Filename\tType\tSize\n/dev/nvme0n1p2 partition\t99\t0\t-2\n"}},
	 NVME " storage nvme0n1p2: swap\n"},
	{"storage@swap-on-lvm",
	 {NVME_DISK,
	  BLOCK("virtual", "block/", "dm-2", "254:2"),
	  {ROOT NVME "/nvme/nvme0/nvme0n1/holders/dm-2", "->x"},
	  {"proc/swaps", "Filename\n/dev/dm-2 partition\t99\t0\t-2\n"}},
	 NVME " storage nvme0n1: swap through dm-2\n"},
	{"storage@loop-over-a-disk",
	 {SDA,
	  BLOCK("virtual", "block/", "loop0", "7:0"),
	  {"sys/devices/virtual/block/loop0/loop/backing_file", "/dev/sda\n"},
	  {"proc/self/mountinfo", MOUNT("7:0", "/mnt", "/dev/loop0")}},
	 SATA " storage sda: mounted on /mnt through loop0\n"},
	{"storage@btrfs-has-a-number-of-its-own",
	 {NVME_DISK, {"proc/self/mountinfo", MOUNT("0:45", "/", "/dev/nvme0n1")}},
	 NVME " storage nvme0n1: mounted on /\n"},
	{"storage@second-disk-of-a-btrfs",
	 {SDA, {"sys/fs/btrfs/0a1b/devices/sda/dev", "8:0\n"}},
	 SATA " storage sda: part of a btrfs\n"},
	{"storage@usb-stick",
	 {BLOCK(PCI(USB), "usb1/1-1/1-1:1.0/host3/target3:0:0/3:0:0:0/block/", "sdb", "8:16"),
	  {"proc/self/mountinfo", MOUNT("8:16", "/media/stick", "/dev/sdb")}},
	 USB " storage sdb: mounted on /media/stick\n"},
	{"storage@one-of-several-paths",
	 {BLOCK(PCI(NVME), "nvme/nvme0/", "nvme0c0n1", "259:1"),
	  BLOCK("virtual", "nvme-subsystem/nvme-subsys0/", "nvme0n1", "259:0"),
	  BLOCK("virtual", "nvme-subsystem/nvme-subsys0/nvme0n1/", "nvme0n1p1", "259:3"),
	  {"proc/self/mountinfo", MOUNT("259:3", "/", "/dev/nvme0n1p1")}},
	 NVME " storage nvme0n1p1: mounted on /\n"},
	{"storage@lines-that-are-none",
	 {NVME_DISK,
	  {"proc/self/mountinfo",
	   "\n1 2\n36 35 259:0 / /mnt rw -\n36 35 259:0 / /mnt rw - ext4\n - \n"},
	  {"proc/swaps", "\n\n/dev/\n"}},
	 ""},
	{"storage@holders-in-a-ring",
	 {NVME_DISK,
	  BLOCK("virtual", "block/", "dm-0", "254:0"),
	  {ROOT NVME "/nvme/nvme0/nvme0n1/holders/dm-0", "->x"},
	  {"sys/devices/virtual/block/dm-0/holders/dm-0", "->x"}},
	 NVME " storage nvme0n1: part of dm-0\n"},

	{"display@gpu-shows-a-picture-its-sound-is-idle",
	 {{ROOT GPU "/drm/card0/card0-DP-1/status", "connected\n"},
	  {ROOT GPU "/drm/card0/card0-DP-1/enabled", "enabled\n"},
	  {"sys/class/drm/card0-DP-1", "->../../devices/pci0000:00/" GPU "/drm/card0/card0-DP-1"}},
	 GPU " display card0-DP-1: a display shows a picture\n"},
	{"display@console-on-a-framebuffer",
	 {{"sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n"},
	  {"sys/class/vtconsole/vtcon1/bind", "1\n"},
	  {ROOT GPU "/graphics/fb0/name", "x"},
	  {"sys/class/graphics/fb0", "->../../devices/pci0000:00/" GPU "/graphics/fb0"}},
	 GPU " display fb0: the console is on it\n"},
	{"display@framebuffer-without-a-console",
	 {{"sys/class/vtconsole/vtcon1/name", "(M) frame buffer device\n"},
	  {"sys/class/vtconsole/vtcon1/bind", "0\n"},
	  {ROOT GPU "/graphics/fb0/name", "x"},
	  {"sys/class/graphics/fb0", "->../../devices/pci0000:00/" GPU "/graphics/fb0"}},
	 ""},
	{"console@on-amba",
	 {{"proc/consoles", "ttyAMA0              -W- (EC p a)  204:64\n"
			    "tty0                 -WU (E  p  )    4:1\n"},
	  {"sys/devices/platform/2d000000.serial/tty/ttyAMA0/dev", "204:64\n"},
	  {"sys/dev/char/204:64", "->../../devices/platform/2d000000.serial/tty/ttyAMA0"}},
	 "2d000000.serial console ttyAMA0: the kernel's messages go there\n"},
	{"console@that-is-not-enabled",
	 {{"proc/consoles", "ttyAMA0              -W- ( C p a)  204:64\n"},
	  {"sys/devices/platform/2d000000.serial/tty/ttyAMA0/dev", "204:64\n"},
	  {"sys/dev/char/204:64", "->../../devices/platform/2d000000.serial/tty/ttyAMA0"}},
	 ""},

	{"virtual-functions@one",
	 {{ROOT NIC "/sriov_numvfs", "1\n"}},
	 NIC " virtual-functions SR-IOV: 1 virtual function is enabled\n"},
	{"virtual-functions@several",
	 {{ROOT NIC "/sriov_numvfs", "4\n"}},
	 NIC " virtual-functions SR-IOV: 4 virtual functions are enabled\n"},

	{"supplier@of-another-group",
	 {{LINK("pci:" GPU, "pci:" USB), "active\n"}},
	 GPU " supplier " USB ": depends on it\n"},
	{"supplier@of-what-has-no-group",
	 {{LINK("platform:fd000000.ethernet", "platform:phy"), "active\n"}},
	 "fd000000.ethernet supplier phy: depends on it\n"},
	{"supplier@of-its-own-group", {{LINK("pci:" GPU, "pci:" SOUND), "active\n"}}, ""},
	{"supplier@of-what-has-no-driver", {{LINK("pci:" GPU, "pci:" USB), "available\n"}}, ""},
	{"supplier@names-that-are-none",
	 {{"sys/class/devlink/x/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "/status", "active\n"},
	  {"sys/class/devlink/pci:" GPU "--/status", "active\n"},
	  {LINK("platform:" GPU, "pci:" USB), "active\n"}},
	 ""},

	{"node@resource-mapped",
	 {{ROOT NIC "/resource0", "x"},
	  {"proc/77/comm", "testpmd\n"},
	  {"proc/77/fd/3", "->/" ROOT NIC "/resource0"},
	  {"proc/77/fd/4", "->/" ROOT NIC "/resource0"}},
	 NIC " node /" ROOT NIC "/resource0: open in testpmd (process 77)\n"},
	{"node@resource-still-mapped",
	 {{ROOT NIC "/resource0", "x"},
	  {"proc/77/comm", "testpmd\n"},
	  {"proc/77/maps", "00400000-00401000 r-xp 00000000 08:01 12   /usr/bin/testpmd\n"
			   "7f0a0000-7f0a1000 rw-s 00000000 00:16 9    /" ROOT NIC "/resource0\n"
			   "7f0b0000-7f0b1000 rw-s 00001000 00:16 9    /" ROOT NIC "/resource0\n"
			   "7f0c0000-7f0c1000 rw-p 00000000 00:00 0    [heap]\n"}},
	 NIC " node /" ROOT NIC "/resource0: mapped in testpmd (process 77)\n"},
	{"node@other-mapping-is-none",
	 {{ROOT NIC "/config", "x"},
	  {"proc/77/maps",
	   "7f0a0000-7f0a1000 r--p 0 00:16 9 /" ROOT NIC "/config\n/sys/devices/\n"}},
	 ""},
	{"node@other-attributes-are-none",
	 {{ROOT NIC "/config", "x"}, {"proc/77/fd/3", "->/" ROOT NIC "/config"}},
	 ""},
};

static void make_machine(struct tree *tree)
{
	static const struct tree_device devices[] = {
		{.address = GPU, .driver = "i915", .group = 1},
		{.address = SOUND, .driver = "snd_hda_intel", .group = 1},
		{.address = NIC, .driver = "ixgbe", .group = 2},
		{.address = NVME, .driver = "nvme", .group = 3},
		{.address = USB, .driver = "xhci_hcd", .group = 4},
		{.address = SATA, .driver = "ahci", .group = 5},
		{.bus = "platform",
		 .above = "platform",
		 .address = "fd000000.ethernet",
		 .group = 6},
		{.bus = "fsl-mc",
		 .above = "platform/80c000000.fsl-mc/dprc.1",
		 .address = "dpni.0",
		 .group = 7},
		{.bus = "amba", .above = "platform", .address = "2d000000.serial", .group = 8},
	};

	tree_make(tree);
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
		tree_device(tree, &devices[i]);
}

static void add_file(const struct tree *tree, const struct file *file)
{
	if (strncmp(file->text, "->", 2) == 0)
		tree_link(tree, file->path, file->text + 2);
	else
		tree_text(tree, file->path, file->text);
}

/* Every use, a line each; the caller frees. */
static char *print_uses(const struct facts *facts)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		assert_true(device->uses_known);
		for (size_t at = 0; at < device->use_count; at++)
			fprintf(out, "%s %s %s: %s\n", device->address, device->uses[at].kind,
				device->uses[at].name, device->uses[at].reason);
	}
	fclose(out);
	return text;
}

static void run_row(void **state)
{
	const struct row *row = *state;
	struct machine *machine;
	struct facts facts;
	struct tree tree;
	char *uses;

	make_machine(&tree);
	for (size_t i = 0; i < 16 && row->files[i].path; i++)
		add_file(&tree, &row->files[i]);
	assert_int_equal(linux_machine_open(tree.path, &machine), 0);
	assert_int_equal(machine_glance(machine, &facts), 0);
	assert_int_equal(machine_find_uses(machine, &facts), 0);
	assert_int_equal(machine_find_uses(machine, &facts), 0);
	uses = print_uses(&facts);
	assert_string_equal(uses, row->uses);
	free(uses);
	facts_release(&facts);
	machine_close(machine);
	printf("# %zu look-ups failed, and nothing looked free\n", looks_sweep(tree.path));
	tree_remove(&tree);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(rows) / sizeof(*rows)];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		tests[i] = (struct CMUnitTest) {.name = rows[i].name,
						.test_func = run_row,
						.initial_state = (void *)(uintptr_t)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
