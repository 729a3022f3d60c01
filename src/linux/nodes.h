/* SPDX-License-Identifier: MIT */
/*
 * What nodes, and registers in sysfs, belong to.
 *
 * A node is what its number says, whatever it is called and wherever it lies: sysfs has the device
 * of nearly every number, and the few drivers that keep theirs to themselves tell in /proc. In a
 * recorded tree, which may lack its nodes, a name stands for the number.
 */
#ifndef DMAOWN_LINUX_NODES_H
#define DMAOWN_LINUX_NODES_H

#include "processes.h"
#include "uses.h"

enum node_kind {
	NODE_OF_NONE,   /* of no device of the facts */
	NODE_OF_DEVICE, /* of `device` */
	NODE_OF_GROUP,  /* of VFIO: who has it open has `group` */
	NODE_OF_PATHS,  /* of an NVMe disk with several paths: of every controller `way` leads to */
	NODE_OF_DRIVER, /* of all devices of `driver` at once: of those that its user has */
	NODE_OF_HVC,    /* a terminal of a virtual machine's console: of any device with such */
	NODE_OF_KFD,    /* of AMD's GPUs: the kernel tells which ones a process uses */
};

struct node {
	enum node_kind kind;
	struct device_facts *device;
	int group;
	const char *driver;
	char way[300];  /* in sysfs, from the root */
	char name[256]; /* for people: "/dev/nvme0n1" */
	/* By which it is known: of a recorded one the name, of a file of sysfs the inode. */
	char *target;
	mode_t type;
	dev_t number;
	ino_t inode;
};

/* All that were met; zero, with `survey`, is none. */
struct nodes {
	const struct survey *survey;
	struct node **all; /* owned, each */
	size_t count;
	struct registers *registers; /* nodes_registers.c; NULL: not read yet */
	struct nvidia *nvidia;       /* nodes_gpu.c; NULL: not read yet */
};

void nodes_release(struct nodes *nodes);

/* Stores what the descriptor is open on; it lives as long as the nodes. -ENOMEM; what looking
 * gives: it is not known whose it is. */
int nodes_find(struct nodes *nodes, const struct descriptor *descriptor, const struct node **out);

/* Shows the devices that a node is of, for a process that has it open, until `visit` gives
 * something else than 0. A node of a group is of the devices whose mediated device has that. */
int nodes_for_each_device(const struct nodes *nodes, const struct node *node, long pid,
			  int (*visit)(void *context, struct device_facts *device), void *context);

/* ---- for the parts of this ---- */

/* Fills in kind and device of a file of sysfs by its inode. */
int registers_identify(struct nodes *nodes, struct node *node);
void registers_release(struct registers *registers);

/* Whether a name in a device's folder is one of its registers that may be mapped: "resource0",
 * "resource2_wc"; to read "resource" uses nothing. */
bool is_register_file(const char *name);

/* Fills in the node if its number is one of NVIDIA's. */
int nvidia_identify(struct nodes *nodes, struct node *node);

/* The same by what a node in a recorded tree is called, below its folder. */
int nvidia_identify_name(struct nodes *nodes, struct node *node, const char *name);
void nvidia_release(struct nvidia *nvidia);

/* Shows AMD's GPUs that a process uses, all of them if the kernel does not tell. */
int kfd_for_each_device(const struct survey *survey, long pid,
			int (*visit)(void *context, struct device_facts *device), void *context);

#endif
