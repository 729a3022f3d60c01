/* SPDX-License-Identifier: MIT */
/*
 * make_tree DIRECTORY DEVICES: makes a root directory with so many PCI devices, as `dmaown
 * --sysroot` reads it. Every fourth device is a root port with a group of its own; the three below
 * it, a network card and two disks, share one. DIRECTORY must not exist.
 */
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>

enum { PORTS_IN_SEGMENT = 0x20 * 8 / 2 };

static void make_port(const struct tree *tree, int number)
{
	static const char *const drivers[] = {"e1000e", "nvme", "nvme"};
	static const char *const aliases[] = {
		"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00",
		"pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02",
		"pci:v000015B7d00005006sv000015B7sd00005006bc01sc08i02",
	};
	int segment = number / PORTS_IN_SEGMENT, place = number % PORTS_IN_SEGMENT;
	char port[32], address[32], above[64];

	snprintf(port, sizeof(port), "%04x:00:%02x.%x", segment, place / 4, place % 4);
	snprintf(above, sizeof(above), "pci%04x:00", segment);
	tree_device(tree,
		    &(struct tree_device) {.address = port,
					   .above = above,
					   .modalias = "pci:v00008086d0000A110sv*sd*bc06sc04i00",
					   .driver = "pcieport",
					   .group = 2 * number});
	snprintf(above, sizeof(above), "pci%04x:00/%s", segment, port);
	for (int i = 0; i < 3; i++) {
		snprintf(address, sizeof(address), "%04x:%02x:00.%x", segment, place + 1, i);
		tree_device(tree, &(struct tree_device) {.address = address,
							 .above = above,
							 .modalias = aliases[i],
							 .driver = drivers[i],
							 .group = 2 * number + 1});
	}
	tree_group(tree, 2 * number, "DMA-FQ\n", "");
	tree_group(tree, 2 * number + 1, "DMA-FQ\n", "");
}

int main(int argc, char **argv)
{
	struct tree tree;

	if (argc != 3) {
		fprintf(stderr, "usage: make_tree DIRECTORY DEVICES\n");
		return 2;
	}
	tree_make_at(&tree, argv[1]);
	for (int i = 0; i < atoi(argv[2]) / 4; i++)
		make_port(&tree, i);
	return 0;
}
