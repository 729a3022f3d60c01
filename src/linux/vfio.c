/* SPDX-License-Identifier: MIT */
/*
 * A user's hold on a group: /dev/vfio/GROUP, a container of its own, and the devices opened
 * through them.
 *
 * The container is opened with the first claim and kept until the file is closed; it has no address
 * space before SET_IOMMU and none after UNSET_CONTAINER. Errnos are the kernel's. Two rules are
 * ours, for want of a kernel's answer: a device is opened once for each file, so that it has one
 * name; and unmapping where nothing was mapped, which the kernel reports as 0 bytes, is -ENOENT.
 *
 * The memory behind a mapping is ours and lives until the kernel has let it go. Mappings count
 * against RLIMIT_MEMLOCK, unless the process has CAP_IPC_LOCK: beyond it mapping is -ENOMEM.
 */
#define _GNU_SOURCE
#include "vfio.h"
#include "edu.h"
#include "group_nodes.h"
#include "list.h"
#include "sysfs.h"
#include "vfio_mappings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct vfio_file *to_vfio(struct group_file *file)
{
	return (struct vfio_file *)file;
}

/* ioctl(2) that gives 0 or more, or -errno. */
static int control(int fd, unsigned long request, const void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

static void forget_device(struct vfio_device *device)
{
	list_del(&device->entry);
	close(device->fd);
	free(device->address);
	free(device);
}

static void vfio_close(struct group_file *file)
{
	struct vfio_file *vfio = to_vfio(file);
	struct vfio_device *device, *next;

	list_for_each_entry_safe (device, next, &vfio->devices, entry)
		forget_device(device);
	close(vfio->group);
	if (vfio->container >= 0)
		close(vfio->container);
	vfio_forget_mappings(vfio, 0, UINT64_MAX);
	free(vfio);
}

static int vfio_viable(struct group_file *file, bool *viable)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	int err = control(to_vfio(file)->group, VFIO_GROUP_GET_STATUS, &status);

	if (err)
		return err;
	*viable = status.flags & VFIO_GROUP_FLAGS_VIABLE;
	return 0;
}

static int vfio_claim(struct group_file *file)
{
	struct vfio_file *vfio = to_vfio(file);

	if (vfio->container < 0) {
		int container = sysfs_open(vfio->root, "dev/vfio/vfio", O_RDWR);

		if (container < 0)
			return container;
		vfio->container = container;
	}
	return control(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container);
}

/* With its only group the container loses its address space, mappings included. */
static int vfio_release(struct group_file *file)
{
	struct vfio_file *vfio = to_vfio(file);
	int err = control(vfio->group, VFIO_GROUP_UNSET_CONTAINER, NULL);

	if (!err)
		vfio_forget_mappings(vfio, 0, UINT64_MAX);
	return err;
}

static int vfio_attach(struct group_file *file)
{
	struct vfio_file *vfio = to_vfio(file);
	int result;

	if (vfio->container < 0)
		return -EINVAL;
	result = ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	return result < 0 ? -errno : 0;
}

static int vfio_map_fresh(struct group_file *file, uint64_t iova, uint64_t size)
{
	struct vfio_mapping *mapping;

	return vfio_map(to_vfio(file), iova, size, &mapping);
}

static int vfio_unmap_range(struct group_file *file, uint64_t iova, uint64_t size)
{
	return vfio_unmap(to_vfio(file), iova, size);
}

static struct vfio_device *find_device(struct vfio_file *vfio, const char *address)
{
	struct vfio_device *device;

	list_for_each_entry (device, &vfio->devices, entry) {
		if (strcmp(device->address, address) == 0)
			return device;
	}
	return NULL;
}

static int vfio_open_device(struct group_file *file, const char *address)
{
	struct vfio_file *vfio = to_vfio(file);
	struct vfio_device *device;
	int err = -ENOMEM;

	if (find_device(vfio, address))
		return -EBUSY;
	device = malloc(sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->address = strdup(address);
	if (!device->address)
		goto free_device;
	device->fd = control(vfio->group, VFIO_GROUP_GET_DEVICE_FD, address);
	if (device->fd < 0) {
		err = device->fd;
		goto free_address;
	}
	list_add_tail(&device->entry, &vfio->devices);
	return 0;

free_address:
	free(device->address);
free_device:
	free(device);
	return err;
}

static int vfio_close_device(struct group_file *file, const char *address)
{
	struct vfio_device *device = find_device(to_vfio(file), address);

	if (!device)
		return -EINVAL;
	forget_device(device);
	return 0;
}

static int vfio_dma(struct group_file *file, const char *address, enum dma_direction direction,
		    uint64_t iova, uint64_t size, bool *reached)
{
	struct vfio_file *vfio = to_vfio(file);
	struct vfio_device *device = find_device(vfio, address);

	return device ? edu_dma(vfio, device, direction, iova, size, reached) : -EINVAL;
}

static const struct group_file_ops vfio_ops = {
	.close = vfio_close,
	.viable = vfio_viable,
	.claim = vfio_claim,
	.release = vfio_release,
	.attach = vfio_attach,
	.map = vfio_map_fresh,
	.unmap = vfio_unmap_range,
	.open_device = vfio_open_device,
	.close_device = vfio_close_device,
	.dma = vfio_dma,
};

int vfio_open(const struct host *host, int group, struct group_file **out)
{
	struct vfio_file *vfio = malloc(sizeof(*vfio));
	int fd;

	if (!vfio)
		return -ENOMEM;
	fd = host_open_node(host, group);
	if (fd < 0) {
		free(vfio);
		return fd;
	}
	*vfio = (struct vfio_file) {
		.file.ops = &vfio_ops, .root = host->root, .group = fd, .container = -1};
	list_init(&vfio->mappings);
	list_init(&vfio->devices);
	*out = &vfio->file;
	return 0;
}
