/* SPDX-License-Identifier: MIT */
/*
 * What the host tells of uses: the bytes are the files below, one after the other, each ended by a
 * form feed. Whatever they hold, the survey ends without an error, a second one finds as much, and
 * each use has a kind and, each in one line, a name and a reason.
 */
#define _GNU_SOURCE
#include "array.h"
#include "linux_machine.h"
#include "must.h"
#include "tree.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NIC "0000:02:00.0"
#define NVME "0000:03:00.0"
#define DEVICES "sys/devices/pci0000:00/"
#define CONFIG "sys/kernel/config/"
#define DISK DEVICES NVME "/nvme/nvme0/nvme0n1"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {
	"proc/self/mountinfo",
	"proc/swaps",
	"proc/net/route",
	"proc/net/if_inet6",
	"proc/consoles",
	"proc/net/ipv6_route",
	"proc/77/maps",
	"proc/77/comm",
	"sys/devices/virtual/block/dm-0/dm/name",
	DISK "/dev",
	"sys/devices/virtual/block/loop0/loop/backing_file",
	"proc/net/dev",
	"proc/net/packet",
	DEVICES NIC "/net/eth0/ifindex",
	DEVICES NIC "/net/eth0/flags",
	"sys/module/ib_core/parameters/netns_mode",
	"proc/1/mountinfo",
	"proc/20/mountinfo",
	"sys/devices/virtual/block/zram0/backing_dev",
	CONFIG "nvmet/subsystems/x/namespaces/1/device_path",
	CONFIG "target/core/fileio_0/x/info",
	CONFIG "usb_gadget/x/functions/x/lun.0/file",
	DEVICES NIC "/virtio0/mount_tag",
	"proc/iomem",
	"proc/bus/input/devices",
	"proc/crypto",
	"proc/devices",
	"proc/cmdline",
	"sys/class/tty/console/active",
};

static struct tree tree;

static void remove_tree(void)
{
	tree_remove(&tree);
}

static void make_host(void)
{
	tree_make(&tree);
	atexit(remove_tree);
	tree_device(&tree, &(struct tree_device) {.address = NIC, .driver = "ixgbe", .group = 1});
	tree_device(&tree, &(struct tree_device) {.address = NVME, .driver = "nvme", .group = 2});
	tree_text(&tree, DEVICES NIC "/resource0", "");
	tree_text(&tree, DEVICES NIC "/tty/ttyS0/dev", "4:64\n");
	tree_link(&tree, "sys/dev/char/4:64", "../../devices/pci0000:00/" NIC "/tty/ttyS0");
	tree_text(&tree, DEVICES NIC "/net/eth0/flags", "0x1002\n");
	tree_folder(&tree, DEVICES NIC "/infiniband/mlx5_0/ports");
	tree_folder(&tree, DEVICES NIC "/infiniband/.mlx5_0");
	tree_folder(&tree, DEVICES NVME "/nvme/nvme0/net");
	tree_link(&tree, "sys/class/net/eth0", "../../devices/pci0000:00/" NIC "/net/eth0");
	tree_link(&tree, DISK "/holders/dm-0", "x");
	tree_link(&tree, "sys/class/block/nvme0n1",
		  "../../devices/pci0000:00/" NVME "/nvme/nvme0/nvme0n1");
	tree_link(&tree, DEVICES NIC "/virtio0/driver",
		  "../../../../bus/virtio/drivers/9pnet_virtio");
	tree_link(&tree, "sys/bus/virtio/devices/virtio0",
		  "../../../devices/pci0000:00/" NIC "/virtio0");
	tree_text(&tree, CONFIG "nvmet/subsystems/x/namespaces/1/enable", "1");
	tree_text(&tree, CONFIG "target/core/fileio_0/x/enable", "1");
	tree_link(&tree, "sys/class/block/zram0", "../../devices/virtual/block/zram0");
	tree_text(&tree, "sys/devices/virtual/block/dm-0/dev", "254:0\n");
	tree_link(&tree, "sys/class/block/dm-0", "../../devices/virtual/block/dm-0");
	tree_text(&tree, "sys/devices/virtual/block/loop0/dev", "7:0\n");
	tree_link(&tree, "sys/class/block/loop0", "../../devices/virtual/block/loop0");
}

static void write_files(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < COUNT(files); i++) {
		const uint8_t *end = size ? memchr(data, '\f', size) : NULL;
		size_t length = end ? (size_t)(end - data) : size;

		tree_bytes(&tree, files[i], data, length);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
}

/* Returns how many uses there are. */
static size_t check_uses(const struct facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		must(device->uses_known, "somebody looked");
		for (size_t at = 0; at < device->use_count; at++, count++) {
			must(device->uses[at].kind, "a use has a kind");
			must(device->uses[at].name, "and a name");
			must(device->uses[at].reason, "and a reason");
		}
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine *machine;
	struct facts facts;
	size_t count;

	if (!*tree.path)
		make_host();
	write_files(data, size);
	must(linux_machine_open(tree.path, &machine) == 0, "the tree is a host");
	must(machine_glance(machine, &facts) == 0, "its devices are read");
	must(machine_find_uses(machine, &facts) == 0, "the survey ends");
	count = check_uses(&facts);
	must(machine_find_uses(machine, &facts) == 0, "and ends again");
	must(check_uses(&facts) == count, "and finds as much");
	facts_release(&facts);
	machine_close(machine);
	return 0;
}
