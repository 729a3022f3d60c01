/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "nodes.h"
#include "array.h"
#include "devices_behind.h"
#include "number.h"
#include "sysfs.h"
#include "uses_console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- by the way to it in sysfs ---- */

/* Cuts the last component off a path and returns it; NULL: there is none. */
static char *cut_last(char *path)
{
	char *last = strrchr(path, '/');

	if (last)
		*last++ = '\0';
	return last;
}

/* The group of the device that has a vfio-dev, if it is one of the facts; a mediated device's
 * belongs to its parent. */
static void identify_vfio_device(const struct nodes *nodes, struct node *node, const char *path)
{
	char device[PATH_MAX];
	const char *address;

	snprintf(device, sizeof(device), "%s", path);
	node->device = device_on_path(nodes->survey, device);
	address = cut_last(device);
	node->kind = node->device ? NODE_OF_DEVICE : NODE_OF_NONE;
	if (!node->device || node->device->group < 0 || !address ||
	    strcmp(address, node->device->address) != 0)
		return;
	node->kind = NODE_OF_GROUP;
	node->group = node->device->group;
}

/* "8", or "noiommu-8". */
static void identify_group(struct node *node, const char *name)
{
	int number = number_after(name, "");

	node->group = number >= 0 ? number : number_after(name, "noiommu-");
	if (node->group >= 0)
		node->kind = NODE_OF_GROUP;
}

/* Some drivers give their nodes no device, but say whose they are. */
static int identify_by_address(const struct nodes *nodes, struct node *node)
{
	char attribute[320], address[64];
	int length;

	snprintf(attribute, sizeof(attribute), "%s/pci_addr", node->way);
	length = sysfs_read_path(nodes->survey->root, attribute, address, sizeof(address));
	if (length < 0)
		return sysfs_unless_absent(length);
	node->device = survey_device(nodes->survey, address);
	if (node->device)
		node->kind = NODE_OF_DEVICE;
	return 0;
}

/* By where a link of sysfs leads that is at node->way. */
static int identify_path(const struct nodes *nodes, struct node *node, const char *whole)
{
	char path[PATH_MAX], *name, *class;

	snprintf(path, sizeof(path), "%s", whole);
	name = cut_last(path);
	class = cut_last(path);
	if (!name || !class)
		return 0;
	if (strstr(whole, "/nvme-subsystem/")) {
		node->kind = NODE_OF_PATHS;
	} else if (strcmp(class, "vfio-dev") == 0) {
		identify_vfio_device(nodes, node, path);
	} else if (strstr(whole, "/virtual/vfio/")) {
		identify_group(node, name);
	} else if (strstr(whole, "/virtual/tty/hvc")) {
		node->kind = NODE_OF_HVC;
	} else if (strstr(whole, "/virtual/kfd/")) {
		node->kind = NODE_OF_KFD;
	} else if (strstr(whole, "/virtual/habanalabs/")) {
		return identify_by_address(nodes, node);
	} else {
		node->device = device_on_path(nodes->survey, whole);
		node->kind = node->device ? NODE_OF_DEVICE : NODE_OF_NONE;
	}
	return 0;
}

/* Reads where a link leads whose folder is given apart: links on the way to that are followed. */
static int read_way(const struct nodes *nodes, const char *folder, const char *name, char *out,
		    size_t size)
{
	int fd = sysfs_open(nodes->survey->root, folder, O_PATH | O_DIRECTORY), err = 0;
	ssize_t length;

	if (fd < 0)
		return fd;
	length = readlinkat(fd, name, out, size - 1);
	if (length < 0)
		err = -errno;
	else
		out[length] = '\0';
	close(fd);
	return err;
}

/* A number that sysfs does not have is nobody's, but of drivers that do without it (nodes_gpu.c).
 */
static int identify_number(struct nodes *nodes, struct node *node)
{
	const char *folder = S_ISBLK(node->type) ? "sys/dev/block" : "sys/dev/char";
	char name[32], whole[PATH_MAX];
	int err;

	snprintf(name, sizeof(name), "%u:%u", major(node->number), minor(node->number));
	snprintf(node->way, sizeof(node->way), "%s/%s", folder, name);
	err = read_way(nodes, folder, name, whole, sizeof(whole));
	if (sysfs_is_absent(err))
		return nvidia_identify(nodes, node);
	return err ? err : identify_path(nodes, node, whole);
}

/* ---- by name, in a recorded tree ---- */

struct named {
	struct nodes *nodes;
	struct node *node;
	const char *name;
};

