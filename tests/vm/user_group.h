/* SPDX-License-Identifier: MIT */
/* How a user's program has a group: it joins a container, which gets an IOMMU of type 1. */
#ifndef DMAOWN_TESTS_VM_USER_GROUP_H
#define DMAOWN_TESTS_VM_USER_GROUP_H

#include <err.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

static inline int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* Opens the node into *group and returns the container, or ends the program. */
static inline int open_user_group(const char *node, int *group)
{
	int container = open_file("/dev/vfio/vfio");

	*group = open_file(node);
	if (ioctl(*group, VFIO_GROUP_SET_CONTAINER, &container) != 0)
		err(1, "%s does not join a container", node);
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		err(1, "the container gets no IOMMU of type 1");
	return container;
}

#endif
