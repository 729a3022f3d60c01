/* SPDX-License-Identifier: MIT */
/* Disks and functions as uses of devices. */
#include "uses_rows.h"

/* A block with its number, and its link in class/block. */
#define BLOCK(device, way, name, number)                                                           \
	{"sys/devices/" device "/" way name "/dev", number "\n"},                                  \
	{                                                                                          \
		"sys/class/block/" name, "->../../devices/" device "/" way name                    \
	}
#define MOUNT(number, where, source)                                                               \
	"36 35 " number " / " where " rw,noatime shared:1 - ext4 " source " rw\n"
#define LINK(supplier, consumer) "sys/class/devlink/" supplier "--" consumer "/status"
#define SDA BLOCK(PCI(SATA), "ata1/host0/target0:0:0/0:0:0:0/block/", "sda", "8:0")
#define NVME_DISK BLOCK(PCI(NVME), "nvme/nvme0/", "nvme0n1", "259:0")
#define NVME_PART BLOCK(PCI(NVME), "nvme/nvme0/nvme0n1/", "nvme0n1p2", "259:2")

static const struct uses_row rows[] = {
	{"idle@nothing-hangs-off-anything", {{NULL, NULL}}, ""},
	{"idle@disk-that-is-not-mounted",
	 {NVME_DISK, NVME_PART, {"proc/self/mountinfo", MOUNT("8:1", "/", "/dev/sda1")}},
	 ""},
	{"idle@no-virtual-functions", {{ROOT NIC "/sriov_numvfs", "0\n"}}, ""},

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
};

int main(void)
{
	return uses_run(rows, sizeof(rows) / sizeof(*rows));
}