/* A class that has a device of that name: what its link says is the way to it, or, where the tree
 * has a folder in its place, the link to its device. */
static int look_in_class(void *context, int classes, const char *class)
{
	const struct named *named = context;
	struct node *node = named->node;
	char folder[300], whole[PATH_MAX];
	size_t length;
	int err;

	snprintf(folder, sizeof(folder), "sys/class/%.255s", class);
	snprintf(node->way, sizeof(node->way), "sys/class/%.100s/%.100s", class, named->name);
	err = read_way(named->nodes, folder, named->name, whole, sizeof(whole));
	if (err == -EINVAL) {
		err = read_way(named->nodes, node->way, "device", whole, sizeof(whole));
		length = strlen(whole);
		if (!err)
			snprintf(whole + length, sizeof(whole) - length, "/%s/%s", class,
				 named->name);
	}
	if (err)
		return sysfs_unless_absent(err);
	err = identify_path(named->nodes, node, whole);
	return err ? err : node->kind != NODE_OF_NONE;
}

static int identify_name(struct nodes *nodes, struct node *node, const char *target)
{
	static const char group_node[] = "/vfio/", device_node[] = "/vfio/devices/";
	struct named named = {.nodes = nodes, .node = node};
	const char *at = strstr(target, group_node);
	int err;

	if (at && strncmp(at, device_node, strlen(device_node)) != 0) {
		identify_group(node, at + strlen(group_node));
		return 0;
	}
	named.name = strrchr(target, '/') + 1;
	if (strcmp(named.name, "kfd") == 0) {
		node->kind = NODE_OF_KFD;
		return 0;
	}
	if (strncmp(named.name, "nvidia", strlen("nvidia")) == 0)
		return nvidia_identify_name(nodes, node, named.name);
	err = sysfs_for_each_entry_if_any(nodes->survey->root, "sys/class", look_in_class, &named);
	return err < 0 ? err : 0;
}

/* A file of sysfs, by its path there. */
static int identify_recorded_register(const struct nodes *nodes, struct node *node,
				      const char *target)
{
	int err;

	if (!is_register_file(strrchr(target, '/') + 1))
		return 0;
	err = device_behind(nodes->survey, target + 1, &node->device);
	if (!err && node->device)
		node->kind = NODE_OF_DEVICE;
	return sysfs_unless_absent(err);
}

/* Who can't make nodes makes plain files in dev in their place; elsewhere those are just files. */
static int identify_recorded(struct nodes *nodes, struct node *node, const char *target)
{
	struct stat status;
	int fd, err;

	if (strncmp(target, "/sys/", 5) == 0)
		return identify_recorded_register(nodes, node, target);
	fd = sysfs_open(nodes->survey->root, target, O_PATH);
	if (fd < 0)
		return sysfs_is_absent(fd) ? identify_name(nodes, node, target) : fd;
	err = fstat(fd, &status) ? -errno : 0;
	close(fd);
	if (err)
		return err;
	node->type = status.st_mode & S_IFMT;
	node->number = status.st_rdev;
	if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
		err = identify_number(nodes, node);
	if (err || node->kind != NODE_OF_NONE || !strstr(target, "/dev/"))
		return err;
	return identify_name(nodes, node, target);
}

/* ---- all of them ---- */

/* The name that the kernel gives the node: whoever has it open may call it anything. */
static void name_by_kernel(const struct nodes *nodes, struct node *node)
{
	char path[320], text[512] = "\n";
	const char *name;

	snprintf(path, sizeof(path), "%s/uevent", node->way);
	if (sysfs_read_path(nodes->survey->root, path, text + 1, sizeof(text) - 1) < 0)
		return;
	name = strstr(text, "\nDEVNAME=");
	if (!name)
		return;
	name += strlen("\nDEVNAME=");
	snprintf(node->name, sizeof(node->name), "/dev/%.*s", (int)strcspn(name, "\n"), name);
}

static int identify(struct nodes *nodes, struct node *node, const struct descriptor *descriptor)
{
	int err;

	descriptor_target(descriptor, node->name, sizeof(node->name));
	if (descriptor->target)
		return identify_recorded(nodes, node, descriptor->target);
	if (!S_ISCHR(node->type) && !S_ISBLK(node->type))
		return registers_identify(nodes, node);
	err = identify_number(nodes, node);
	if (!err && node->kind != NODE_OF_NONE)
		name_by_kernel(nodes, node);
	return err;
}

static bool is_same(const struct node *node, const struct descriptor *descriptor)
{
	if (node->target || descriptor->target)
		return node->target && descriptor->target &&
		       strcmp(node->target, descriptor->target) == 0;
	if (node->type != (descriptor->mode & S_IFMT))
		return false;
	return S_ISCHR(node->type) || S_ISBLK(node->type) ? node->number == descriptor->number
							  : node->inode == descriptor->inode;
}

static struct node *new_node(const struct descriptor *descriptor)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->type = descriptor->mode & S_IFMT;
	node->number = descriptor->number;
	node->inode = descriptor->inode;
	node->group = -1;
	if (!descriptor->target)
		return node;
	node->target = strdup(descriptor->target);
	if (node->target)
		return node;
	free(node);
	return NULL;
}

static void free_node(struct node *node)
{
	free(node->target);
	free(node);
}

static int add_node(struct nodes *nodes, const struct descriptor *descriptor,
		    const struct node **out)
{
	struct node **more = array_with_room(nodes->all, nodes->count, sizeof(struct node *)),
		    *node;
	int err;

	if (!more)
		return -ENOMEM;
	nodes->all = more;
	node = new_node(descriptor);
	if (!node)
		return -ENOMEM;
	err = identify(nodes, node, descriptor);
	if (err) {
		free_node(node);
		return err;
	}
	nodes->all[nodes->count++] = node;
	*out = node;
	return 0;
}

/* Most of what is open is what was open a moment ago. */
int nodes_find(struct nodes *nodes, const struct descriptor *descriptor, const struct node **out)
{
	for (size_t i = nodes->count; i > 0; i--) {
		if (is_same(nodes->all[i - 1], descriptor)) {
			*out = nodes->all[i - 1];
			return 0;
		}
	}
	return add_node(nodes, descriptor, out);
}

void nodes_release(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		free_node(nodes->all[i]);
	free(nodes->all);
	registers_release(nodes->registers);
	nvidia_release(nodes->nvidia);
}

/* ---- the devices of a node ---- */

struct visitor {
	const struct survey *survey;
	const struct node *node;
	int (*visit)(void *context, struct device_facts *device);
	void *context;
};

/* A mediated device has a group of its own, and hangs off the device that it is made of. */
static int visit_mediated(void *context, int folder, const char *name)
{
	const struct visitor *visitor = context;
	struct device_facts *device = NULL;
	char path[320], group[32];
	int err, directory;

	snprintf(path, sizeof(path), "sys/bus/mdev/devices/%.255s", name);
	directory = sysfs_open(visitor->survey->root, path, O_PATH | O_DIRECTORY);
	if (directory < 0)
		return sysfs_unless_absent(directory);
	err = sysfs_link_name(directory, "iommu_group", group, sizeof(group));
	close(directory);
	if (err || number_after(group, "") != visitor->node->group)
		return sysfs_unless_absent(err);
	err = device_behind(visitor->survey, path, &device);
	if (err || !device)
		return sysfs_unless_absent(err);
	return visitor->visit(visitor->context, device);
}

static int visit_devices_of_driver(const struct visitor *visitor)
{
	struct facts *facts = visitor->survey->facts;
	int err = 0;

	for (size_t i = 0; i < facts->device_count && !err; i++) {
		struct device_facts *device = &facts->devices[i];

		if (device->driver && strcmp(device->driver, visitor->node->driver) == 0)
			err = visitor->visit(visitor->context, device);
	}
	return err;
}

int nodes_for_each_device(const struct nodes *nodes, const struct node *node, long pid,
			  int (*visit)(void *context, struct device_facts *device), void *context)
{
	struct visitor visitor = {
		.survey = nodes->survey, .node = node, .visit = visit, .context = context};

	switch (node->kind) {
	case NODE_OF_DEVICE:
		return visit(context, node->device);
	case NODE_OF_GROUP:
		return sysfs_for_each_entry_if_any(nodes->survey->root, "sys/bus/mdev/devices",
						   visit_mediated, &visitor);
	case NODE_OF_PATHS:
		return for_each_device_behind(nodes->survey, node->way, visit, context);
	case NODE_OF_DRIVER:
		return visit_devices_of_driver(&visitor);
	case NODE_OF_HVC:
		return for_each_virtio_console(nodes->survey, visit, context);
	case NODE_OF_KFD:
		return kfd_for_each_device(nodes->survey, pid, visit, context);
	case NODE_OF_NONE:
		break;
	}
	return 0;
}
